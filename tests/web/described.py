"""The API's document as a measure: does a response keep what it says?"""

import json
from typing import Any

from jsonschema import Draft202012Validator

from digitapp.web.docs import resolved
from tests.web.client import BEARER, Response, ask

Object = dict[str, Any]


def told(url: str, headers: dict[str, str] | None = None) -> Object:
    """The document that a server gives."""
    response = ask(url, "GET", "/api/openapi.json", headers=BEARER if headers is None else headers)
    assert response.status == 200, response.body
    return dict(response.json)


def operation(document: Object, method: str, path: str) -> Object:
    """What the document says of a method; `path` as it was sent, perhaps with a query."""
    path = path.partition("?")[0]
    if path.startswith("/api/desktop/files/"):
        path = "/api/desktop/files/{id}"
    return dict(document["paths"][path][method.lower()])


def expect(document: Object, method: str, path: str, response: Response) -> None:
    """Hold a response to what the document says of its route.

    Raises:
        AssertionError: another status, media type, header or form.
    """
    responses = operation(document, method, path)["responses"]
    assert str(response.status) in responses, f"{method} {path} answered {response.status}"
    keeps(document, resolved(responses[str(response.status)], document), response)


def keeps(document: Object, described: Object, response: Response) -> None:
    """The same for one of the document's responses."""
    for name in described.get("headers", {}):
        assert name in response.headers
    if "content" not in described:
        assert response.body == b""
        return
    kind = str(response.headers["Content-Type"]).partition(";")[0]
    schema = described["content"][kind]["schema"]
    if kind == "application/json":
        assert violations(document, schema, response.json) == []
    elif kind == "text/plain":
        assert violations(document, schema, response.body.decode()) == []
    else:
        assert len(response.body) <= schema["maxLength"]


def violations(document: Object, schema: Object, value: object) -> list[str]:
    """What is wrong with a value, a line each; a schema's pointers lead into the document."""
    whole = {**schema, "components": document["components"]}
    Draft202012Validator.check_schema(schema)
    return [
        f"{json.dumps(list(error.path))}: {error.message[:200]}"
        for error in Draft202012Validator(whole).iter_errors(value)
    ]
