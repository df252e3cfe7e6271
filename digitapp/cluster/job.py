"""A job from its beginning to its summary: one function, and two drivers for it."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from digitapp.cluster.items import Index, Items, Mark
from digitapp.cluster.places import Place, Unreachable, place
from digitapp.cluster.shards import FORMS
from digitapp.cluster.worker import JOB, Task
from digitapp.errors import NotFound, Unavailable

ROUNDS = 3
"""So often an item is tried whose source or destination did not answer."""

MOST_FAILURES = 2
"""After so many failures in a row for each worker a round ends: each may take a minute."""


class Told(Protocol):
    """Hears how a job goes, for who waits for it."""

    def expect(self, total: int) -> None:
        """So many pictures are found by now."""

    def begin(self, done: int) -> None:
        """Reading begins; earlier runs have done so many pictures."""

    def set(self, done: int, doubtful: int, failed: int) -> None:
        """So many pictures are done by this run."""


class Driver(Protocol):
    """What has items done by workers."""

    @property
    def workers(self) -> int:
        """How many items are done at the same time."""

    def run(self, numbers: Iterable[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
        """Do items, in any order; each with its mark, or why it is not done."""

    def close(self) -> None:
        """End what was begun; harmless twice."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a job: all that is done by now, what this run has done, and what is left.

    `why` says why something is left.
    """

    done: Mark
    here: Mark
    seconds: float
    left: int
    why: str

    def to_json(self) -> dict[str, Any]:
        """As `summary.json` holds it."""
        return {
            **self.done.to_json(),
            "failed": self.done.errors.total(),
            "left": self.left,
            "last_run": {"pictures": self.here.pictures, "seconds": round(self.seconds, 1)},
        }


def run(task: Task, start: Callable[[], Driver], told: Told, again: bool = False) -> Summary:
    """Do a job, or what is left of it.

    `start` starts its driver. With `again`, items with pictures that could not be read are done
    again.

    Raises:
        NotFound: the source has no picture.
        Unavailable: the destination holds another job, a package is missing, or the source or the
            destination does not answer.
    """
    try:
        source, destination = place(task.source), place(task.destination)
        if next(source.pictures(), None) is None:
            raise NotFound(f"There is no picture in {task.source} that can be read.")
        FORMS[task.form]([])  # a destination must not be claimed by what cannot run
        _claim(task, destination)
        items = Items(destination)
        with closing(start()) as driver:
            index = Index(items)
            index.add(source.pictures(), driver.workers, told.expect)
            summary = _do(items, driver, told, again)
        destination.write("summary.json", json.dumps(summary.to_json(), indent=2).encode())
    except Unreachable as error:
        raise Unavailable(f"{error} Run the same command again to go on.") from None
    return summary


def _claim(task: Task, destination: Place) -> None:
    """Note at the destination what the job is.

    Raises:
        Unavailable: it holds another one.
    """
    job = task.identity()
    if not destination.create(JOB, job) and destination.read(JOB) != job:
        raise Unavailable(
            f"{task.destination} holds the results of another job: see {JOB} there. "
            "Give the same source, form and options, or another destination."
        )


def _do(items: Items, driver: Driver, told: Told, again: bool) -> Summary:
    """Have all items done that are left."""
    begin, finished = time.monotonic(), items.done()
    marks = dict(zip(finished, items.marks(finished), strict=True))
    if again:
        marks = {number: mark for number, mark in marks.items() if not mark.errors}
    done, here, why = sum(marks.values(), Mark()), Mark(), ""
    left = set(items.numbers()) - set(marks)
    told.begin(done.pictures)
    for _ in range(ROUNDS):
        for number, outcome in _round(driver, sorted(left)):
            if isinstance(outcome, Mark):
                here += outcome
                left.remove(number)
                told.set(here.pictures, here.doubtful, here.errors.total())
            else:
                why = str(outcome)
        if not left:
            break
    return Summary(done + here, here, time.monotonic() - begin, len(left), why if left else "")


def _round(driver: Driver, numbers: list[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
    """Do items, each once at most: a place that is away for good ends the round."""
    failures = 0
    for number, outcome in driver.run(numbers):
        yield number, outcome
        failures = 0 if isinstance(outcome, Mark) else failures + 1
        if failures > MOST_FAILURES * driver.workers:
            return
