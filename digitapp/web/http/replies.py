"""Errors as HTTP replies: one JSON shape and the same headers, whoever says them.

Flask's handlers, the guard before Flask and the server before both speak through this module.
"""

import json
from http import HTTPStatus
from typing import NamedTuple

from flask import Response
from werkzeug.exceptions import HTTPException

from digitapp.errors import (
    BadRequest,
    DigitappError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
)

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
"""On every response, errors too. No header opens anything to another origin."""

NO_STORE = ("Cache-Control", "no-store")
"""On every response of the API and on every error: they hold what a person drew."""


class Reply(NamedTuple):
    """A whole response, without the security headers: `status` is "404 Not Found"."""

    status: str
    headers: Headers
    body: bytes


def reply(error: DigitappError) -> Reply:
    """The error as `{"error": {"code": ..., "message": ...}}` with its status."""
    body = json.dumps(error.to_json(), ensure_ascii=False).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if error.retry_after is not None:
        headers.append(("Retry-After", str(error.retry_after)))
    if isinstance(error, Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
    return Reply(f"{error.status} {HTTPStatus(error.status).phrase}", headers, body)


def for_error(error: DigitappError) -> Response:
    """Flask's handler for our own errors."""
    status, headers, body = reply(error)
    return Response(body, status, headers)


def for_http_exception(exception: HTTPException) -> Response:
    """Flask's handler for its own errors and, as a 500 that it logs, for all unforeseen ones."""
    response = for_error(_translate(exception.code or 500))
    allowed = exception.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _translate(status: int) -> DigitappError:
    ours = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}
    fallback = BadRequest if status < 500 else InternalError
    return ours.get(status, fallback)()
