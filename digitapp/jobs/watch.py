"""Pictures that come into folders.

The folders are looked through again and again. What the system tells of changes does not reach it
from a network drive, where scanners put their files.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from digitapp import files

LOOK_S = 1.0
"""Time from one look to the next, in seconds."""

SETTLED_S = 2.0
"""A file that has not changed for so long is whole, in seconds."""

State = tuple[int, int]
"""A file's size in bytes, and when it was changed, in nanoseconds."""


def arrivals(
    folders: Sequence[Path], pause: Callable[[float], None] = time.sleep
) -> Iterator[list[Path]]:
    """The pictures in folders, then those that come or change, as soon as they are whole.

    It has no end; each look that finds something gives a list, sorted.
    """
    before: dict[Path, State] = {}
    given: dict[Path, State] = {}
    while True:
        now = {path: state for folder in folders for path, state in _states(folder)}
        whole = [
            path
            for path, state in now.items()
            if given.get(path) != state and (before.get(path) == state or _is_old(state))
        ]
        given |= {path: now[path] for path in whole}  # what is away for a while is not new later
        before = now
        if whole:
            yield whole
        pause(LOOK_S)


def _states(folder: Path) -> Iterator[tuple[Path, State]]:
    """The pictures of a folder, none if it is away for a while."""
    for path in files.pictures(folder):
        try:
            found = os.stat(path)  # noqa: PTH116 (as quick as it gets, for thousands)
        except OSError:
            continue
        if path != folder:
            yield path, (found.st_size, found.st_mtime_ns)


def _is_old(state: State) -> bool:
    return time.time() - state[1] / 1e9 > SETTLED_S
