"""What goes through the pipes between the program and a process that reads pictures for it.

The program sends a bunch: how pictures are read, then the pictures. It gets a message for each.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias, Union

from digitapp.errors import DigitappError, from_code
from digitapp.logs import access

if TYPE_CHECKING:  # the page is served without NumPy
    from digitapp.vision.types import Scan

Picture: TypeAlias = Union[bytes, "Scan"]
"""A picture: a file's bytes, or a grey picture that its owner has decoded."""

ANSWER, ERROR, FAULT = b"answer", b"error", b"fault"
"""Kinds of messages: an answer, an error of ours, or the traceback of an unforeseen one."""

Outcome = bytes | DigitappError | RuntimeError
"""What comes of a picture: its answer as JSON, an error of ours, or a fault of the program."""


class How(NamedTuple):
    """How pictures are read: with which options, and in how many seconds of processor time each."""

    flags: Collection[str]
    budget_s: float


def send_bunch(pipe: IO[bytes], how: How, pictures: Sequence[Picture]) -> None:
    """Write pictures to a pipe."""
    header = {"flags": sorted(how.flags), "budget_s": how.budget_s, "count": len(pictures)}
    _write(pipe, json.dumps(header).encode())
    for picture in pictures:
        if isinstance(picture, bytes):
            _write(pipe, b"")
            _write(pipe, picture)
        else:
            size = [*picture.grey.shape, picture.width, picture.height]
            _write(pipe, json.dumps(size).encode())
            _write(pipe, picture.grey.tobytes())
    pipe.flush()


def receive_bunch(pipe: IO[bytes]) -> tuple[How, list[Picture]]:
    """Read what `send_bunch` has written.

    Raises:
        EOFError: the other end is closed.
    """
    header = json.loads(receive(pipe))
    pictures = [_picture(receive(pipe), receive(pipe)) for _ in range(header["count"])]
    return How(header["flags"], header["budget_s"]), pictures


def _picture(size: bytes, data: bytes) -> Picture:
    if not size:
        return data
    import numpy as np

    from digitapp.vision.types import Scan

    rows, columns, width, height = json.loads(size)
    return Scan(np.frombuffer(data, np.uint8).reshape(rows, columns), width, height)


def outcome(kind: bytes, body: bytes) -> Outcome:
    """What a process says of a picture. Why a decoder failed goes into the log."""
    if kind == ANSWER:
        return body
    if kind == ERROR:
        *error, cause = json.loads(body)
        if cause:
            access.info("A picture's decoder failed: %s", cause)
        return from_code(*error)
    return RuntimeError(f"in a process that reads pictures:\n{body.decode()}")


def outcomes(pipe: IO[bytes], count: int) -> Iterator[Outcome]:
    """Read so many messages.

    Raises:
        EOFError: the other end is closed.
    """
    for _ in range(count):
        yield outcome(receive(pipe), receive(pipe))


def send(pipe: IO[bytes], kind: bytes, body: bytes) -> None:
    """Write what comes of a picture; it may stay in the pipe's buffer until that is flushed."""
    _write(pipe, kind)
    _write(pipe, body)


def receive(pipe: IO[bytes]) -> bytes:
    """Read a message from a pipe.

    Raises:
        EOFError: the other end is closed.
    """
    return _exactly(int.from_bytes(_exactly(4, pipe)), pipe)


def _write(pipe: IO[bytes], message: bytes) -> None:
    """Write a message to a pipe, after its length in 4 bytes."""
    pipe.write(len(message).to_bytes(4))
    pipe.write(message)


def _exactly(size: int, pipe: IO[bytes]) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found
