"""The document is true: it names what the server has, and every answer keeps to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import numpy as np
import pytest
from digitapp.engine.batch import Batch, Windows
from flask import Flask
from numpy.typing import NDArray
from openapi_spec_validator import OpenAPIV31SpecValidator

from digitapp import errors
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.vision.types import Grey
from digitapp.web import api, docs, openapi
from digitapp.web.app import create_app
from digitapp.web.guard import is_api
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.limits import MOST_TRIES, Slots
from digitapp.web.routes import ROUTES
from digitapp.web.share import Door
from digitapp.web.workers.pool import Here
from tests.drawings import encode, png, write
from tests.web import pictures
from tests.web.client import BEARER, TOKEN, ask
from tests.web.described import Object, expect, keeps, operation, told, violations

PAGES = {("GET", "/"), ("GET", "/docs"), ("GET", "/static/{filename}"), ("POST", "/ticket")}
"""What is for people and their page; all else is the API, and described."""

RECOGNIZE = "/api/recognize"


class Odd:
    """The engine; while it has something to raise it raises that."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.model = engine, engine.model
        self.raises: Exception | None = None

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        if self.raises:
            raise self.raises
        return self.engine.probabilities(batch)

    def windows(self, strip: Grey) -> Windows:
        return self.engine.windows(strip)


class Owner(NamedTuple):
    """A server with all routes that there are, and what its tests turn on it."""

    url: str
    app: Flask
    engine: Odd
    inbox: Inbox
    room: Slots
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
    odd, inbox, room = Odd(engine), Inbox(), Slots(2, 0)
    app = create_app(Here(odd), token=TOKEN, inbox=inbox, room=room, share=Door(nowhere))
    with served(app) as url:
        yield Owner(url, app, odd, inbox, room, told(url))


def has(app: Flask) -> set[tuple[str, str]]:
    """What the app's own map of addresses says that it has."""
    with app.app_context():
        return docs.methods()


def names(document: Object) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item}


def test_the_document_names_every_route_and_no_other(owner: Owner, tiny: Flask) -> None:
    assert names(owner.document) == has(owner.app) - PAGES
    with served(tiny) as url:
        assert names(told(url)) == has(tiny) - PAGES


def test_every_described_route_is_somewhere(owner: Owner) -> None:
    assert {(route.method, route.path) for route in ROUTES} == names(owner.document)
    ids = [route.id for route in ROUTES]
    assert len(set(ids)) == len(ids)


def test_a_new_route_is_missed(engine: Engine) -> None:
    app = create_app(Here(engine), token=None)
    app.add_url_rule("/api/new", view_func=lambda: "new", methods=["GET", "DELETE"])
    with served(app) as url:
        missing = has(app) - PAGES - names(told(url))
    assert missing == {("GET", "/api/new"), ("DELETE", "/api/new")}


def test_the_windows_routes_are_the_windows_alone(tiny: Flask, owner: Owner) -> None:
    own = {("GET", "/api/desktop/next"), ("GET", "/api/desktop/files/{id}"), ("PUT", "/api/share")}
    with served(tiny) as url:
        assert names(owner.document) - names(told(url)) == own


def test_the_document_is_valid(owner: Owner, engine: Engine) -> None:
    with served(create_app(Here(engine), token=None)) as url:
        for document in (owner.document, told(url, headers={})):
            faults = OpenAPIV31SpecValidator(cast(Any, document)).iter_errors()
            assert [fault.message for fault in faults] == []


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "[::1]:8123", "localhost"])
def test_the_address_is_the_one_that_was_asked(owner: Owner, host: str) -> None:
    document = told(owner.url, {**BEARER, "Host": host})
    assert document["servers"] == [{"url": f"http://{host}"}]


def test_what_lies_under_api_asks_for_the_token(owner: Owner) -> None:
    scheme = owner.document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for method, path in names(owner.document):
        said = operation(owner.document, method, path)
        guarded = path.startswith("/api/")
        assert said["security"] == ([{"token": []}] if guarded else [])
        assert ("401" in said["responses"]) == guarded


def test_without_a_token_none_is_told_of(engine: Engine) -> None:
    with served(create_app(Here(engine), token=None)) as url:
        document = told(url, headers={})
    assert "securitySchemes" not in document["components"]
    for method, path in names(document):
        said = operation(document, method, path)
        assert said["security"] == []
        assert "401" not in said["responses"]
        assert "Authorization" not in str(said)


def test_the_options_are_the_programs(owner: Owner) -> None:
    told_of = operation(owner.document, "POST", RECOGNIZE)["parameters"]
    assert tuple(option["name"] for option in told_of) == api.FLAGS
    for option in told_of:
        [value] = option["schema"]["enum"]
        path = f"{RECOGNIZE}?{option['name']}={value}"
        assert ask(owner.url, "POST", path, png(7)).status == 200


def test_the_pictures_are_those_that_are_read(owner: Owner) -> None:
    content = operation(owner.document, "POST", RECOGNIZE)["requestBody"]["content"]
    assert set(content) == {f"image/{format.lower()}" for format in pictures.FORMATS}


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


@pytest.mark.parametrize(
    "path", ["/api/model", "/api/openapi.json", "/api/share", "/healthz", "/readyz"]
)
def test_every_fact_has_its_form(owner: Owner, path: str) -> None:
    response = ask(owner.url, "GET", path)
    assert response.status == 200
    expect(owner.document, "GET", path, response)


def test_closing_the_door_has_its_form(owner: Owner) -> None:
    response = ask(owner.url, "PUT", "/api/share?on=0")
    assert response.status == 200
    expect(owner.document, "PUT", "/api/share", response)


def test_an_open_door_has_its_form(owner: Owner, tiny: Flask) -> None:
    def open_server() -> tuple[Callable[[], None], str]:
        server = Server(tiny, bind("127.0.0.1", 0), threads=1)
        server.start()
        return server.stop, server.address(TOKEN)

    door = Door(open_server)
    door.open()
    try:
        schema = {"$ref": "#/components/schemas/Share"}
        assert door.to_json()["qr"]
        assert violations(owner.document, schema, door.to_json()) == []
    finally:
        door.close()


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
def test_what_there_is_not_has_its_form(
    owner: Owner, kind: type[DigitappError], method: str, path: str
) -> None:
    response = ask(owner.url, method, path)
    assert response.status == kind.status
    keeps(owner.document, owner.document["components"]["responses"][kind.code], response)


def test_too_many_tries_have_their_form(engine: Engine) -> None:
    with served(create_app(Here(engine), token=TOKEN)) as url:
        wrong = {"Authorization": "Bearer wrong"}
        got = [ask(url, "GET", "/api/model", headers=wrong) for _ in range(MOST_TRIES + 1)]
        assert [response.status for response in got] == [401] * MOST_TRIES + [429]
        for response in got:
            expect(told(url), "GET", "/api/model", response)


def test_a_full_house_has_its_form(owner: Owner) -> None:
    full = threading.Event(), threading.Event()

    def hold() -> None:
        with owner.room.take(), owner.room.take():
            full[0].set()
            full[1].wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert full[0].wait(30)
        for method, path in (("GET", "/readyz"), ("POST", RECOGNIZE)):
            response = ask(owner.url, method, path, png(7))
            assert response.code == "busy"
            expect(owner.document, method, path, response)
    finally:
        full[1].set()
        holder.join()


def test_every_kind_of_error_is_described_and_was_seen(owner: Owner) -> None:
    kinds = set(DigitappError.__subclasses__())
    assert kinds == set(openapi.kinds())
    assert set(owner.document["components"]["responses"]) == {kind.code for kind in kinds}
    shown = {wrong.kind for wrong in WRONG} | {errors.MethodNotAllowed, errors.TooManyRequests}
    assert shown == kinds


@pytest.mark.parametrize("kind", openapi.kinds(), ids=lambda kind: kind.code)
def test_every_error_tells_when_to_try_again(owner: Owner, kind: type[DigitappError]) -> None:
    described = owner.document["components"]["responses"][kind.code]
    assert described["x-status"] == kind.status
    assert described["description"] == kind.default
    assert ("Retry-After" in described.get("headers", {})) == (kind().retry_after is not None)


def test_two_errors_of_one_status_are_both_told(owner: Owner) -> None:
    """A response is listed by its status: none may hide another."""
    for route in ROUTES:
        said = operation(owner.document, route.method, route.path)["responses"]
        for kind in openapi.errors_of(route, guarded=is_api(route.path)):
            assert said[str(kind.status)] == {"$ref": f"#/components/responses/{kind.code}"}


def test_every_operation_has_words(owner: Owner) -> None:
    for method, path in names(owner.document):
        said = operation(owner.document, method, path)
        assert said["summary"][0].isupper()
        assert said["description"].endswith(".")
        for parameter in said["parameters"]:
            assert parameter["description"].endswith(".")
