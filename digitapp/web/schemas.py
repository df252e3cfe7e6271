"""The forms of what the API answers, as JSON Schema 2020-12: plain data.

Tests hold them to real answers; the document and the page of documentation are made from them.
"""

from typing import Any

from digitapp.config import MAX_SIDE
from digitapp.engine import SIDE
from digitapp.errors import DigitappError

Schema = dict[str, Any]

INPUT_LETTERS = -(-SIDE * SIDE // 3) * 4
"""How long the network's input is in base64."""


def ref(name: str) -> Schema:
    """A pointer to one of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


def form(properties: dict[str, Schema], optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these properties, of which the `optional` ones may be missing."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def text(description: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": description, **more}


def whole(description: str, least: int, **more: Any) -> Schema:
    """An integer from `least` on."""
    return {"type": "integer", "description": description, "minimum": least, **more}


def truth(description: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": description}


def base64(description: str, **more: Any) -> Schema:
    """Bytes in base64."""
    shape = "^[A-Za-z0-9+/]+={0,2}$"
    return text(description, contentEncoding="base64", pattern=shape, **more)


PROBABILITY: Schema = {"type": "number", "minimum": 0, "maximum": 1}

DIGIT = form(
    {
        "digit": whole("The best guess.", 0, maximum=9),
        "confidence": {**PROBABILITY, "description": "How probable that guess is."},
        "probabilities": {
            "type": "array",
            "description": "How probable 0 to 9 are; together 1. They are calibrated: of the "
            "digits that say 0.9, nine in ten are right (of digits that touch, more).",
            "items": PROBABILITY,
            "minItems": 10,
            "maxItems": 10,
        },
        "box": {
            "type": "array",
            "description": "x, y, width and height, in pixels of the upright picture.",
            "items": {"type": "integer", "minimum": 0, "maximum": MAX_SIDE},
            "minItems": 4,
            "maxItems": 4,
        },
        "accepted": truth("False: the mark is no digit, and stands as `?` in the text."),
        "doubtful": truth("True: it stands in the text, but `runner_up` may be right."),
        "runner_up": whole("The second best guess.", 0, maximum=9),
        "input": base64(
            f"With `input=1`: the {SIDE} × {SIDE} pixels that the network saw, row by row, one "
            "byte each, 0 for ground and 255 for ink; in base64. A digit that touches another was "
            "read with it, and is cut out afterwards.",
            minLength=INPUT_LETTERS,
            maxLength=INPUT_LETTERS,
        ),
    },
    optional=("input",),
    additionalProperties=False,
)

STAGES = form(
    {
        "grey": base64("The picture without colour: a PNG file in base64, perhaps reduced."),
        "ink": base64("The ink that was found, light on black: the same."),
    },
    description="With `stages=1`: pictures of how the picture was read.",
    additionalProperties=False,
)

ANSWER = form(
    {
        "text": text(
            "What was read, rows split by a line break; empty when there is nothing to read.",
            pattern=r"^(?:[0-9?]+(?:\n[0-9?]+)*)?$",
        ),
        "digits": {
            "type": "array",
            "description": "Every mark in reading order.",
            "items": ref("Digit"),
        },
        "width": whole("Of the upright picture, in pixels.", 1, maximum=MAX_SIDE),
        "height": whole("The same.", 1, maximum=MAX_SIDE),
        "model": text("The model's name and the SHA-256 of its digits' network.", minLength=1),
        "elapsed_ms": {
            "type": "number",
            "description": "From bytes to answer, in milliseconds.",
            "minimum": 0,
        },
        "stages": ref("Stages"),
    },
    optional=("stages",),
    additionalProperties=False,
)

MODEL = form(
    {
        "name": text("The model's name.", minLength=1),
        "sha256": text("The SHA-256 of the digits' network.", pattern="^[0-9a-f]+$"),
        "engine": text("What runs it: `litert` or `keras`."),
        "parameters": whole("How many numbers the network has learned.", 1),
        "test": {"type": "object", "description": "How it did on MNIST's test digits."},
    },
    optional=("parameters", "test"),
    description="What runs, and all that the model's card says.",
)

FILE = form(
    {
        "kind": {"const": "file"},
        "id": text("Asks for the file at `/api/desktop/files/{id}`.", minLength=1),
        "name": text("The file's name, for people.", minLength=1),
    },
    additionalProperties=False,
)

COMMAND = form(
    {"kind": {"const": "command"}, "name": text("One of the menu's.", minLength=1)},
    additionalProperties=False,
)

MESSAGE: Schema = {
    "description": "A file that the person gave the window, or a command of its menu.",
    "oneOf": [ref("File"), ref("Command")],
}

SHARE = form(
    {
        "address": {
            "type": ["string", "null"],
            "description": "What to open on another device; it holds the token.",
        },
        "qr": {"type": ["string", "null"], "description": "Its QR code, an SVG picture."},
    },
    additionalProperties=False,
)

OPENAPI = form(
    {
        "openapi": text("The version of OpenAPI.", pattern=r"^3\.1\.[0-9]+$"),
        "info": {"type": "object", "description": "What this is, and its version."},
        "paths": {"type": "object", "description": "Every address, with its methods."},
    },
    description="This description.",
)


def error(kinds: list[type[DigitappError]]) -> Schema:
    """The one form of every error, with the codes that there are."""
    inner = form(
        {
            "code": text("For programs; codes do not change.", enum=[kind.code for kind in kinds]),
            "message": text("A whole sentence for people; it may change.", minLength=1),
        },
        additionalProperties=False,
    )
    return form({"error": inner}, additionalProperties=False)


SCHEMAS: dict[str, Schema] = {
    "Answer": ANSWER,
    "Digit": DIGIT,
    "Stages": STAGES,
    "Model": MODEL,
    "Share": SHARE,
    "Message": MESSAGE,
    "File": FILE,
    "Command": COMMAND,
    "OpenAPI": OPENAPI,
}
"""Every form by its name, but for the error's: its codes are the errors'."""
