"""The default engine: the LiteRT export of the model, a pool of interpreters, one a slot.

An interpreter shared by two threads gives errors and wrong answers, so each call borrows one.
"""

import hashlib
import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from digitapp.config import asset
from digitapp.engine.batch import Batch
from digitapp.errors import Busy

NAME = "digits-1"


class LiteRTEngine:
    """Runs the program's `digits.tflite`, or the one at `path`.

    `wait_s` is how long a call waits for a slot, in seconds.
    """

    def __init__(self, slots: int = 1, wait_s: float = 2.0, path: Path | None = None) -> None:
        content = (path or asset("digits.tflite")).read_bytes()
        self.model = f"{NAME} sha256:{hashlib.sha256(content).hexdigest()}"
        self._wait_s = wait_s
        self._pool: queue.LifoQueue[Interpreter] = queue.LifoQueue()
        with _quiet():
            for _ in range(slots):
                self._pool.put(interpreter := _interpreter(content))
        self._source = interpreter.get_input_details()[0]["index"]
        self._target = interpreter.get_output_details()[0]["index"]

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        """See `Engine.probabilities`."""
        result = np.empty((len(batch), 11), dtype=np.float32)
        with self._slot() as interpreter:
            for index, mark in enumerate(batch):
                interpreter.set_tensor(self._source, mark[np.newaxis])
                interpreter.invoke()
                result[index] = interpreter.get_tensor(self._target)[0]
        return result

    @contextmanager
    def _slot(self) -> Iterator[Interpreter]:
        try:
            interpreter = self._pool.get(timeout=self._wait_s)
        except queue.Empty:
            raise Busy from None
        try:
            yield interpreter
        finally:
            self._pool.put(interpreter)


def _interpreter(content: bytes) -> Interpreter:
    """One thread each: the parallelism is in the slots. Content, not a path: any path works."""
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


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
