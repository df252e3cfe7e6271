"""The description of the API: the file `openapi.json` for programs, and a page made from it.

The file describes the fullest server, with a window, a token and figures. Every server leaves out
what it does not have. Tests hold the file to the code.
"""

import json
import re
from collections.abc import Iterator
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup, escape

Object = dict[str, Any]

TEXT = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")

ADDRESS = "http://127.0.0.1:8000"
"""The server's address in the file; each server puts its own there."""

HEADER = r"-H \"Authorization: Bearer $DIGITAPP_TOKEN\" "
"""How the file's examples send the token; a server that asks for none leaves it out."""


class Field(NamedTuple):
    """A row of the page's table of an answer: `digits[].box`."""

    name: str
    kind: str
    description: str
    is_optional: bool


def blueprint(private: bool) -> Blueprint:
    """`/api/openapi.json`, for programs that may use the API, and `/docs`, which needs no token.

    `private` tells whether the API asks for the token.
    """
    docs = Blueprint("docs", __name__)
    docs.add_app_template_filter(code)
    docs.add_app_template_filter(pretty)
    docs.add_app_template_global(fields)

    @docs.get("/api/openapi.json")
    def openapi() -> Response:
        body = json.dumps(document(private), ensure_ascii=False)
        return Response(body, mimetype="application/json")

    @docs.get("/docs")
    def page() -> tuple[str, dict[str, str]]:
        html = render_template("docs.html", document=document(private))
        return html, {"Cache-Control": "no-cache"}

    return docs


def document(private: bool) -> Object:
    """The file as it is true of the server that is asked: its address, its routes, its token."""
    text = TEXT.replace(ADDRESS, request.host_url.rstrip("/"))  # the guard has checked the Host
    told: Object = json.loads(text if private else text.replace(HEADER, ""))
    has = methods()
    for path, item in told["paths"].items():
        told["paths"][path] = {name: item[name] for name in item if (name.upper(), path) in has}
    told["paths"] = {path: item for path, item in told["paths"].items() if item}
    if not private:
        del told["components"]["securitySchemes"]
        for operation in chain.from_iterable(item.values() for item in told["paths"].values()):
            operation["security"] = []
            operation["responses"].pop("401", None)
    return told


def methods() -> set[tuple[str, str]]:
    """Every method and path of this server, with the parameters as OpenAPI writes them: `{id}`."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in current_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}  # Flask adds these itself
    }


def fields(schema: Object, document: Object, prefix: str = "") -> Iterator[Field]:
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
    """What a `$ref` points to; a value without one is returned as it is."""
    if "$ref" not in value:
        return value
    steps: list[str] = value["$ref"].removeprefix("#/").split("/")
    return reduce(lambda found, step: found[step], steps, document)


def kind(schema: Object) -> str:
    """A value's type in a word or two."""
    if "const" in schema:
        return f"“{schema['const']}”"
    if "contentEncoding" in schema:
        return str(schema["contentEncoding"])
    named = schema.get("type", "")
    if named == "array":
        count = f"{schema['minItems']} " if "minItems" in schema else ""
        return f"{count}{schema['items'].get('type', 'object')}s"
    return " or ".join(named) if isinstance(named, list) else str(named)


def code(text: str) -> Markup:
    """Text as HTML: what stands between backticks becomes code, all else is escaped."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(marked)  # noqa: S704  # escaped before


def pretty(value: object) -> str:
    """JSON for people: indented, lists of numbers on one line."""
    lines = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"\[\s+([\d.,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", lines)
