"""The description of the API: for programs as OpenAPI, for people as a page made from the same."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup, escape

Object = dict[str, Any]
Schema = dict[str, Any]

UNTOLD = {"HEAD", "OPTIONS"}
"""Methods that every address has anyway."""


class Field(NamedTuple):
    """A row of the page's table of an answer: `digits[].box`."""

    name: str
    kind: str
    description: str
    is_optional: bool


def blueprint(private: bool) -> Blueprint:
    """`/api/openapi.json`, which is the API's own, and `/docs`, which needs no token.

    `private` tells whether the API asks for the token.
    """
    docs = Blueprint("docs", __name__)
    docs.add_app_template_filter(code)
    docs.add_app_template_filter(pretty)
    docs.add_app_template_global(fields)

    def describe() -> Object:
        from digitapp.web import openapi

        return openapi.document(methods(), request.host_url.rstrip("/"), private)

    @docs.get("/api/openapi.json")
    def document() -> Response:
        return Response(json.dumps(describe(), ensure_ascii=False), mimetype="application/json")

    @docs.get("/docs")
    def page() -> Response:
        from digitapp.web.openapi import TOKEN

        body = render_template("docs.html", document=describe(), token=TOKEN)
        return Response(body, headers={"Cache-Control": "no-cache"})

    return docs


def methods() -> set[tuple[str, str]]:
    """Every method of every address that this server has, as OpenAPI writes them."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in current_app.url_map.iter_rules()
        for method in (rule.methods or set()) - UNTOLD
    }


def fields(schema: Schema, document: Object, prefix: str = "") -> Iterator[Field]:
    """The rows for an object's properties, and below each those of the objects in it."""
    schema = resolved(schema, document)
    for name, value in schema.get("properties", {}).items():
        inner = resolved(value, document)
        is_optional = name not in schema["required"]
        yield Field(prefix + name, kind(inner), inner.get("description", ""), is_optional)
        many = inner.get("type") == "array"
        below = inner["items"] if many else inner
        yield from fields(below, document, f"{prefix}{name}{'[]' if many else ''}.")
    for choice in schema.get("oneOf", ()):
        yield from fields(choice, document, prefix)


def resolved(value: Object, document: Object) -> Object:
    """What a `$ref` points to; anything else is itself."""
    if "$ref" not in value:
        return value
    found = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def kind(schema: Schema) -> str:
    """A value's type in a word or two."""
    if "const" in schema:
        return f"“{schema['const']}”"
    named = schema.get("type", "")
    if schema.get("contentEncoding"):
        return str(schema["contentEncoding"])
    if named == "array":
        inner = schema["items"].get("type", "object")
        exact = f"{schema['minItems']} " if "minItems" in schema else ""
        return f"{exact}{inner}s"
    return " or ".join(named) if isinstance(named, list) else str(named)


def code(text: str) -> Markup:
    """What stands between backticks as code, all else as it is."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(marked)  # noqa: S704  # escaped before


def pretty(value: object) -> str:
    """JSON for people: indented, lists of numbers on one line."""
    lines = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"\[\s+([\d.,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", lines)
