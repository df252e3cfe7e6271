"""What a worker does, on this machine or on one of a cluster: it reads items, one at a time."""

import json
import queue
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from digitapp import files
from digitapp.cluster.items import Items, Mark
from digitapp.cluster.places import Found, Unreachable, place
from digitapp.cluster.shards import FORMS, Row
from digitapp.engine import MODELS
from digitapp.engine.released import released
from digitapp.errors import Busy, DigitappError, InternalError, Unavailable
from digitapp.jobs import rights
from digitapp.jobs.batch import Batch
from digitapp.jobs.pool import Processes

AHEAD, AHEAD_BYTES = 32, 64 * 1024 * 1024
"""So many pictures are fetched before they are read, or one of more than so many bytes: a bucket
answers after 50 ms and more, a picture is read in 2."""


JOB = "job.json"
"""Says at the destination what the job is, see `Task.identity`."""

OTHER = "A worker's digitapp has other networks than the job: install one version on all machines."


LOOK_S = 1.0
"""After so many seconds a worker that waits looks whether it is closed."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for all items of a job; it goes to the workers of a cluster.

    `source` and `destination` are addresses as `places.place` takes them, `form` is a name of
    `shards.FORMS`, `flags` are options of reading, and `budget_s` is a picture's processor time in
    seconds.
    """

    source: str
    destination: str
    form: str = "jsonl"
    flags: tuple[str, ...] = ()
    budget_s: float = rights.BUDGET_S

    def identity(self) -> bytes:
        """What the rows depend on: who goes on with a job, or helps with it, must have the same."""
        facts = {
            "source": self.source,
            "form": self.form,
            "flags": sorted(self.flags),
            "models": {name: released(name) for name in MODELS},
        }
        return json.dumps(facts, indent=2).encode()


class Worker:
    """Reads items with one process of few rights, which it starts."""

    def __init__(self, task: Task) -> None:
        """Start it.

        Raises:
            Unavailable: an address is of no use, a package is missing, or no process starts.
        """
        self._task = task
        self._source, self._destination = place(task.source), place(task.destination)
        self._items = Items(self._destination)
        self._is_closed = False
        if self._destination.read(JOB) != task.identity():
            raise Unavailable(OTHER)
        FORMS[task.form]([])  # say now what is missing
        self._pool = Processes(1, task.budget_s)
        self._fetchers = ThreadPoolExecutor(AHEAD)

    def do(self, number: int) -> Mark:
        """Read an item's pictures, write its shard, then its mark.

        Done twice, it writes the same files with the same rows.

        Raises:
            Unreachable: the source or the destination does not answer, or the worker is closed;
                nothing is marked.
        """
        try:
            rows = self._rows(number)
        except Exception:
            self._go_on()  # once it is closed, all that it uses fails in some way
            raise
        self._go_on()
        shard = f"results/{number:06}.{self._task.form}"
        self._destination.write(shard, FORMS[self._task.form](rows))
        mark = _mark(rows)
        self._items.finish(number, mark)
        return mark

    def tried(self, number: int) -> Mark | Unreachable:
        """The same; why an item is not done is a value, so that it passes between processes."""
        try:
            return self.do(number)
        except Unreachable as error:
            return error
        except DigitappError as error:  # the item's file is damaged or gone
            return Unreachable(str(error))

    def _go_on(self) -> None:
        """Raise Unreachable if it is closed."""
        if self._is_closed:
            raise Unreachable("The job is stopped.")

    def close(self) -> None:
        """End its process; what it is doing is not finished. Harmless twice."""
        self._is_closed = True
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self._pool.close()

    def _rows(self, number: int) -> list[Row]:
        """What comes of an item's pictures."""
        pictures = self._items.pictures(number)
        outcomes = self._read(pictures)
        # Their process has died or had no memory: that may be the machine's fault.
        again = [each for each in pictures if _may_pass(outcomes[each.name])]
        outcomes |= self._read(again)
        return [(each.name, outcomes[each.name]) for each in pictures]

    def _read(self, pictures: list[Found]) -> dict[str, bytes | DigitappError]:
        """What comes of pictures, by their names."""
        away: list[Unreachable] = []

        def load(fetched: "_Fetched") -> bytes:
            if isinstance(fetched.data, bytes):
                return files.filled(fetched.data)
            if isinstance(fetched.data, Unreachable):
                away.append(fetched.data)
            raise fetched.data

        outcomes: dict[str, bytes | DigitappError] = {}
        batch = Batch(self._pool, load, self._task.flags)
        for fetched, outcome in batch.run(self._fetched(pictures)):
            outcomes[fetched.name] = outcome
            if away:
                raise away[0]
        return outcomes

    def _fetched(self, pictures: list[Found]) -> Iterator["_Fetched"]:
        """Pictures as they arrive: one that is late keeps no other back."""
        arrived: queue.SimpleQueue[_Fetched] = queue.SimpleQueue()
        expected = held = 0
        for found in pictures:
            while expected and (expected >= AHEAD or held + found.size > AHEAD_BYTES):
                fetched = self._next(arrived)
                expected, held = expected - 1, held - fetched.size
                yield fetched
            self._fetchers.submit(self._fetch, found, arrived)
            expected, held = expected + 1, held + found.size
        for _ in range(expected):
            yield self._next(arrived)

    def _fetch(self, found: Found, arrived: "queue.SimpleQueue[_Fetched]") -> None:
        try:
            data: bytes | Exception = self._source.picture(found.name)
        except Exception as error:  # noqa: BLE001 (who reads the picture raises it)
            data = error
        arrived.put(_Fetched(*found, data))

    def _next(self, arrived: "queue.SimpleQueue[_Fetched]") -> "_Fetched":
        while True:
            self._go_on()  # once it is closed, nothing may arrive any more
            with suppress(queue.Empty):
                return arrived.get(timeout=LOOK_S)


class _Fetched(NamedTuple):
    """A picture's name, its size as it was listed, and its bytes or why there are none."""

    name: str
    size: int
    data: bytes | Exception


def _may_pass(outcome: bytes | DigitappError) -> bool:
    return isinstance(outcome, (InternalError, Busy))


def _mark(rows: list[Row]) -> Mark:
    mark = Mark(pictures=len(rows))
    for _, outcome in rows:
        if isinstance(outcome, DigitappError):
            mark.errors += Counter([outcome.code])
        else:
            answer = json.loads(outcome)
            mark.symbols += len(answer["symbols"])
            mark.doubtful += answer["doubt"]
    return mark
