"""The log: what happened, in files of bounded size in the user's log folder.

What matters has a file: starts, faults, sharing, and that requests were refused. Each request is a
line of another, so that many requests push none of the former out. Neither ever holds a token, a
query, a header or a picture's name, and a sender can't forge a line of it.
"""

import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from digitapp import __version__
from digitapp.errors import DigitappError
from digitapp.paths import STREAM, log_folder
from digitapp.refusals import Refusals

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAX_PATH = 200
"""Most characters of a request's path."""

REQUEST = "%(sender)s %(method)s %(path)s %(status)s %(bytes)s B %(ms).1f ms"
"""A request's entry as text; as JSON it has these fields too."""

REFUSED = {"401", "403", "429"}
"""Statuses of requests that were not allowed."""

log = logging.getLogger("digitapp")
log.addHandler(logging.NullHandler())  # where no log is kept, Python would print it on the terminal
access = logging.getLogger("digitapp.access")
refusals = Refusals(log.info)


@contextmanager
def start(name: str, chosen: str = "", form: str = "text") -> Iterator[None]:
    """Keep `NAME.log` and `NAME.requests.log` in `paths.log_folder(chosen)` until the block ends.

    The former holds our entries from INFO on and other libraries' from WARNING on, the latter each
    request. Warnings go to the standard error too, as they do without a log. If no file can be
    written, a sentence says so. If `chosen` is STREAM, both go to the standard error instead.
    `form` is `text` or `json`.
    """
    from digitapp import log_files

    with ExitStack() as stack:
        try:
            file: logging.Handler
            requests: logging.Handler
            if chosen == STREAM:
                file = requests = stack.enter_context(closing(log_files.Screen(form)))
            else:
                folder = log_folder(chosen)
                file, requests = stack.enter_context(log_files.opened(name, folder, form))
        except OSError as error:
            print(f"digitapp: There is no log: {error.strerror or error}.", file=sys.stderr)
        else:
            stack.callback(log.setLevel, log.level)
            log.setLevel(logging.INFO)
            _attach(file, logging.getLogger(), stack)
            _attach(requests, access, stack)
            access.propagate = False
            stack.callback(setattr, access, "propagate", True)
            stack.enter_context(_framed(name))
            stack.callback(refusals.sum_up)
            if chosen != STREAM:
                screen = log_files.Screen()
                for logger in (log, logging.getLogger("waitress")):
                    _attach(screen, logger, stack)
            stack.callback(setattr, threading, "excepthook", threading.excepthook)
            threading.excepthook = _note_fault
        yield


class AccessLog:
    """WSGI middleware that notes each request: sender, path, status, bytes and time."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
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
            sender = environ.get("REMOTE_ADDR") or "-"  # a Unix socket has none
            note(sender, method, environ["PATH_INFO"], status, size, begin)


def note(sender: str, method: str, path: str, status: str, size: str, begin: float) -> None:
    """Note a request that began at `begin` of `time.perf_counter`.

    `path` is decoded as WSGI does it, `size` is the bytes of the answer's body.
    """
    if access.isEnabledFor(logging.INFO):
        if status in REFUSED:
            refusals.note(sender, status)
        shown = quote(path[:MAX_PATH].encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
        fields = {
            "sender": sender,
            "method": method,
            "path": shown,
            "status": int(status),
            "bytes": int(size),
            "ms": round((time.perf_counter() - begin) * 1e3, 1),
        }
        access.info(REQUEST, fields)


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
