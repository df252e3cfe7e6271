"""What happened, in a file of the user's log folder that cannot grow for ever.

The log knows who asked for what and how it went. It never holds a token, a query, a header or a
picture's name, and nothing that a sender writes can pass for a line of its own.
"""

import copy
import errno
import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from digitapp import __version__
from digitapp.errors import DigitappError
from digitapp.paths import log_folder

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from filelock import BaseFileLock

MAX_FILE = 1_000_000
"""Size at which a file is put aside, in bytes."""

KEPT = 3
"""Files that are kept besides the one that is written."""

SIDE_BY_SIDE = 9
"""Programs of one kind that may each have a log at the same time."""

MAX_LINE = 1_000
"""Longest line in characters; the rest of a longer one is left out."""

MAX_LINES = 200
"""Most further lines of an entry; of a longer traceback the last ones."""

MAX_PATH = 200
"""Most characters of a request's path."""

log = logging.getLogger("digitapp")
access = logging.getLogger("digitapp.access")


@contextmanager
def start(name: str, chosen: str = "") -> Iterator[None]:
    """Keep `NAME.log` in `paths.log_folder(chosen)` until the block ends.

    Where it cannot be written, a sentence says so, and there is none.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_file(name, log_folder(chosen)))
        except OSError as error:
            print(f"digitapp: There is no log: {error.strerror or error}.", file=sys.stderr)
        else:
            stack.enter_context(_written(file))
            stack.enter_context(_framed(name))
            stack.enter_context(_told())
            stack.enter_context(_threads_heard())
        yield


class AccessLog:
    """A WSGI layer that notes each request: who, what, how it went, how much, how long."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass the request on, and note it when its answer is ready."""
        begin = time.perf_counter()
        status, headers = "500", []

        def respond(line: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status, headers
            status, headers = line[:3], fields
            return start_response(line, fields, exc_info)

        try:
            return self._app(environ, respond)
        finally:
            method = environ["REQUEST_METHOD"]
            size = "0" if method == "HEAD" else _length(headers)
            sender = environ.get("REMOTE_ADDR", "-")
            note(sender, method, environ["PATH_INFO"], status, size, begin)


def note(sender: str, method: str, path: str, status: str, size: str, begin: float) -> None:
    """Note a request that began at `begin` of `time.perf_counter`.

    `path` is decoded as WSGI does it, `size` is that of the answer's body in bytes.
    """
    if access.isEnabledFor(logging.INFO):
        shown = quote(path[:MAX_PATH].encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
        took_ms = (time.perf_counter() - begin) * 1e3
        access.info("%s %s %s %s %s B %.1f ms", sender, method, shown, status, size, took_ms)


class Lines(logging.Formatter):
    """Entries of harmless lines: the first has the time, the others stand indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry's text, without the last line break."""
        if record.exc_text:  # another formatter's, kept in the record
            record = copy.copy(record)
            record.exc_text = None
        first, *more = super().format(record).split("\n")
        return "\n    ".join(map(_harmless, [first, *more[-MAX_LINES:]]))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The traceback, without the names of files that could not be opened."""
        text = super().formatException(ei)
        for name in _names(ei[1]):
            text = text.replace(name, "(a file)")
        return text


class File(RotatingFileHandler):
    """A log that other users cannot read, and that goes silent when it cannot be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_FILE, backupCount=KEPT, encoding="utf-8")
        self.setFormatter(Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._is_told = False

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802
        """Whether the file is full; the standard's way formats every entry twice."""
        return self.stream is not None and self.stream.tell() >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        """Say once, not at every request, that the disk is full or the folder gone."""
        if not self._is_told:
            self._is_told = True
            print(f"digitapp: The log cannot be written: {sys.exc_info()[1]}", file=sys.stderr)

    def _open(self) -> TextIOWrapper:
        opener = partial(os.open, mode=0o600)
        return open(self.baseFilename, "a", encoding="utf-8", opener=opener)


@contextmanager
def _file(name: str, folder: Path) -> Iterator[File]:
    """The log's file until the block ends.

    Raises:
        OSError: the folder cannot be written, or every file is taken.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, lock = _free(name, folder)
    try:
        with closing(File(path)) as file:
            yield file
    finally:
        lock.release()


def _free(name: str, folder: Path) -> "tuple[Path, BaseFileLock]":
    """A file that no other program writes: two of them would put it aside under each other."""
    from filelock import FileLock, Timeout

    for number in range(1, SIDE_BY_SIDE + 1):
        path = folder / (f"{name}.log" if number == 1 else f"{name}-{number}.log")
        lock = FileLock(path.with_suffix(".lock"), thread_local=False)
        with suppress(Timeout):
            lock.acquire(blocking=False)
            return path, lock
    raise OSError(errno.EBUSY, f"{SIDE_BY_SIDE} programs have theirs already")


@contextmanager
def _written(file: File) -> Iterator[None]:
    """Write entries into the file: ours from INFO on, other libraries' from WARNING on."""
    root = logging.getLogger()
    before = log.level
    root.addHandler(file)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(before)
        root.removeHandler(file)


@contextmanager
def _framed(name: str) -> Iterator[None]:
    """Note the start, the end and the unforeseen error that may end it."""
    system = f"Python {platform.python_version()} on {sys.platform}"
    log.info("%s of digitapp %s starts, %s, process %d", name, __version__, system, os.getpid())
    try:
        yield
    except (DigitappError, FileNotFoundError):
        raise  # told to the person, with a sentence
    except Exception:
        log.exception("A fault ends the program.")
        raise
    finally:
        log.info("%s ends", name)


@contextmanager
def _told() -> Iterator[None]:
    """Tell warnings on the standard error too, as Python does where there is no log."""
    screen = logging.StreamHandler()
    screen.setLevel(logging.WARNING)
    screen.setFormatter(Lines())  # no sender's path gives the terminal commands
    loggers = [log, logging.getLogger("waitress")]
    for logger in loggers:
        logger.addHandler(screen)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(screen)


@contextmanager
def _threads_heard() -> Iterator[None]:
    """Note the error that ends a thread; Python prints it and goes on."""
    before = threading.excepthook

    def hear(fault: threading.ExceptHookArgs) -> None:
        if fault.exc_value is not None:
            log.error("A fault ends a thread.", exc_info=fault.exc_value)

    threading.excepthook = hear
    try:
        yield
    finally:
        threading.excepthook = before


def _length(headers: list[tuple[str, str]]) -> str:
    """The body's bytes as the headers tell them; an answer without a body tells none."""
    return next((value for name, value in headers if name.lower() == "content-length"), "0")


def _harmless(text: str) -> str:
    """One line, however long and whatever stood in it."""
    text = text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}..."
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _names(error: BaseException | None) -> Iterator[str]:
    """The files that an error and those before it name, as its text writes them."""
    while error is not None:
        if isinstance(error, OSError):
            yield from (repr(name) for name in (error.filename, error.filename2) if name)
        error = error.__cause__ or error.__context__
