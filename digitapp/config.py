"""Every setting in one table, and the bounds of a picture."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `type` turns a text into the value, or raises ValueError."""

    name: str
    type: Callable[[str], Any]
    default: Any
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"DIGITAPP_{self.name.upper()}"

    @property
    def option(self) -> str:
        """The command line's option that sets it."""
        return f"--{self.name.replace('_', '-')}"


def _between(kind: type[float], least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not least <= value <= most:  # `nan` is not either
            raise ValueError(text)
        return value

    return number


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ValueError(text)
    return word in {"1", "true", "yes", "on"}


def _names(text: str) -> tuple[str, ...]:
    """Host names with commas between them."""
    found = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    # A name has a letter: addresses need not be allowed, and 0.0.0.0 must not be.
    if not all(re.fullmatch(r"(?=.*[a-z])[0-9a-z]([0-9a-z.-]*[0-9a-z])?", name) for name in found):
        raise ValueError(text)
    return found


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks with commas between them."""
    return tuple(ip_network(each.strip(), strict=False) for each in text.split(",") if each.strip())


MIN_TOKEN = 16
"""Fewest characters of a token of one's own: four digits were guessed in two seconds."""


class Unfit(ValueError):
    """A text that does not fit its setting; the message is a sentence that does not repeat it."""


def token(text: str) -> str:
    """A token of one's own; empty: none is given.

    Raises:
        Unfit: it is short enough to be guessed.
    """
    found = text.strip()
    if 0 < len(found) < MIN_TOKEN:
        raise Unfit(
            f"A token has at least {MIN_TOKEN} characters. Without one, each start makes its own."
        )
    return found


MOST_OF_LINE = 1_000
"""Most characters that are read of a token's file."""


def first_line(path: str) -> str:
    """The token that stands in a file's first line; "" without a file.

    Raises:
        Unfit: the file cannot be read, or holds no token; the message is a sentence.
    """
    if not path:
        return ""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 (it may be a pipe, as <(command))
            found = token(file.readline(MOST_OF_LINE))
    except Unfit as error:
        raise Unfit(f"{path}: {error}") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Unfit(f"The token's file cannot be read: {reason}.") from None
    if not found:
        raise Unfit(f"The first line of {path} is empty: write the token there.")
    return found


def _one_of(*words: str) -> Callable[[str], str]:
    def word(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return word


_count = _between(int, 1, sys.maxsize)
_seconds = _between(float, 0, sys.float_info.max)
_wait = _between(float, 0, 3_600)
_rate = _between(float, 1, float("inf"))

SLOTS = min(os.cpu_count() or 1, 4)
"""More recognitions at a time would wait for the one process that speaks HTTP."""

SETTINGS: tuple[Setting, ...] = (
    Setting("host", str, "127.0.0.1", "Address that the server listens on."),
    Setting("port", _between(int, 0, 65_535), 8000, "Port of the server; 0 takes any free one."),
    Setting("token", token, "", "The API's token; empty: a new one at each start."),
    Setting("token_file", str, "", "File whose first line is the token."),
    Setting("no_token", _flag, False, "Ask for no token."),
    Setting("engine", str, "litert", "What runs the model: litert or keras."),
    Setting("slots", _count, SLOTS, "Recognitions at the same time."),
    Setting("threads", _count, 16, "Threads that answer requests."),
    Setting("wait_s", _seconds, 0.4, "Seconds that a request waits for a slot."),
    Setting("allow_host", _names, (), "Host names of this server, as a,b."),
    Setting("trusted_proxies", _networks, (), "Proxies whose X-Forwarded-For is taken, as a,b/24."),
    Setting("drain_s", _wait, 3.0, "Seconds from SIGTERM until the server takes no more requests."),
    Setting("rate", _rate, 200.0, "Requests a second that each other device may make."),
    Setting("log_dir", str, "", "Folder of the log, - for the standard error; empty: your own."),
    Setting(
        "log_format", _one_of("text", "json"), "text", "Form of the log's lines: text or json."
    ),
    Setting("one_digit", _flag, False, "Read every picture as one digit."),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


def setting(
    name: str, environment: Mapping[str, str] = os.environ, given: str | None = None
) -> Any:
    """A setting's value: `given` on the command line, else from the environment, else the default.

    Raises:
        ValueError: the text is not a value of the setting; the message names where it stands.
    """
    row = BY_NAME[name]
    for source, text in ((row.option, given), (row.variable, environment.get(row.variable))):
        if text is not None:
            try:
                return row.type(text)
            except Unfit as error:
                raise ValueError(f"{source}: {error}") from None
            except ValueError:
                raise ValueError(f"{source}={text!r} is not a value for {name}.") from None
    return row.default


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


def new_token() -> str:
    """A token for one start of a server: 32 random bytes as characters for an address."""
    import secrets

    return secrets.token_urlsafe(32)
