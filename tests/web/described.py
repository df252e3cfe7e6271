"""The API's document as a measure: does a response keep to what it says?"""

import json
from typing import Any

from jsonschema import Draft202012Validator

from digitapp.web.docs import TEXT, resolved
from tests.web.client import BEARER, Response, ask

Object = dict[str, Any]

DOCUMENT: Object = json.loads(TEXT)
"""The file `openapi.json`: every route of the desktop window's server."""


def told(url: str, headers: dict[str, str] | None = None) -> Object:
    """The document that a server gives."""
    response = ask(url, "GET", "/api/openapi.json", headers=BEARER if headers is None else headers)
    assert response.status == 200, response.body
    return dict(response.json)


def routes(document: Object) -> list[tuple[str, str]]:
    """Every method with its path, in the document's order: `("GET", "/api/model")`."""
    return [(name.upper(), path) for path, item in document["paths"].items() for name in item]


def template(path: str) -> str:
    """The document's path for one that was sent, perhaps with a query."""
    path = path.partition("?")[0]
    return "/api/desktop/files/{id}" if path.startswith("/api/desktop/files/") else path


def operation(document: Object, method: str, path: str) -> Object:
    """What the document says of a method; `path` is what was sent."""
    return dict(document["paths"][template(path)][method.lower()])


def errors_of(document: Object, method: str, path: str) -> set[str]:
    """The codes of the errors that the document names for a method."""
    responses = operation(document, method, path)["responses"].values()
    return {said["$ref"].rpartition("/")[2] for said in responses if "$ref" in said}


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
    """What is wrong with a value, a line each; a schema's references lead into the document."""
    whole = {**schema, "components": document["components"]}
    Draft202012Validator.check_schema(schema)
    return [
        f"{json.dumps(list(error.path))}: {error.message[:200]}"
        for error in Draft202012Validator(whole).iter_errors(value)
    ]
