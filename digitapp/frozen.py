"""What differs in the built program, which brings its own Python and libraries."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

IS_FROZEN = bool(getattr(sys, "frozen", False))
"""Whether this is the built program."""

PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Where PyInstaller's loader lets programs search for libraries: it keeps the old one as *_ORIG."""


@contextmanager
def for_others() -> Iterator[None]:
    """The environment as it was before, for a program of the system that starts in the block.

    With ours it would load our libraries in place of its own, and might not start.
    """
    before = {name: os.environ.get(name) for name in PATHS}
    if IS_FROZEN:
        for name in PATHS:
            _set(name, os.environ.get(f"{name}_ORIG"))
    try:
        yield
    finally:
        for name, text in before.items():
            _set(name, text)


def _set(name: str, text: str | None) -> None:
    if text is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = text
