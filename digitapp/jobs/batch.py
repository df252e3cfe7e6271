"""Many pictures, read by the processes of a pool: every one has its outcome, in order or at once.

Pictures go to the processes in bunches. One at a time, the program would spend as long on sending
and waiting as a process on reading.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Generic, TypeVar

from digitapp.errors import DigitappError, InternalError
from digitapp.jobs.pool import Processes
from digitapp.jobs.wire import Outcome, Picture
from digitapp.logs import log

T = TypeVar("T")

BUNCH_S = 0.05
"""A bunch takes about so long to read, in seconds: answers come soon, and a slow picture delays few
others."""

MOST_IN_BUNCH, MOST_BYTES = 64, 1024 * 1024
"""Most pictures of a bunch, and about how many bytes of them are in memory at the same time."""

QUEUED = 2
"""So many bunches for each process are begun: one is read while the next one waits."""

SMALL = 500
"""Bytes of a name or an error, about."""

MOST_HELD = 64 * 1024 * 1024
"""So many bytes of sources and answers wait at most for one that comes before them."""


class Batch(Generic[T]):
    """Reads sources, of which `load` gives the pictures, with a pool; use it for one run.

    `load` runs in several threads. What DigitappError it raises is that source's outcome.
    """

    def __init__(
        self, pool: Processes, load: Callable[[T], Picture], flags: Collection[str] = ()
    ) -> None:
        self._pool, self._load, self._flags = pool, load, flags
        self._room = threading.BoundedSemaphore(QUEUED * pool.count)
        self._each_s = BUNCH_S
        self._held = 0
        self._failure: Exception | None = None
        self._counting = threading.Lock()

    def run(
        self, sources: Iterable[T], in_order: bool = True
    ) -> Iterator[tuple[T, bytes | DigitappError]]:
        """Each source with its answer as JSON, or the error; in order, or as they come."""
        waiting: deque[Future[_Bunch[T]]] = deque()
        threads = ThreadPoolExecutor(self._pool.count)
        try:
            for bunch in self._bunches(sources):
                self._room.acquire()
                waiting.append(threads.submit(self._read, bunch))
                yield from self._ready(waiting, in_order, self._held > MOST_HELD)
            while waiting:
                yield from self._ready(waiting, in_order, True)
            if self._failure:
                raise self._failure
        finally:
            threads.shutdown(cancel_futures=True)

    def _bunches(self, sources: Iterable[T]) -> Iterator[list[T]]:
        """The sources in bunches that take about BUNCH_S, as far as is known by then."""
        bunch: list[T] = []
        start = time.monotonic()
        try:
            for source in sources:
                bunch.append(source)
                if len(bunch) >= self._size() or time.monotonic() - start > BUNCH_S:
                    yield bunch
                    bunch, start = [], time.monotonic()
        except Exception as failure:  # noqa: BLE001 (it is raised once all that came before is read)
            self._failure = failure
        if bunch:
            yield bunch

    def _size(self) -> int:
        return min(max(int(BUNCH_S / self._each_s), 1), MOST_IN_BUNCH)

    def _ready(
        self, waiting: "deque[Future[_Bunch[T]]]", in_order: bool, must_wait: bool
    ) -> "Iterator[tuple[T, bytes | DigitappError]]":
        """The outcomes that can be given out now; with `must_wait` there are some."""
        if must_wait:
            wait(islice(waiting, 1) if in_order else waiting, return_when=FIRST_COMPLETED)
        for each in list(waiting):
            if each.done():
                waiting.remove(each)  # mostly the first one
                found = each.result()
                self._count(-found.size)
                yield from found.outcomes
            elif in_order:
                break

    def _read(self, sources: list[T]) -> "_Bunch[T]":
        try:
            start = time.monotonic()
            outcomes = [
                told(each) for some in self._loaded(sources) for each in self._outcomes(some)
            ]
            self._each_s = (self._each_s + (time.monotonic() - start) / len(sources)) / 2
        finally:
            self._room.release()
        found = _Bunch(list(zip(sources, outcomes, strict=True)))
        self._count(found.size)
        return found

    def _loaded(self, sources: list[T]) -> Iterator[list[Picture | DigitappError]]:
        """The pictures, a list for each MOST_BYTES or so; errors stand in their places."""
        some: list[Picture | DigitappError] = []
        size = 0
        for source in sources:
            try:
                picture = self._load(source)
            except DigitappError as error:
                some.append(error)
                continue
            except Exception as fault:  # noqa: BLE001 (the other sources are read)
                some.append(_fault(repr(fault)))
                continue
            some.append(picture)
            size += len(picture) if isinstance(picture, bytes) else picture.grey.nbytes
            if size >= MOST_BYTES:
                yield some
                some, size = [], 0
        yield some

    def _outcomes(self, some: list[Picture | DigitappError]) -> list[Outcome]:
        """What comes of pictures; errors stay as they are."""
        pictures = [each for each in some if not isinstance(each, DigitappError)]
        outcomes = iter(self._pool.read_bunch(pictures, self._flags) if pictures else ())
        return [each if isinstance(each, DigitappError) else next(outcomes) for each in some]

    def _count(self, size: int) -> None:
        with self._counting:
            self._held += size


class _Bunch(Generic[T]):
    """What came of a bunch; `size` is that of its sources and answers, in bytes, or nearly so."""

    def __init__(self, outcomes: list[tuple[T, bytes | DigitappError]]) -> None:
        self.outcomes = outcomes
        self.size = sum(_size(each) for pair in outcomes for each in pair)


def _size(thing: object) -> int:
    """How many bytes something holds: a file's, an array's, or those of something small."""
    if isinstance(thing, bytes):
        return len(thing)
    return int(getattr(thing, "nbytes", SMALL))


def told(outcome: Outcome) -> bytes | DigitappError:
    """A fault of the program is that picture's error, and the others are read."""
    return _fault(str(outcome)) if isinstance(outcome, RuntimeError) else outcome


def _fault(cause: str) -> InternalError:
    error = InternalError("The program has a fault at this picture. The others are read.")
    error.cause = cause
    log.error("A fault at a picture: %s", cause)
    return error
