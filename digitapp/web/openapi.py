"""The API as an OpenAPI 3.1 document: plain data, made from what the code already knows.

A route is described in `routes`, the form of an answer in `schemas`, an error where it is defined.
"""

from collections.abc import Collection

from digitapp import __version__, errors
from digitapp.errors import DigitappError
from digitapp.web.guard import is_api
from digitapp.web.routes import EVERY_ROUTE, ROUTES, Object, Route, answer
from digitapp.web.schemas import SCHEMAS, error, ref

ABOUT = (
    "Send a picture of handwritten digits, and be told in JSON what it says. "
    "Every error has the same form and a code that does not change. "
    "An unknown address answers `not-found`, a method that an address does not take "
    "`method-not-allowed`."
)

TOKEN = "DIGITAPP_TOKEN"  # noqa: S105
"""The shell's variable that samples take the token from."""

WAY_IN = (
    "The server prints its token at its start, in the address after `#token=`; "
    "`digitapp serve --token` sets it."
)

RETRY_AFTER: Object = {
    "description": "Seconds to wait before the next try.",
    "schema": {"type": "integer", "minimum": 1},
}


def document(methods: Collection[tuple[str, str]], server: str, private: bool) -> Object:
    """The document of a server.

    Args:
        methods: what it has, each method with its address as OpenAPI writes it: `("GET",
            "/api/desktop/files/{id}")`.
        server: its own address, without a slash at the end.
        private: whether `/api/*` asks for the token.
    """
    paths: dict[str, Object] = {}
    for route in ROUTES:
        if (route.method, route.path) in methods:
            operation = _operation(route, server, private)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "digitapp",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": _components(private),
    }


def kinds() -> list[type[DigitappError]]:
    """Every kind of error, by its status."""
    return sorted(DigitappError.__subclasses__(), key=lambda kind: kind.status)


def _operation(route: Route, server: str, private: bool) -> Object:
    guarded = private and is_api(route.path)
    operation: Object = {
        "operationId": route.id,
        "summary": route.summary,
        "description": route.about,
        "parameters": list(route.parameters),
        "responses": {
            **{str(status): content for status, content in route.answers.items()},
            **{str(kind.status): _pointer(kind) for kind in errors_of(route, guarded)},
        },
        "security": [{"token": []}] if guarded else [],
        "x-codeSamples": [
            {"lang": "Shell", "label": label, "source": _sample(source, route, server, guarded)}
            for label, source in route.samples
        ],
    }
    return {**operation, "requestBody": route.body} if route.body else operation


def errors_of(route: Route, guarded: bool) -> list[type[DigitappError]]:
    """What a route may be refused with, by its status; `guarded` by the token."""
    found = EVERY_ROUTE + route.errors
    if is_api(route.path):
        found += (errors.TooManyRequests,)
    if guarded:
        found += (errors.Unauthorized,)
    return sorted(found, key=lambda kind: kind.status)


def _sample(source: str, route: Route, server: str, guarded: bool) -> str:
    head = f'-H "Authorization: Bearer ${TOKEN}" ' if guarded else ""
    return source.format(head=head, url=server + route.path)


def _pointer(kind: type[DigitappError]) -> Object:
    return {"$ref": f"#/components/responses/{kind.code}"}


def _components(private: bool) -> Object:
    scheme = {"type": "http", "scheme": "bearer", "description": WAY_IN}
    return {
        "schemas": {**SCHEMAS, "Error": error(kinds())},
        "responses": {kind.code: _refusal(kind()) for kind in kinds()},
        **({"securitySchemes": {"token": scheme}} if private else {}),
    }


def _refusal(said: DigitappError) -> Object:
    """The response for an error; the form says which code it has."""
    code = {"properties": {"error": {"properties": {"code": {"const": said.code}}}}}
    content = {"schema": {"allOf": [ref("Error"), code]}, "example": said.to_json()}
    response = answer(said.message, "application/json", **content)
    if said.retry_after is not None:
        response["headers"] = {"Retry-After": RETRY_AFTER}
    if isinstance(said, errors.Unauthorized):
        response["headers"] = {"WWW-Authenticate": {"schema": {"const": "Bearer"}}}
    response["x-status"] = said.status
    return response
