"""The file `openapi.json` says what the code does: routes, options, bounds and errors."""

import base64
import json
from typing import Any, cast

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from digitapp import __version__, config
from digitapp.engine import SIDE, Engine
from digitapp.errors import DigitappError
from digitapp.jobs.reader import Here
from digitapp.metrics import Metrics
from digitapp.web import api, docs
from digitapp.web.app import create_app
from digitapp.web.guard import is_private
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from digitapp.web.share import SwitchableShare
from tests.web import pictures
from tests.web.client import BEARER, TOKEN
from tests.web.described import DOCUMENT, Object, operation, routes, violations

PAGES = {("GET", "/"), ("GET", "/docs"), ("GET", "/static/{filename}"), ("POST", "/ticket")}
"""Routes for people and their page. All others are the API, and the file describes them."""

WINDOW = {("GET", "/api/desktop/next"), ("GET", "/api/desktop/files/{id}"), ("PUT", "/api/share")}
"""Routes that only the desktop window's server has."""

RECOGNIZE = operation(DOCUMENT, "POST", "/api/recognize")
SCHEMAS = DOCUMENT["components"]["schemas"]
ERRORS = sorted(DigitappError.__subclasses__(), key=lambda kind: kind.status)


def nowhere() -> Any:
    raise NotImplementedError


def app(engine: Engine, token: str | None, *, window: bool) -> Flask:
    more: Object = {"metrics": Metrics("digits sha256:0", "litert", 2)}
    if window:
        more |= {"inbox": Inbox(), "share": SwitchableShare(nowhere)}
    return create_app(Here(engine), token=token, slots=Slots(2, 30), **more)


@pytest.fixture(params=[None, TOKEN], ids=["open", "token"])
def token(request: pytest.FixtureRequest) -> str | None:
    return cast(str | None, request.param)


@pytest.fixture(params=[False, True], ids=["server", "window"])
def any_app(request: pytest.FixtureRequest, engine: Engine, token: str | None) -> Flask:
    return app(engine, token, window=request.param)


def given(app: Flask, host: str = "127.0.0.1") -> Object:
    """The document that an app gives."""
    response = app.test_client().get("/api/openapi.json", headers={**BEARER, "Host": host})
    assert response.status_code == 200
    return cast(Object, response.get_json())


def has(app: Flask) -> set[tuple[str, str]]:
    """What Flask's map of addresses says that the app has."""
    with app.app_context():
        return docs.methods()


# The document as a whole


def test_no_key_stands_twice_in_the_file() -> None:
    def check(pairs: list[tuple[str, object]]) -> Object:
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names)
        return dict(pairs)

    json.loads(docs.TEXT, object_pairs_hook=check)


def test_the_file_and_what_is_made_of_it_are_valid(any_app: Flask) -> None:
    for document in (DOCUMENT, given(any_app)):
        faults = OpenAPIV31SpecValidator(cast(Any, document)).iter_errors()
        assert [fault.message for fault in faults] == []


def test_its_version_is_the_programs() -> None:
    assert DOCUMENT["info"]["version"] == __version__


def test_the_windows_server_with_a_token_gives_the_file_as_it_is(engine: Engine) -> None:
    [server] = DOCUMENT["servers"]
    host = server["url"].removeprefix("http://")
    assert given(app(engine, TOKEN, window=True), host) == DOCUMENT


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "[::1]:8123", "localhost"])
def test_the_address_is_the_one_that_was_asked(any_app: Flask, host: str) -> None:
    document = given(any_app, host)
    assert document["servers"] == [{"url": f"http://{host}"}]
    for method, path in routes(document):
        for sample in operation(document, method, path)["x-codeSamples"]:
            assert f'"http://{host}{path}' in sample["source"]


# Routes


def test_it_names_every_route_and_no_other(any_app: Flask) -> None:
    assert set(routes(given(any_app))) == has(any_app) - PAGES


def test_every_route_of_the_file_is_somewhere(engine: Engine) -> None:
    assert set(routes(DOCUMENT)) == has(app(engine, TOKEN, window=True)) - PAGES
    ids = [operation(DOCUMENT, *route)["operationId"] for route in routes(DOCUMENT)]
    assert len(set(ids)) == len(ids)


def test_a_new_route_is_missed(engine: Engine) -> None:
    changed = app(engine, None, window=False)
    changed.add_url_rule("/api/new", view_func=lambda: "new", methods=["GET", "DELETE"])
    missing = has(changed) - PAGES - set(routes(given(changed)))
    assert missing == {("GET", "/api/new"), ("DELETE", "/api/new")}


def test_the_windows_routes_are_the_windows_alone(engine: Engine) -> None:
    assert set(routes(DOCUMENT)) - set(routes(given(app(engine, TOKEN, window=False)))) == WINDOW


def test_what_lies_under_api_asks_for_the_token() -> None:
    scheme = DOCUMENT["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for method, path in routes(DOCUMENT):
        said = operation(DOCUMENT, method, path)
        assert said["security"] == ([{"token": []}] if is_private(path) else [])
        assert ("401" in said["responses"]) == is_private(path)
        for sample in said["x-codeSamples"]:
            assert ("Authorization" in sample["source"]) == is_private(path)


def test_without_a_token_none_is_told_of(engine: Engine) -> None:
    document = given(app(engine, None, window=True))
    assert "securitySchemes" not in document["components"]
    for method, path in routes(document):
        said = operation(document, method, path)
        assert said["security"] == []
        assert "401" not in said["responses"]
        assert "Authorization" not in str(said)


def test_every_operation_has_words() -> None:
    for method, path in routes(DOCUMENT):
        said = operation(DOCUMENT, method, path)
        assert said["summary"][0].isupper()
        assert said["description"].endswith(".")
        for parameter in said["parameters"]:
            assert parameter["description"].endswith(".")


# Options and bounds


def test_the_options_are_the_programs() -> None:
    options = RECOGNIZE["parameters"]
    assert tuple(option["name"] for option in options) == api.FLAGS
    for option in options:
        assert option["in"] == "query"
        assert option["schema"] == {"type": "string", "enum": ["1"]}
        assert not option.get("required")


def test_the_pictures_are_those_that_are_read() -> None:
    content = RECOGNIZE["requestBody"]["content"]
    assert set(content) == {f"image/{format.lower()}" for format in pictures.FORMATS}


def test_the_bounds_in_words_are_the_programs() -> None:
    assert (
        f"A picture has at most {config.MAX_BODY >> 20} MiB and {config.MAX_SIDE:,} pixels a side. "
        f"A grey or RGB JPEG has at most {config.MAX_JPEG_PIXELS // 10**6} megapixels, any other "
        f"picture {config.MAX_PIXELS // 10**6}."
    ) in RECOGNIZE["description"]
    poll = operation(DOCUMENT, "GET", "/api/desktop/next")
    assert f"at most {api.POLL_S:g} seconds" in poll["description"]
    assert f"the {SIDE} × {SIDE} pixels" in SCHEMAS["Symbol"]["properties"]["input"]["description"]


def test_the_bounds_in_schemas_are_the_programs() -> None:
    file = operation(DOCUMENT, "GET", "/api/desktop/files/{id}")["responses"]["200"]
    for content in (*RECOGNIZE["requestBody"]["content"].values(), *file["content"].values()):
        assert content == {"schema": {"maxLength": config.MAX_BODY}}
    sides = SCHEMAS["Answer"]["properties"]
    assert sides["width"]["maximum"] == sides["height"]["maximum"] == config.MAX_SIDE
    symbol = SCHEMAS["Symbol"]["properties"]
    assert symbol["box"]["items"]["maximum"] == config.MAX_SIDE
    letters = len(base64.b64encode(bytes(SIDE * SIDE)))
    assert symbol["input"]["minLength"] == symbol["input"]["maxLength"] == letters


# Errors


def test_every_kind_of_error_is_described_in_the_order_of_its_status() -> None:
    codes = [kind.code for kind in ERRORS]
    assert list(DOCUMENT["components"]["responses"]) == codes
    assert SCHEMAS["Error"]["properties"]["error"]["properties"]["code"]["enum"] == codes


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_an_errors_response_is_what_its_class_says(kind: type[DigitappError]) -> None:
    described = DOCUMENT["components"]["responses"][kind.code]
    assert described["x-status"] == kind.status
    assert described["description"] == kind.default
    content = described["content"]["application/json"]
    assert content["example"] == kind().to_json()
    assert violations(DOCUMENT, content["schema"], content["example"]) == []
    other = next(other for other in ERRORS if other != kind)
    assert violations(DOCUMENT, content["schema"], other().to_json())
    headers = {"Retry-After"} if kind().retry_after is not None else set()
    headers |= {"WWW-Authenticate"} if kind.status == 401 else set()
    assert set(described.get("headers", {})) == headers


def test_every_error_stands_at_its_status() -> None:
    for route in routes(DOCUMENT):
        responses = operation(DOCUMENT, *route)["responses"]
        assert list(responses) == sorted(responses)
        for status, said in responses.items():
            if int(status) >= 400:
                assert docs.resolved(said, DOCUMENT)["x-status"] == int(status)
