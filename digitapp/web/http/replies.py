"""Errors as HTTP replies: the same JSON and headers from Flask, the guard and the server."""

import json
from http import HTTPStatus
from typing import NamedTuple

from flask import Response, request
from werkzeug.exceptions import HTTPException

from digitapp import errors
from digitapp.errors import DigitappError
from digitapp.metrics import CODE

Headers = list[tuple[str, str]]

SECURITY: Headers = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""On every response, errors too. Nothing is opened to another origin."""

NO_STORE = ("Cache-Control", "no-store")
"""On every response of the API and every error: they may tell what a person drew."""


class Reply(NamedTuple):
    """A response without the security headers; `status` is like "404 Not Found"."""

    status: str
    headers: Headers
    body: bytes


def reply(error: DigitappError) -> Reply:
    """The error as `{"error": {"code": ..., "message": ...}}` with its status."""
    body = json.dumps(error.to_json(), ensure_ascii=False).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if error.retry_after is not None:
        headers.append(("Retry-After", str(error.retry_after)))
    if isinstance(error, errors.Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
    return Reply(f"{error.status} {HTTPStatus(error.status).phrase}", headers, body)


def for_error(error: DigitappError) -> Response:
    """Flask's handler for our own errors."""
    status, headers, body = reply(error)
    request.environ[CODE] = error.code
    return Response(body, status, headers)


def for_http_exception(exception: HTTPException) -> Response:
    """Flask's handler for its own errors, and for unforeseen ones, which it logs, as a 500."""
    status = exception.code or 500
    ours = {404: errors.NotFound, 405: errors.MethodNotAllowed, 413: errors.TooLarge}
    others = errors.BadRequest if status < 500 else errors.InternalError
    response = for_error(ours.get(status, others)())
    if allowed := exception.get_response().headers.get("Allow"):
        response.headers["Allow"] = allowed
    return response
