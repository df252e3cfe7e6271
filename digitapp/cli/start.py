"""The program's first module: it starts what takes long before the command line itself loads."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress

from digitapp import __version__

HERE = ("--engine", "--stages", "--help", "-h")
"""Beginnings of the words with which `recognize` reads in its own process, or not at all."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, `argv` without the program's name; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        with suppress(OSError):  # a full disk or a closed pipe: the command line tells it
            print(f"digitapp {__version__}", flush=True)  # as it does, 30 ms sooner
            return 0
    with _reader() if _is_reading(words) else nullcontext():
        from digitapp.cli import main as command_line

        return command_line.main(words)


def _is_reading(words: Sequence[str]) -> bool:
    """Whether a process will read the pictures."""
    return words[:1] == ["recognize"] and not any(word.startswith(HERE) for word in words)


def _reader() -> AbstractContextManager[None]:
    from digitapp.jobs import fork

    return fork.ahead()
