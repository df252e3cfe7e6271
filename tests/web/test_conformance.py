"""What a running server answers keeps to its description, errors too."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pytest
from flask import Flask
from numpy.typing import NDArray

from digitapp import errors
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.jobs.reader import Here
from digitapp.metrics import Metrics
from digitapp.web import api
from digitapp.web.app import create_app
from digitapp.web.guard import is_private
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.limits import MOST_TRIES, Slots
from digitapp.web.share import SwitchableShare
from tests.drawings import encode, png, write
from tests.web import pictures
from tests.web.client import BEARER, TOKEN, ask
from tests.web.described import (
    DOCUMENT,
    Object,
    errors_of,
    expect,
    keeps,
    routes,
    template,
    told,
    violations,
)

RECOGNIZE = "/api/recognize"


class Odd:
    """The engine; while it has something to raise it raises that."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.model = engine, engine.model
        self.raises: Exception | None = None

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.raises:
            raise self.raises
        return self.engine.probabilities(batch)

    def windows(self, line: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.windows(line)

    def ink(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.ink(picture)

    def signs(self, around: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.engine.signs(around)


class Owner(NamedTuple):
    """A server with every route that there is, and what tests change in it."""

    url: str
    engine: Odd
    inbox: Inbox
    slots: Slots
    document: Object


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = Server(app, bind("127.0.0.1", 0), threads=4)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def nowhere() -> tuple[Callable[[], None], str]:
    raise errors.Unavailable("This machine is in no network.")


@pytest.fixture(scope="module")
def owner(engine: Engine) -> Iterator[Owner]:
    odd, inbox, slots = Odd(engine), Inbox(), Slots(2, 0)
    share = SwitchableShare(nowhere)
    metrics = Metrics(odd.model, "litert", slots.count)
    app = create_app(Here(odd), token=TOKEN, inbox=inbox, slots=slots, share=share, metrics=metrics)
    with served(app) as url:
        yield Owner(url, odd, inbox, slots, told(url))


# Answers


@pytest.mark.parametrize("query", ["", "?one_digit=1", "?input=1&stages=1&one_digit=1"])
@pytest.mark.parametrize(
    "data",
    [png(7), encode(write("31", "72")), pictures.BLANK, encode(write("8").rotate(45, fillcolor=9))],
    ids=["one", "rows", "nothing", "odd"],
)
def test_every_answer_has_its_form(owner: Owner, query: str, data: bytes) -> None:
    response = ask(owner.url, "POST", RECOGNIZE + query, data)
    assert response.status == 200
    expect(owner.document, "POST", RECOGNIZE, response)
    assert ("stages" in response.json) == ("stages" in query)


@pytest.mark.parametrize("option", api.FLAGS)
def test_every_option_is_taken(owner: Owner, option: str) -> None:
    assert ask(owner.url, "POST", f"{RECOGNIZE}?{option}=1", png(7)).status == 200


@pytest.mark.parametrize(
    "path", ["/api/model", "/api/openapi.json", "/api/share", "/metrics", "/healthz", "/readyz"]
)
def test_every_fact_has_its_form(owner: Owner, path: str) -> None:
    response = ask(owner.url, "GET", path)
    assert response.status == 200
    expect(owner.document, "GET", path, response)


def test_the_end_of_sharing_has_its_form(owner: Owner) -> None:
    response = ask(owner.url, "PUT", "/api/share?on=0")
    assert response.status == 200
    expect(owner.document, "PUT", "/api/share", response)


def test_a_shared_address_has_its_form(owner: Owner, tiny: Flask) -> None:
    def open_server() -> tuple[Callable[[], None], str]:
        server = Server(tiny, bind("127.0.0.1", 0), threads=1)
        server.start()
        return server.stop, server.address(TOKEN)

    share = SwitchableShare(open_server)
    share.open()
    try:
        schema = {"$ref": "#/components/schemas/Share"}
        assert share.to_json()["qr"]
        assert violations(owner.document, schema, share.to_json()) == []
    finally:
        share.close()


def test_the_windows_messages_have_their_form(
    owner: Owner, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("given") / "7.png"
    path.write_bytes(png(7))
    owner.inbox.put_command("clear")
    owner.inbox.put_file(path)
    got = [ask(owner.url, "GET", "/api/desktop/next") for _ in range(2)]
    assert [message.json["kind"] for message in got] == ["command", "file"]
    file = f"/api/desktop/files/{got[1].json['id']}"
    expect(owner.document, "GET", file, ask(owner.url, "GET", file))
    monkeypatch.setattr(api, "POLL_S", 0.0)
    got.append(ask(owner.url, "GET", "/api/desktop/next"))
    assert got[-1].status == 204
    for message in got:
        expect(owner.document, "GET", "/api/desktop/next", message)


# Errors


class Wrong(NamedTuple):
    """What is sent, and the kind of error that must come back."""

    kind: type[DigitappError]
    method: str = "POST"
    path: str = RECOGNIZE
    body: bytes | None = None
    headers: dict[str, str] = BEARER
    raises: Exception | None = None


WRONG = [
    Wrong(errors.BadRequest, body=b""),
    Wrong(errors.BadRequest, path=f"{RECOGNIZE}?two=1", body=png(7)),
    Wrong(errors.BadRequest, "PUT", "/api/share?on=2"),
    Wrong(errors.BadRequest, "GET", "/api/model", headers={**BEARER, "Long": "x" * 20_000}),
    Wrong(errors.Unauthorized, headers={}),
    Wrong(errors.Unauthorized, "GET", "/api/model", headers={}),
    Wrong(errors.Unauthorized, "GET", "/api/openapi.json", headers={}),
    Wrong(errors.Forbidden, headers={**BEARER, "Host": "evil.example"}),
    Wrong(errors.Forbidden, headers={**BEARER, "Origin": "null"}),
    Wrong(errors.Forbidden, "GET", "/healthz", headers={"Host": "evil.example"}),
    Wrong(errors.NotFound, "GET", "/api/desktop/files/x"),
    Wrong(errors.TooLarge, body=pictures.png_header(20_000, 1)),
    Wrong(errors.TooLarge, body=bytes(20 * 1024 * 1024 + 1)),
    Wrong(errors.UnsupportedFormat, body=b"seven"),
    Wrong(errors.UnreadableImage, body=pictures.truncated("PNG")),
    Wrong(errors.InternalError, body=png(7), raises=RuntimeError("a fault of ours")),
    Wrong(errors.Busy, body=png(7), raises=errors.Busy()),
    Wrong(errors.Unavailable, "PUT", "/api/share?on=1"),
]

FULL = [("GET", "/readyz"), ("POST", RECOGNIZE)]
"""Routes that are busy while every slot is taken."""

POLL = ("GET", "/api/desktop/next")
"""The route that is busy while other pages wait for the window's messages."""

ANY_ROUTE = {errors.BadRequest, errors.Forbidden, errors.TooLarge, errors.InternalError}
"""What any request may get: it is not HTTP, names a foreign Host or has too large a body."""

ANY_API_ROUTE = ANY_ROUTE | {errors.Unauthorized, errors.TooManyRequests}
"""What any request under `/api` may get."""


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.kind.code} {wrong.path}")
def test_every_error_has_its_form(
    owner: Owner, wrong: Wrong, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(owner.engine, "raises", wrong.raises)
    response = ask(owner.url, wrong.method, wrong.path, wrong.body, wrong.headers)
    assert (response.status, response.code) == (wrong.kind.status, wrong.kind.code)
    expect(owner.document, wrong.method, wrong.path, response)


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        (errors.NotFound, "GET", "/api/nothing"),
        (errors.NotFound, "GET", "/nothing"),
        (errors.MethodNotAllowed, "DELETE", RECOGNIZE),
        (errors.MethodNotAllowed, "PATCH", "/api/model"),
    ],
)
def test_a_route_that_does_not_exist_has_its_form(
    owner: Owner, kind: type[DigitappError], method: str, path: str
) -> None:
    response = ask(owner.url, method, path)
    assert response.status == kind.status
    keeps(owner.document, owner.document["components"]["responses"][kind.code], response)


def test_too_many_tries_have_their_form(engine: Engine) -> None:
    with served(create_app(Here(engine), token=TOKEN, slots=Slots(2, 30))) as url:
        wrong = {"Authorization": "Bearer wrong"}
        got = [ask(url, "GET", "/api/model", headers=wrong) for _ in range(MOST_TRIES + 1)]
        assert [response.status for response in got] == [401] * MOST_TRIES + [429]
        for response in got:
            expect(told(url), "GET", "/api/model", response)


def test_a_full_server_has_its_form(owner: Owner) -> None:
    full, over = threading.Event(), threading.Event()

    def hold() -> None:
        with owner.slots.take(), owner.slots.take():
            full.set()
            over.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert full.wait(30)
        for method, path in FULL:
            response = ask(owner.url, method, path, png(7))
            assert response.code == "busy"
            expect(owner.document, method, path, response)
    finally:
        over.set()
        holder.join()


def test_one_poll_too_many_has_its_form(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "POLLS", 0)
    app = create_app(Here(engine), token=TOKEN, slots=Slots(2, 30), inbox=Inbox())
    with served(app) as url:
        response = ask(url, *POLL)
        assert response.code == "busy"
        expect(told(url), *POLL, response)


@pytest.mark.parametrize(("method", "path"), routes(DOCUMENT))
def test_the_errors_of_a_route_are_those_that_it_raises(method: str, path: str) -> None:
    """Each that is named was seen above, or is one that any route may raise; none is left out."""
    seen = {wrong.kind for wrong in WRONG if (wrong.method, template(wrong.path)) == (method, path)}
    if (method, path) in (*FULL, POLL):
        seen.add(errors.Busy)
    raised = seen | (ANY_API_ROUTE if is_private(path) else ANY_ROUTE)
    assert errors_of(DOCUMENT, method, path) == {kind.code for kind in raised}


def test_every_kind_of_error_was_seen() -> None:
    shown = {wrong.kind for wrong in WRONG} | {errors.MethodNotAllowed, errors.TooManyRequests}
    assert shown == set(DigitappError.__subclasses__())
