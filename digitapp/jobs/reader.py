"""What reads pictures, behind one small protocol: processes, or the program's own.

NumPy and Pillow are loaded with the first picture: a server's page does without them.
"""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from digitapp.config import Options
from digitapp.errors import NO_MEMORY, Busy
from digitapp.jobs.wire import Picture

if TYPE_CHECKING:
    from digitapp.engine import Engine


class Reader(Protocol):
    """Reads pictures. Safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """The model's name and its file's hash, as answers carry it."""

    @property
    def engine(self) -> str:
        """What runs the model: `litert` or `keras`."""

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """The answer to a picture as JSON. `flags` are the given ones of the API's options.

        Raises:
            DigitappError: the picture cannot be read; see `pipeline.recognize`.
        """

    def close(self) -> None:
        """Release what it holds; harmless twice."""


class Here:
    """Reads in this process, with the engine of that name."""

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


def answer(picture: Picture, engine: "Engine", flags: Collection[str]) -> bytes:
    """Read a picture; see `Reader.read`."""
    from digitapp.recognition import pipeline

    options = Options(**dict.fromkeys(flags, True))
    try:
        reading = pipeline.recognize(picture, engine, options)
    except MemoryError:
        raise Busy(NO_MEMORY) from None
    body = reading.answer.to_json(options.input)
    if options.stages:
        from digitapp.recognition import visualize

        body["stages"] = visualize.to_json(reading)
    return json.dumps(body, ensure_ascii=False).encode()


def warm() -> None:
    """Load what reads pictures, so that the first one does not wait for it."""
    from digitapp.recognition import pipeline  # noqa: F401

    # glibc unmaps large blocks when they are freed, which took a quarter of a picture's time.
    # Freeing one of 16 MiB has it keep those up to that size (mallopt(3), M_MMAP_THRESHOLD).
    bytes(16 * 1024 * 1024)
