"""A job from its beginning to its summary, and taken up again."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digitapp.cluster import job
from digitapp.cluster.items import Items, Mark
from digitapp.cluster.local import Local
from digitapp.cluster.places import Folder, Unreachable, place
from digitapp.cluster.worker import Task
from digitapp.errors import NotFound, Unavailable
from tests import drawings


class Told:
    """Notes what is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def expect(self, total: int) -> None:
        self.heard.append(("expect", total))

    def begin(self, done: int) -> None:
        self.heard.append(("begin", done))

    def set(self, done: int, doubtful: int, failed: int) -> None:
        self.heard.append(("set", done, doubtful, failed))


class Driver:
    """Does items by marking them; those in `failing` fail so many times."""

    def __init__(self, task: Task, failing: dict[int, int] | None = None) -> None:
        self._items = Items(place(task.destination))
        self._failing = Counter(failing or {})
        self.workers, self.is_closed = 1, False
        self.asked: list[list[int]] = []

    def run(self, numbers: Iterable[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
        self.asked.append(list(numbers))
        for number in self.asked[-1]:
            if self._failing[number] > 0:
                self._failing[number] -= 1
                yield number, Unreachable("The store is away.")
                continue
            pictures = len(self._items.pictures(number))
            mark = Mark(pictures, pictures, 1, Counter({"not-found": 1}))
            self._items.finish(number, mark)
            yield number, mark

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def task(scans: Path, tmp_path: Path) -> Task:
    return Task(str(scans), str(tmp_path / "out"))


def summary(task: Task) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(place(task.destination).read("summary.json"))
    return found


def test_a_job_and_its_summary(task: Task) -> None:
    driver, told = Driver(task), Told()
    found = job.run(task, lambda: driver, told)
    assert found.done == found.here == Mark(12, 12, 4, Counter({"not-found": 4}))
    assert (found.left, found.why) == (0, "")
    assert driver.asked == [[1, 2, 3, 4]]
    assert driver.is_closed
    assert told.heard[:5] == [*(("expect", n) for n in (3, 6, 9, 12)), ("begin", 0)]
    assert told.heard[5:] == [("set", n, n // 3, n // 3) for n in (3, 6, 9, 12)]
    told_summary = summary(task)
    del told_summary["last_run"]["seconds"]
    assert told_summary == {
        "pictures": 12,
        "symbols": 12,
        "doubtful": 4,
        "errors": {"not-found": 4},
        "failed": 4,
        "left": 0,
        "last_run": {"pictures": 12},
    }


def test_nothing_is_done_again(task: Task) -> None:
    job.run(task, lambda: Driver(task), Told())
    driver, told = Driver(task), Told()
    found = job.run(task, lambda: driver, told)
    assert driver.asked == [[]]
    assert (found.done.pictures, found.here.pictures) == (12, 0)
    assert told.heard[-1] == ("begin", 12)


def test_what_has_come_since_is_done(task: Task) -> None:
    job.run(task, lambda: Driver(task), Told())
    (Path(task.source) / "new.png").write_bytes(b"x")
    found = job.run(task, lambda: Driver(task), Told())
    assert (found.done.pictures, found.here.pictures) == (13, 1)


def test_an_item_that_fails_is_tried_again(task: Task) -> None:
    driver = Driver(task, {2: 1})
    found = job.run(task, lambda: driver, Told())
    assert driver.asked == [[1, 2, 3, 4], [2]]
    assert (found.left, found.why, found.here.pictures) == (0, "", 12)


def test_items_that_keep_failing_are_left_and_told(task: Task) -> None:
    driver = Driver(task, {2: 99, 3: 1})
    found = job.run(task, lambda: driver, Told())
    assert driver.asked == [[1, 2, 3, 4], [2, 3], [2]]
    assert (found.left, found.why) == (1, "The store is away.")
    assert summary(task)["left"] == 1
    again = job.run(task, lambda: Driver(task), Told())
    assert (again.left, again.here.pictures, again.done.pictures) == (0, 3, 12)


def test_a_store_that_is_away_for_good_is_not_asked_for_every_item(task: Task) -> None:
    driver = Driver(task, dict.fromkeys(range(100), 99))
    for number in range(100):
        (Path(task.source) / f"{number}.png").write_bytes(b"x")
    tried: list[int] = []
    real = Driver.run

    def count(self: Driver, numbers: Iterable[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
        for each in real(self, numbers):
            tried.append(each[0])
            yield each

    driver.run = count.__get__(driver)  # type: ignore[method-assign]
    found = job.run(task, lambda: driver, Told())
    assert found.left == 4
    assert len(tried) == job.ROUNDS * (job.MOST_FAILURES + 1)


def test_another_job_at_the_destination_is_refused(task: Task, tmp_path: Path) -> None:
    job.run(task, lambda: Driver(task), Told())
    for other in (
        Task(str(tmp_path), task.destination),
        Task(task.source, task.destination, "parquet"),
        Task(task.source, task.destination, flags=("one_digit",)),
    ):
        with pytest.raises(Unavailable, match=r"holds the results of another job: see job\.json"):
            job.run(other, lambda: Driver(task), Told())
    job.run(Task(task.source, task.destination, budget_s=3), lambda: Driver(task), Told())


def test_a_form_whose_package_is_missing_claims_nothing(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    other = replace(task, form="parquet")
    with pytest.raises(Unavailable, match="Parquet needs another package"):
        job.run(other, lambda: Driver(other), Told())
    job.run(task, lambda: Driver(task), Told())


def test_a_source_without_pictures(task: Task, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="There is no picture in"):
        job.run(Task(str(tmp_path / "empty"), task.destination), lambda: Driver(task), Told())
    job.run(task, lambda: Driver(task), Told())  # the mistake has left nothing there


def test_a_destination_that_fails_is_told(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Unreachable("The disk is full.")

    monkeypatch.setattr(Folder, "create", full)
    with pytest.raises(Unavailable, match=r"The disk is full\. Run the same command again"):
        job.run(task, lambda: Driver(task), Told())


def test_for_real(task: Task) -> None:
    found = job.run(task, lambda: Local(task, 2), Told())
    assert found.done == Mark(12, 10, 0, Counter({"unsupported-format": 2}))


def test_again_reads_items_with_failures_and_no_others(task: Task) -> None:
    found = job.run(task, lambda: Local(task, 1), Told())
    assert found.done.errors == {"unsupported-format": 2}
    for path in (Path(task.source) / "broken").iterdir():
        path.write_bytes(drawings.png(8))
    failed = [n for n in range(1, 5) if next(Items(place(task.destination)).marks([n])).errors]
    driver = Driver(task)
    job.run(task, lambda: driver, Told())
    assert driver.asked == [[]]
    mended = job.run(task, lambda: Local(task, 1), Told(), again=True)
    assert (mended.done.pictures, mended.done.errors) == (12, {})
    assert mended.here.pictures == 3 * len(failed)
