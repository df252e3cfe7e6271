"""From the paths that people give to the bytes of pictures, and to names that can be shown."""

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from digitapp.config import MAX_BODY
from digitapp.errors import BadRequest, NotFound, TooLarge, UnreadableImage
from digitapp.formats import ENDINGS


def pictures(path: Path) -> list[Path]:
    """A path's pictures: the file itself, or all pictures in the folder and its subfolders.

    They are sorted, and hidden ones are left out. A folder that has none or can't be listed stands
    for itself, so that `read` says so.
    """
    if not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where a parent is locked)
        return [path]
    return sorted(walked(path)) or [path]


def walked(path: Path) -> Iterator[Path]:
    """The pictures in a folder and its subfolders, sorted in each, with no list of all of them.

    Hidden ones are left out. A folder that can't be listed stands for itself.
    """
    locked: list[Path] = []
    for folder, subfolders, names in os.walk(
        path, onerror=lambda e: locked.append(Path(e.filename))
    ):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        files = [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
        yield from (file for file in files if file.suffix.lower() in ENDINGS)
        yield from locked
        locked.clear()
    yield from locked


def expanded(word: str) -> list[Path]:
    """The paths that a word on the command line stands for: itself, or what fits a pattern.

    Some shells leave patterns to the program. A pattern that nothing fits stands for itself.
    """
    if any(char in word for char in "*?[") and not os.path.lexists(word):
        fitting = sorted(glob.glob(word, recursive=True))  # noqa: PTH207 (Path has no such folders)
        return [Path(each) for each in fitting] or [Path(word)]
    return [Path(word)]


def listed(manifest: TextIO) -> list[str]:
    """The names in a list of files, one a line, or with zero bytes between them.

    Empty lines count for nothing.
    """
    text = manifest.read()
    names = text.split("\0") if "\0" in text else text.split("\n")
    return [name for each in names if (name := each.rstrip("\r\n"))]


def filled(data: bytes) -> bytes:
    """The same bytes.

    Raises:
        BadRequest: there are none. It speaks of a file, as `decode` speaks of a request.
    """
    if not data:
        raise BadRequest("The file is empty.")
    return data


def read(path: Path) -> bytes:
    """A file's bytes. No more than MAX_BODY + 1 of them are ever in memory.

    Raises:
        NotFound: there is no such file, or it is a folder without pictures.
        TooLarge: it has more than MAX_BODY bytes.
        UnreadableImage: the system does not let us read it, or it is a pipe or a device.
    """
    try:
        if path.is_dir():
            raise NotFound("There is no picture in this folder that can be read.")
        with _opened(path) as file:
            return read_bounded(file)
    except (FileNotFoundError, ValueError):  # a name that no file can have
        raise NotFound("There is no such file.") from None
    except OSError as error:
        raise UnreadableImage(f"The file cannot be read: {error.strerror}.") from error


def _opened(path: Path) -> BinaryIO:
    """A regular file, open. Nothing else is waited for: the other end of a pipe may never write."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        # What is open is asked, not the name: that may be another file a moment later.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableImage("This is a pipe or a device. Give files that hold pictures.")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bounded(stream: BinaryIO) -> bytes:
    """All bytes of a stream.

    Raises:
        TooLarge: there are more than MAX_BODY.
    """
    data = stream.read(MAX_BODY + 1)
    if len(data) > MAX_BODY:
        raise TooLarge
    return data


def printable(text: str) -> str:
    """A name, or any other text, as one line that cannot give commands to the terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
