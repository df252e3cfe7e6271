"""A ring of the most recent training pages, which worker processes compose.

Page k of a run depends on the run's seed and on k alone, and which pages the ring holds depends on
how many were asked for alone. So the same seed gives the same batches, whatever the workers' pace.
"""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

Compose = Callable[[np.random.Generator], tuple[Bytes, Bytes, Bytes]]
"""Composes a page: its grey picture, where there is writing, where there is ruling; 1 = yes."""

SIDE = 256
"""Of a page in pixels."""

WRITING, RULING = 1, 2
"""The bits of a page's mask."""

CHUNK = 8
"""Pages that a worker composes at a time; at some 20 ms a page, asking costs next to nothing."""

AHEAD = 64
"""Chunks that are composed before they are needed, so that the workers never wait."""


def compose(make: Compose, seed: int, number: int) -> Bytes:
    """Page `number` of the run `seed`: its grey picture and its mask, [2, SIDE, SIDE]."""
    grey, writing, ruling = make(np.random.default_rng((seed, number)))
    return np.stack([grey, writing * np.uint8(WRITING) | ruling * np.uint8(RULING)])


_make: Compose
"""Of a worker."""


class Ring:
    """The latest `size` pages of a run; a context manager that ends its workers.

    Args:
        make: composes a page; it goes to each worker once, pickled.
        seed: of the run.
        size: how many pages the ring holds at most.
        workers: processes that compose; 0: as many as there are processors, but one, which trains.
        start: the first page, a multiple of CHUNK: those before are never asked for.
    """

    def __init__(
        self, make: Compose, seed: int, size: int, workers: int = 0, start: int = 0
    ) -> None:
        self._size, self._slots = size, size + (AHEAD + 1) * CHUNK
        self._first = self._taken = self._asked = start
        self._work = (seed, self._slots)
        self._chunks: deque[Future[None]] = deque()
        self._memory = SharedMemory(create=True, size=self._slots * 2 * SIDE * SIDE)
        self._pages = _view(self._memory, self._slots)
        count = workers or max((os.cpu_count() or 2) - 1, 1)
        self._workers = ProcessPoolExecutor(count, get_context("spawn"), _begin, (make,))

    def advance(self, number: int) -> None:
        """Wait until page `number` - 1 is there; the oldest ones leave.

        Raises whatever composing raised.
        """
        while self._taken < number:
            while self._asked < self._taken + (AHEAD + 1) * CHUNK:
                task = (self._memory.name, *self._work, self._asked)
                self._chunks.append(self._workers.submit(_fill, *task))
                self._asked += CHUNK
            self._chunks.popleft().result()
            self._taken += CHUNK
        self._end = number

    def draw(self, random: np.random.Generator, count: int) -> tuple[Bytes, Bytes]:
        """Pages of the ring by chance: grey [count, SIDE, SIDE, 1] and masks of that shape."""
        oldest = max(self._end - self._size, self._first)
        return self._get(random.integers(oldest, self._end, count))

    def latest(self, count: int) -> tuple[Bytes, Bytes]:
        """The latest pages in their order, in the same form."""
        return self._get(np.arange(self._end - count, self._end))

    def _get(self, numbers: NDArray[np.int64]) -> tuple[Bytes, Bytes]:
        pages = self._pages[numbers % self._slots]
        return pages[:, 0, ..., np.newaxis], pages[:, 1, ..., np.newaxis]

    def __enter__(self) -> "Ring":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workers.shutdown(cancel_futures=True)
        del self._pages
        self._memory.close()
        self._memory.unlink()


def _view(memory: SharedMemory, slots: int) -> Bytes:
    return np.ndarray((slots, 2, SIDE, SIDE), np.uint8, memory.buf)


def _begin(make: Compose) -> None:
    """Keep what composes pages; runs in a worker."""
    global _make
    _make = make


def _fill(name: str, seed: int, slots: int, first: int) -> None:
    """Compose a chunk into its slots; runs in a worker."""
    memory = SharedMemory(name)
    for number in range(first, first + CHUNK):
        _view(memory, slots)[number % slots] = compose(_make, seed, number)
    memory.close()
