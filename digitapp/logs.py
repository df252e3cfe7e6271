"""The log: what happened, in files of bounded size in the user's log folder.

What matters has a file: starts, faults, sharing, and that requests were refused. Each request is a
line of another, so that many requests push none of the former out. Neither ever holds a token, a
query, a header or a picture's name, and a sender can't forge a line of it.
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
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from digitapp import __version__
from digitapp.errors import DigitappError
from digitapp.files import printable
from digitapp.paths import log_folder
from digitapp.refusals import Refusals

MAX_FILE, KEPT = 1_000_000, 3
"""Bytes at which a file is rotated, and how many rotated ones are kept."""

SIDE_BY_SIDE = 9
"""Programs of one kind that may each have a log at the same time."""

MAX_LINE, MAX_LINES = 1_000, 200
"""Most characters of a line, and most further lines of an entry, which keeps its last ones."""

MAX_PATH = 200
"""Most characters of a request's path."""

REFUSED = {"401", "403", "429"}
"""Statuses of requests that were not allowed."""

log = logging.getLogger("digitapp")
access = logging.getLogger("digitapp.access")
refusals = Refusals(log.info)


@contextmanager
def start(name: str, chosen: str = "") -> Iterator[None]:
    """Keep `NAME.log` and `NAME.requests.log` in `paths.log_folder(chosen)` until the block ends.

    The former holds our entries from INFO on and other libraries' from WARNING on, the latter each
    request. Warnings go to the standard error too, as they do without a log. If no file can be
    written, a sentence says so.
    """
    with ExitStack() as stack:
        try:
            file, requests = stack.enter_context(_files(name, log_folder(chosen)))
        except OSError as error:
            print(f"digitapp: There is no log: {error.strerror or error}.", file=sys.stderr)
        else:
            screen = logging.StreamHandler()
            screen.setLevel(logging.WARNING)
            screen.setFormatter(Lines())  # a sender's path must not give the terminal commands
            stack.callback(log.setLevel, log.level)
            log.setLevel(logging.INFO)
            _attach(file, logging.getLogger(), stack)
            _attach(requests, access, stack)
            access.propagate = False
            stack.callback(setattr, access, "propagate", True)
            stack.enter_context(_framed(name))
            stack.callback(refusals.sum_up)
            for logger in (log, logging.getLogger("waitress")):
                _attach(screen, logger, stack)
            stack.callback(setattr, threading, "excepthook", threading.excepthook)
            threading.excepthook = _note_fault
        yield


class AccessLog:
    """WSGI middleware that notes each request: sender, path, status, bytes and time."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, and note it once it is answered."""
        begin = time.perf_counter()
        status, headers = "500", []

        def respond(line: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status, headers
            status, headers = line[:3], fields
            return start_response(line, fields, exc_info)

        try:
            return self._app(environ, respond)
        finally:
            method, fields = environ["REQUEST_METHOD"], {k.lower(): v for k, v in headers}
            size = "0" if method == "HEAD" else fields.get("content-length", "0")
            sender = environ.get("REMOTE_ADDR", "-")
            note(sender, method, environ["PATH_INFO"], status, size, begin)


def note(sender: str, method: str, path: str, status: str, size: str, begin: float) -> None:
    """Note a request that began at `begin` of `time.perf_counter`.

    `path` is decoded as WSGI does it, `size` is the bytes of the answer's body.
    """
    if access.isEnabledFor(logging.INFO):
        if status in REFUSED:
            refusals.note(sender, status)
        shown = quote(path[:MAX_PATH].encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
        took_ms = (time.perf_counter() - begin) * 1e3
        access.info("%s %s %s %s %s B %.1f ms", sender, method, shown, status, size, took_ms)


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


class File(RotatingFileHandler):
    """A log that other users can't read. If it can't be written, the program goes on without."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_FILE, backupCount=KEPT, encoding="utf-8")
        self.setFormatter(Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
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
def _files(name: str, folder: Path) -> Iterator[tuple[File, File]]:
    """Log files that no other program writes until the block ends, since both would rotate them.

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
            held.enter_context(closing(File(path))),
            held.enter_context(closing(File(requests))),
        )


def _attach(handler: logging.Handler, logger: logging.Logger, end: ExitStack) -> None:
    logger.addHandler(handler)
    end.callback(logger.removeHandler, handler)


def _note_fault(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_value is not None:
        log.error("A fault ends a thread.", exc_info=fault.exc_value)


@contextmanager
def _framed(name: str) -> Iterator[None]:
    """Note the start, the end, and an unforeseen error that ends the program."""
    system = f"Python {platform.python_version()} on {sys.platform}"
    log.info("%s of digitapp %s starts, %s, process %d", name, __version__, system, os.getpid())
    try:
        yield
    except (DigitappError, FileNotFoundError):
        raise  # a person is told, with a sentence
    except Exception:
        log.exception("A fault ends the program.")
        raise
    finally:
        log.info("%s ends", name)


def _line(text: str) -> str:
    """One harmless line of bounded length."""
    return printable(text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}...")


def _names(error: BaseException | None) -> Iterator[str]:
    """The files that an error and its causes name, as a traceback writes them."""
    while error is not None:
        if isinstance(error, OSError):
            yield from (repr(name) for name in (error.filename, error.filename2) if name)
        error = error.__cause__ or error.__context__
