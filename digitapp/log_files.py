"""The files of the log: of bounded size, of one program each, in lines that nobody can forge.

They are a module of their own because only a program that keeps a log needs them: the standard
library's rotating files take 5 ms to load, in the processes that read pictures too.
"""

import copy
import errno
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from digitapp.files import printable

MAX_FILE, KEPT = 1_000_000, 3
"""Bytes at which a file is rotated, and how many rotated ones are kept."""

SIDE_BY_SIDE = 9
"""Programs of one kind that may each have a log at the same time."""

MAX_LINE, MAX_LINES = 1_000, 200
"""Most characters of a line, and most further lines of an entry, which keeps its last ones."""


class Lines(logging.Formatter):
    """Entries of harmless lines: the first has the time, the others are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry's text, without the last line break."""
        if record.exc_text:  # what another formatter left in the record
            record = copy.copy(record)
            record.exc_text = None
        first, *more = super().format(record).split("\n")
        return "\n    ".join(map(_line, [first, *more[-MAX_LINES:]]))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The traceback, without the names of the files that it is about."""
        text = super().formatException(ei)
        for name in _names(ei[1]):
            text = text.replace(name, "(a file)")
        return text


class Json(Lines):
    """Entries of one line each: a JSON object, with the fields that an entry may have."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry's text; all its characters are ASCII."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry: dict[str, object] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _bounded(record.getMessage()),
        }
        if record.name.startswith("digitapp") and isinstance(record.args, dict):
            for name, value in record.args.items():
                entry[name] = _line(value) if isinstance(value, str) else value
        if record.exc_info:
            entry["exception"] = _bounded(self.formatException(record.exc_info))
        return json.dumps(entry)


def formatter(form: str) -> Lines:
    """What makes the lines of a log, whose form is `text` or `json`."""
    return Json() if form == "json" else Lines("%(asctime)s %(levelname)s %(name)s: %(message)s")


class Screen(logging.StreamHandler[TextIO]):
    """The standard error: with a form as a log, else for warnings, which a person reads.

    A sender's path must not give the terminal commands.
    """

    def __init__(self, form: str = "") -> None:
        super().__init__()
        self.setLevel(logging.INFO if form else logging.WARNING)
        self.setFormatter(formatter(form) if form else Lines())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Go on without: there is no place left to say that nobody reads the log."""


class File(RotatingFileHandler):
    """A log that other users can't read. If it can't be written, the program goes on without."""

    def __init__(self, path: Path, form: str = "text") -> None:
        super().__init__(path, maxBytes=MAX_FILE, backupCount=KEPT, encoding="utf-8")
        self.setFormatter(formatter(form))
        self._is_told = False

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802
        """Whether the file is full; the standard library formats every entry twice for that."""
        return self.stream is not None and self.stream.tell() >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        """Say once, not at every request, that the disk is full or the folder is gone."""
        if not self._is_told:
            self._is_told = True
            print(f"digitapp: The log cannot be written: {sys.exc_info()[1]}", file=sys.stderr)

    def _open(self) -> TextIOWrapper:
        opener = partial(os.open, mode=0o600)
        return open(self.baseFilename, "a", encoding="utf-8", opener=opener)


@contextmanager
def opened(name: str, folder: Path, form: str = "text") -> Iterator[tuple[File, File]]:
    """Two log files, of entries and of requests, to write until the block ends.

    No other program writes them meanwhile, since both would rotate them.

    Raises:
        OSError: the folder cannot be written, or every file is taken.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        for number in range(1, SIDE_BY_SIDE + 1):
            path = folder / (f"{name}.log" if number == 1 else f"{name}-{number}.log")
            lock = FileLock(path.with_suffix(".lock"), thread_local=False)
            with suppress(Timeout):
                lock.acquire(blocking=False)
                held.callback(lock.release)
                break
        else:
            raise OSError(errno.EBUSY, f"{SIDE_BY_SIDE} programs have theirs already")
        requests = path.with_suffix(".requests.log")
        yield (
            held.enter_context(closing(File(path, form))),
            held.enter_context(closing(File(requests, form))),
        )


def _bounded(text: str) -> str:
    """A text of harmless lines; of too many, the last ones are kept."""
    first, *more = text.split("\n")
    return "\n".join(map(_line, [first, *more[-MAX_LINES:]]))


def _line(text: str) -> str:
    """One harmless line of bounded length."""
    return printable(text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}...")


def _names(error: BaseException | None) -> Iterator[str]:
    """The files that an error and its causes name, as a traceback writes them."""
    while error is not None:
        if isinstance(error, OSError):
            yield from (repr(name) for name in (error.filename, error.filename2) if name)
        error = error.__cause__ or error.__context__
