"""The networks' files: only those that were released with the program are loaded."""

import hashlib
import json

from digitapp.errors import Unavailable
from digitapp.paths import asset

FACTS = "digits.json"
"""The model card's facts, which hold each file's SHA-256."""


def content(name: str) -> bytes:
    """A network's file.

    Raises:
        FileNotFoundError: it is missing.
        Unavailable: it is damaged, or the list of hashes is. A damaged network says wrong digits.
    """
    found = asset(name).read_bytes()
    if hashlib.sha256(found).hexdigest() != released(name):
        raise Unavailable(f"The file {name} is damaged. Install digitapp again.")
    return found


def released(name: str) -> str:
    """The SHA-256 that the file should have."""
    try:
        return str(json.loads(asset(FACTS).read_bytes())["files"][name]["sha256"])
    except (ValueError, LookupError, TypeError):
        raise Unavailable(f"The file {FACTS} is damaged. Install digitapp again.") from None
