"""What reads the pictures that come over HTTP, behind one small protocol.

NumPy and Pillow are loaded once a picture is read: the page does without them.
"""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from digitapp.config import Options

if TYPE_CHECKING:
    from digitapp.engine import Engine

KEPT = 16 * 1024 * 1024
"""Blocks of memory up to so many bytes are kept for the next picture."""


class Reader(Protocol):
    """Reads pictures. Safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """The model's name and its file's hash, as answers carry it."""
        ...

    @property
    def engine(self) -> str:
        """What runs the model: `litert` or `keras`."""
        ...

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """The answer to a picture, as JSON; `flags` are those of the API's options that are given.

        Raises:
            DigitappError: it is no picture that can be read; see `pipeline.recognize`.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; harmless twice."""
        ...


class Here:
    """Reads in this process, by the engine of that name."""

    def __init__(self, engine: "Engine", name: str = "litert") -> None:
        self._engine = engine
        self.engine = name

    @property
    def model(self) -> str:
        """See `Reader.model`."""
        return self._engine.model

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """See `Reader.read`."""
        return answer(data, self._engine, flags)

    def close(self) -> None:
        """See `Reader.close`: it holds nothing of its own."""


def answer(data: bytes, engine: "Engine", flags: Collection[str]) -> bytes:
    """Read a picture's bytes into JSON; `flags` names the options that are given.

    Raises:
        DigitappError: it is no picture that can be read; see `pipeline.recognize`.
    """
    from digitapp.recognition import pipeline, visualize

    options = Options(**dict.fromkeys(flags, True))
    reading = pipeline.recognize(data, engine, options)
    body = reading.answer.to_json(options.input)
    if options.stages:
        body["stages"] = visualize.to_json(reading)
    return json.dumps(body, ensure_ascii=False).encode()


def warm() -> None:
    """Load what this process reads pictures with, so that the first one need not wait for it."""
    from digitapp.recognition import pipeline, visualize  # noqa: F401

    _keep_memory()


def _keep_memory() -> None:
    """Let the C library keep what a picture's arrays took, not give it back each time.

    glibc maps large blocks one by one and unmaps them when they are freed; a quarter of a picture's
    time went there. A block that is freed raises the size up to which it keeps them (mallopt(3),
    M_MMAP_THRESHOLD). Elsewhere this does nothing.
    """
    bytes(KEPT)
