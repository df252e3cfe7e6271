"""A file that sends the browser to an address which must not stand in the browser's arguments.

Every user of a machine can read the arguments of its programs. So the browser is started with the
path of a file that only its owner can read, in a folder that only the owner can enter. Jupyter does
the same.
"""

import html
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from digitapp.web.tickets import LIFE_S

NAME, ENDING = "open-", ".html"
"""How the files' names begin and end."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>digitapp</title>
<script>location.replace({script})</script>
<p><a href="{link}">Open digitapp</a></p>
"""


def new(folder: Path) -> Path:
    """A path for a file in the owner's folder; files that nobody came for are removed."""
    for old in folder.glob(f"{NAME}*{ENDING}"):
        with suppress(OSError):
            if old.stat().st_mtime < time.time() - LIFE_S:
                old.unlink()
    return folder / f"{NAME}{secrets.token_hex(16)}{ENDING}"


def write(path: Path, address: str) -> None:
    """Make the file. It sends a browser to the address.

    Raises:
        OSError: it cannot be made, or is there already.
    """
    script = json.dumps(address).replace("<", "\\u003c")
    page = PAGE.format(script=script, link=html.escape(address))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(page)
