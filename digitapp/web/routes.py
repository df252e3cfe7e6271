"""Every route of the API as the documentation tells it: plain data.

Those that a server does not have are left out of its document. Tests hold the table to the code: a
route, an option or an error that is missing here fails.
"""

from dataclasses import dataclass
from typing import Any

from digitapp import errors
from digitapp.config import MAX_BODY, MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE
from digitapp.errors import DigitappError
from digitapp.web import api
from digitapp.web.schemas import Schema, ref

Object = dict[str, Any]
Kinds = tuple[type[DigitappError], ...]

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")

BOUNDS = (
    f"At most {MAX_BODY >> 20} MiB and {MAX_SIDE:,} pixels a side; at most "
    f"{MAX_JPEG_PIXELS // 10**6} megapixels as a grey or RGB JPEG, otherwise "
    f"{MAX_PIXELS // 10**6}. Of a GIF the first frame is read."
)

OPTIONS = {
    "one_digit": "Take all ink of the picture as one digit.",
    "input": "Add to each digit what the network saw of it.",
    "stages": "Add pictures of how the picture was read.",
}
"""What each of the API's FLAGS does."""

EVERY_ROUTE: Kinds = (
    errors.BadRequest,
    errors.Forbidden,
    errors.TooLarge,
    errors.InternalError,
)
"""What any request may be answered with: it is no HTTP, has a foreign Host, a body too large."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address.

    `answers` are the responses by status; `errors` are those beside EVERY_ROUTE, and beside those
    of all that lies under `/api`. `samples` are a label each and what to type into a shell, where
    {head} stands for the token's header and {url} for the address.
    """

    method: str
    path: str
    id: str
    summary: str
    about: str
    answers: dict[int, Object]
    errors: Kinds = ()
    parameters: tuple[Object, ...] = ()
    body: Object | None = None
    samples: tuple[tuple[str, str], ...] = ()


def flag(name: str) -> Object:
    """An option of the query: `name=1`, or not at all."""
    schema = {"type": "string", "enum": ["1"]}
    return {"name": name, "in": "query", "description": OPTIONS[name], "schema": schema}


def answer(description: str, kind: str, **content: Any) -> Object:
    """A response with a body of that media type."""
    return {"description": description, "content": {kind: content}}


def json_answer(description: str, name: str, **more: Any) -> Object:
    """A response in JSON, in one of the forms of SCHEMAS."""
    return answer(description, "application/json", schema=ref(name), **more)


def plain_answer(description: str, word: str) -> Object:
    """A response that is always the same line."""
    return answer(description, "text/plain", schema={"type": "string", "const": f"{word}\n"})


RAW: Schema = {"maxLength": MAX_BODY}
"""Bytes as they are: OpenAPI 3.1 gives them no type, and counts their length in octets."""

EXAMPLE: Object = {
    "text": "7",
    "digits": [
        {
            "digit": 7,
            "confidence": 0.998,
            "probabilities": [0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.0, 0.998, 0.0, 0.001],
            "box": [74, 50, 132, 187],
            "accepted": True,
            "doubtful": False,
            "runner_up": 1,
        }
    ],
    "width": 280,
    "height": 280,
    "model": "digits-1 sha256:18831a57",
    "elapsed_ms": 3.1,
}

ROUTES = (
    Route(
        "POST",
        "/api/recognize",
        "recognize",
        "Read a picture",
        "The body is the picture's own bytes, no form and no base64. What it is, the bytes say "
        f"themselves, whatever the Content-Type. {BOUNDS}",
        {200: json_answer("What the picture says.", "Answer", example=EXAMPLE)},
        (errors.UnsupportedFormat, errors.UnreadableImage, errors.Busy),
        tuple(map(flag, api.FLAGS)),
        {
            "description": "A PNG, JPEG, GIF, BMP or WebP file.",
            "required": True,
            "content": {kind: {"schema": RAW} for kind in PICTURES},
        },
        (
            ("A file", 'curl --data-binary @number.png {head}"{url}"'),
            ("With options", 'curl --data-binary @7.png {head}"{url}?one_digit=1&input=1"'),
            ("From the standard input", 'curl --data-binary @- {head}"{url}" < number.png'),
            ("An error", 'curl --data-binary "no picture" {head}"{url}"'),
        ),
    ),
    Route(
        "GET",
        "/api/model",
        "model",
        "Which model reads",
        "The model's name, the hash of its file, and how good it is.",
        {200: json_answer("The model's facts.", "Model")},
        samples=(("The model", 'curl {head}"{url}"'),),
    ),
    Route(
        "GET",
        "/api/openapi.json",
        "openapi",
        "This description for programs",
        "What you read here, as OpenAPI 3.1.",
        {200: json_answer("The document.", "OpenAPI")},
        samples=(("Keep it as a file", 'curl -o openapi.json {head}"{url}"'),),
    ),
    Route(
        "GET",
        "/api/share",
        "share",
        "How other devices get in",
        "The address to open there, and its QR code.",
        {200: json_answer("The way in, or nulls while nothing is shared.", "Share")},
        samples=(("The way in", 'curl {head}"{url}"'),),
    ),
    Route(
        "PUT",
        "/api/share",
        "switch_share",
        "Let other devices in, or no longer",
        "In the desktop window only.",
        {200: json_answer("The way in, or nulls while nothing is shared.", "Share")},
        (errors.Unavailable,),
        (
            {
                "name": "on",
                "in": "query",
                "required": True,
                "description": "1 lets them in, 0 does not.",
                "schema": {"type": "string", "enum": ["1", "0"]},
            },
        ),
        samples=(("Let them in", 'curl -X PUT {head}"{url}?on=1"'),),
    ),
    Route(
        "GET",
        "/api/desktop/next",
        "desktop_next",
        "What the window tells its page",
        f"Waits at most {api.POLL_S:g} seconds for the next message. In the desktop window only.",
        {
            200: json_answer("The next message.", "Message"),
            204: {"description": "There was none; ask again."},
        },
        (errors.Busy,),
    ),
    Route(
        "GET",
        "/api/desktop/files/{id}",
        "desktop_file",
        "A file that the person gave the window",
        "The file's bytes. In the desktop window only.",
        {200: answer("The file.", "application/octet-stream", schema=RAW)},
        (errors.NotFound,),
        (
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "From a message of `/api/desktop/next`.",
                "schema": {"type": "string", "minLength": 1},
            },
        ),
    ),
    Route(
        "GET",
        "/healthz",
        "healthz",
        "Whether the server runs",
        "Quick under any load. Needs no token.",
        {200: plain_answer("It does.", "ok")},
        samples=(("Health", 'curl "{url}"'),),
    ),
    Route(
        "GET",
        "/readyz",
        "readyz",
        "Whether a picture would be read at once",
        "Needs no token.",
        {200: plain_answer("A slot is free.", "ready")},
        (errors.Busy,),
        samples=(("Readiness", 'curl "{url}"'),),
    ),
)
