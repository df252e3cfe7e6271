"""`POST /open`: a later start of the desktop program hands its files to the window that is open.

Only the window's own server has this route, and it is not part of the public API. It asks for a key
that only the same user can read (see `desktop.instance`). The page does not know it, nor does
another device. Flask is loaded with the route: a later start sends its files without it.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from digitapp.errors import BadRequest, TooLarge, Unavailable

if TYPE_CHECKING:
    from flask import Blueprint

ROUTE = "/open"

SCHEME = "Key"
"""What stands before the key in the Authorization header."""

MAX_MESSAGE = 8 * 1024 * 1024
"""Longest list of files in bytes: far more than the window takes at once."""


class Reply(NamedTuple):
    """What the open program answers.

    Attributes:
        address: its page, if it has no window; else empty.
        message: a sentence for people, or empty.
        once: an address that opens the page one time, for a browser's arguments.
    """

    address: str = ""
    message: str = ""
    once: str = ""


Take = Callable[[list[Path]], Reply]


class Handover(NamedTuple):
    """The key that `POST /open` asks for, and what takes the files."""

    key: str
    take: Take


def pack(files: Sequence[Path]) -> bytes:
    """The list of files as the route's body.

    Raises:
        TooLarge: it has more than MAX_MESSAGE bytes.
    """
    body = json.dumps(list(map(str, files))).encode()
    _check_size(body)
    return body


def unpack(body: bytes) -> list[Path]:
    """The files of a body.

    Raises:
        BadRequest: it is anything but a JSON list of absolute paths.
        TooLarge: it has more than MAX_MESSAGE bytes.
    """
    _check_size(body)
    with suppress(ValueError, RecursionError, TypeError):
        names = json.loads(body)
        if isinstance(names, list) and all(Path(name).is_absolute() for name in names):
            return list(map(Path, names))
    raise BadRequest("Send the files' absolute paths as a JSON list.")


def _check_size(body: bytes) -> None:
    if len(body) > MAX_MESSAGE:
        raise TooLarge("These are too many files at once. Open fewer of them.")


def blueprint(handover: Handover) -> "Blueprint":
    """The route."""
    from flask import Blueprint, request

    from digitapp.web.guard import check_token
    from digitapp.web.http.replies import NO_STORE

    routes = Blueprint("handover", __name__)

    @routes.post(ROUTE)
    def open_files() -> tuple[dict[str, Any], list[tuple[str, str]]]:
        check_token(request.headers.get("Authorization", ""), handover.key.encode(), SCHEME)
        files = unpack(request.get_data(cache=False))
        if request.environ.get("waitress.client_disconnected", bool)():
            raise Unavailable("Nobody waits for this any more.")  # it gave up, and told people so
        return handover.take(files)._asdict(), [NO_STORE]

    return routes
