"""The routes under `/api`."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from digitapp.config import MAX_BODY, Options
from digitapp.errors import BadRequest, Busy, TooLarge, UnsupportedFormat
from digitapp.metrics import ARRIVED, Uncounted
from digitapp.paths import asset
from digitapp.web.inbox import Inbox, Message
from digitapp.web.limits import Slots

if TYPE_CHECKING:
    from digitapp.jobs.reader import Reader

FLAGS = tuple(field.name for field in fields(Options))
"""The options of `/api/recognize`; each is there as `name=1` or not at all."""

FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}
FORM = UnsupportedFormat(
    "The body came as a form, not as a picture. Send the file's own bytes as the body."
)

POLL_S, LOOK_S = 20.0, 0.25
"""How long `/api/desktop/next` waits for a message, and how often it checks meanwhile that its page
is still there, in seconds."""

POLLS = 2
"""Most polls that wait at the same time. Each holds one of the server's threads."""


def blueprint(reader: "Reader", slots: Slots, inbox: Inbox | None, metrics: Uncounted) -> Blueprint:
    """The routes; those of the desktop window only with its inbox."""
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.post("/recognize")
    def recognize() -> Response:
        flags = _flags()
        arrived = request.environ.get(ARRIVED)
        # Another server may give us bodies that are still on their way: nobody waits with a slot.
        early = _body() if arrived is None else None
        with metrics.slot(slots.take(arrived), arrived):  # a large body stays on disk until then
            data = _body() if early is None else early
            begin = time.perf_counter()
            answer = _read(data, reader, flags)
            metrics.read(answer, time.perf_counter() - begin)
            return Response(answer, mimetype="application/json")

    @api.get("/model")
    def model() -> Response:
        """The facts of the model card, and the model that runs."""
        name, _, sha256 = reader.model.partition(" sha256:")
        card: dict[str, Any] = {}
        with suppress(FileNotFoundError):
            card = json.loads(asset("digits.json").read_bytes())
        return _json({**card, "name": name, "sha256": sha256, "engine": reader.engine})

    if inbox is not None:
        _add_desktop(api, inbox)
    return api


def _body() -> bytes:
    """The request's body.

    Raises:
        TooLarge: it is longer than MAX_BODY, which chunks do not tell before.
    """
    data = request.get_data(cache=False)  # Werkzeug cuts off what is over `app`'s limit
    if len(data) > MAX_BODY:
        raise TooLarge
    return data


def _read(data: bytes, reader: "Reader", flags: set[str]) -> bytes:
    """Read the body, whatever its Content-Type: curl calls pictures forms unless told otherwise.

    If it is not a picture, a form's Content-Type explains the sender's mistake.
    """
    try:
        return reader.read(data, flags)
    except UnsupportedFormat:
        if request.mimetype in FORMS:
            raise FORM from None
        raise


def _flags() -> set[str]:
    """The query's options.

    Raises:
        BadRequest: an unknown name, or a value other than 1; the sentence says which.
    """
    if not request.query_string:
        return set()  # as most programs ask: Werkzeug need not parse it
    for name, value in request.args.items(multi=True):
        if name not in FLAGS:
            raise BadRequest(
                f"There is no option {name[:40]!r}. The options are one_digit, input and stages."
            )
        if value != "1":
            raise BadRequest(f"The option {name} takes the value 1, not {value[:40]!r}.")
    return set(request.args)


def _add_desktop(api: Blueprint, inbox: Inbox) -> None:
    """What the window tells its page, and the files that the person gave it."""
    polls = threading.BoundedSemaphore(POLLS)

    @api.get("/desktop/next")
    def desktop_next() -> Response:
        if not polls.acquire(blocking=False):
            raise Busy("Another page already waits for the window's messages.")
        try:
            message = _wait(inbox, request.environ.get("waitress.client_disconnected", bool))
        finally:
            polls.release()
        return Response(status=204) if message is None else _json(message)

    @api.get("/desktop/files/<id>")
    def desktop_file(id: str) -> Response:
        return Response(inbox.file(id), mimetype="application/octet-stream")


def _wait(inbox: Inbox, gone: Callable[[], bool]) -> Message | None:
    """The next message. If its page has left meanwhile, it goes back into the inbox."""
    deadline = time.monotonic() + POLL_S
    message = None
    while message is None and not gone() and time.monotonic() < deadline:
        message = inbox.next(LOOK_S)
    if message is not None and gone():
        inbox.put_back(message)
        return None
    return message


def _json(body: object) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
