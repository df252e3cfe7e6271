"""The default engine: the LiteRT export of the model, a pool of interpreters, one a slot.

An interpreter shared by two threads gives errors and wrong answers, so each call borrows one.
"""

import hashlib
import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from digitapp.config import asset
from digitapp.engine.batch import Batch, Windows
from digitapp.errors import Busy
from digitapp.marks import Grey
from digitapp.normalize import SIDE

NAME = "digits-1"


class LiteRTEngine:
    """Runs the program's `digits.tflite`, or the one at `path`.

    `strings` is the file of the network that reads strips. `wait_s` is how long a call waits for a
    slot, in seconds.
    """

    def __init__(
        self,
        slots: int = 1,
        wait_s: float = 2.0,
        path: Path | None = None,
        strings: Path | None = None,
    ) -> None:
        files = path or asset("digits.tflite"), strings or asset("strings.tflite")
        contents = [file.read_bytes() for file in files]
        self.model = f"{NAME} sha256:{hashlib.sha256(contents[0]).hexdigest()}"
        self._wait_s = wait_s
        self._pool: queue.LifoQueue[_Slot] = queue.LifoQueue()
        with _quiet():
            for _ in range(slots):
                self._pool.put(_Slot(*map(_Network, contents)))

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        """See `Engine.probabilities`."""
        result = np.empty((len(batch), 11), dtype=np.float32)
        with self._slot() as slot:
            for index, mark in enumerate(batch):
                result[index] = slot.digits.run(mark)
        return result

    def windows(self, strip: Grey) -> Windows:
        """See `Engine.windows`."""
        with self._slot() as slot:
            slot.strings.resize(strip.shape[1])
            return slot.strings.run(strip[..., np.newaxis])

    @contextmanager
    def _slot(self) -> Iterator["_Slot"]:
        try:
            slot = self._pool.get(timeout=self._wait_s)
        except queue.Empty:
            raise Busy from None
        try:
            yield slot
        finally:
            self._pool.put(slot)


class _Network:
    """An interpreter, of one thread: the parallelism is in the slots."""

    def __init__(self, content: bytes) -> None:
        # Content, not a path: any path works.
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._source = self._interpreter.get_input_details()[0]["index"]
        self._target = self._interpreter.get_output_details()[0]["index"]
        self._width = 0
        self.resize(SIDE)  # what reads strips has no width of its own

    def resize(self, width: int) -> None:
        """Make room for a picture of that width, if the last one had another."""
        if width != self._width:
            self._width = 0  # until all of it is done
            self._interpreter.resize_tensor_input(self._source, (1, SIDE, width, 1))
            self._interpreter.allocate_tensors()
            self._width = width

    def run(self, picture: Grey) -> NDArray[np.float32]:
        """The output for one picture, [28, width, 1]."""
        self._interpreter.set_tensor(self._source, picture[np.newaxis])
        self._interpreter.invoke()
        result: NDArray[np.float32] = self._interpreter.get_tensor(self._target)[0]
        return result


class _Slot(NamedTuple):
    """What one recognition needs."""

    digits: _Network
    strings: _Network


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep LiteRT's remark on its own start off stderr: no setting of its Python side does."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is no stderr to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
