"""Every setting in one frozen table, and the bounds of a picture.

A setting is taken from the command line, else from its environment variable, else its default.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; `type` turns the environment's string into the value."""

    name: str
    type: Callable[[str], Any]
    default: Any
    variable: str
    help: str


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ValueError(text)
    return word in {"1", "true", "yes", "on"}


def count(text: str) -> int:
    """A whole number from 1 on.

    Raises:
        ValueError: the text is none.
    """
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def port(text: str) -> int:
    """A port of TCP; 0 stands for any free one.

    Raises:
        ValueError: the text is none.
    """
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def seconds(text: str) -> float:
    """A time in seconds, 0 or more.

    Raises:
        ValueError: the text is none.
    """
    number = float(text)
    if not 0 <= number < math.inf:
        raise ValueError(text)
    return number


def names(text: str) -> tuple[str, ...]:
    """Host names, parted by commas.

    Raises:
        ValueError: one of them is none.
    """
    found = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    # A name has a letter: addresses need not be allowed, and 0.0.0.0 must not be.
    if not all(re.fullmatch(r"(?=.*[a-z])[0-9a-z]([0-9a-z.-]*[0-9a-z])?", name) for name in found):
        raise ValueError(text)
    return found


def rate(text: str) -> float:
    """Requests a second, from 1 on; `inf` sets no bound.

    Raises:
        ValueError: the text is none.
    """
    number = float(text)
    if not 1 <= number <= math.inf:
        raise ValueError(text)
    return number


SLOTS = min(os.cpu_count() or 1, 4)
"""Recognitions at the same time: more of them would wait for the process that speaks HTTP."""

SETTINGS: tuple[Setting, ...] = (
    Setting("host", str, "127.0.0.1", "DIGITAPP_HOST", "address that the server binds"),
    Setting("port", port, 8000, "DIGITAPP_PORT", "port of the server; 0 takes any free one"),
    Setting(
        "token", str.strip, "", "DIGITAPP_TOKEN", "the API's token; empty: a new one at each start"
    ),
    Setting("engine", str, "litert", "DIGITAPP_ENGINE", "what runs the model: litert or keras"),
    Setting("slots", count, SLOTS, "DIGITAPP_SLOTS", "recognitions at the same time"),
    Setting("threads", count, 16, "DIGITAPP_THREADS", "threads that serve requests"),
    Setting("wait_s", seconds, 0.4, "DIGITAPP_WAIT_S", "seconds a request waits for a slot"),
    Setting("allow_host", names, (), "DIGITAPP_ALLOW_HOST", "names of this server, as a,b"),
    Setting("rate", rate, 200.0, "DIGITAPP_RATE", "requests a second of each other device"),
    Setting("log_dir", str, "", "DIGITAPP_LOG_DIR", "folder of the log; empty: the user's own"),
    Setting("one_digit", _flag, False, "DIGITAPP_ONE_DIGIT", "read every picture as one digit"),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}

TOKEN_BYTES = 32
"""Random bytes of a token that the program makes itself."""

MAX_BODY = 20 * 1024 * 1024
"""Largest picture file in bytes."""

MAX_SIDE = 8_192
"""Longest side of a picture in pixels."""

MAX_PIXELS = 16_000_000
"""Most pixels of a picture that must be decoded whole."""

MAX_JPEG_PIXELS = 50_000_000
"""Most pixels of a grey or RGB JPEG, which is decoded at a reduced scale."""


@dataclass(frozen=True, slots=True)
class Options:
    """What may be asked of a reading; the API's query and the command line have the same names.

    Attributes:
        one_digit: all ink of the picture is one digit.
        input: the answer holds what the network saw of each digit.
        stages: the answer holds pictures of how it came about.
    """

    one_digit: bool = False
    input: bool = False
    stages: bool = False


def setting(name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """A setting's value from the environment or its default.

    Raises:
        ValueError: the variable's text is no value of the setting's type; the message names it.
    """
    row = BY_NAME[name]
    text = environment.get(row.variable)
    if text is None:
        return row.default
    try:
        return row.type(text)
    except ValueError:
        raise ValueError(f"{row.variable}={text!r} is not a value for {row.name}.") from None


def new_token() -> str:
    """A token for one start of a server, as it stands in an address."""
    import secrets

    return secrets.token_urlsafe(TOKEN_BYTES)
