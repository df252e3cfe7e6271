"""A job's workers on this machine."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitapp.cluster import local, worker
from digitapp.cluster.items import Mark
from digitapp.cluster.local import Local
from digitapp.cluster.places import Unreachable
from digitapp.cluster.worker import Task
from digitapp.errors import NotFound, Unavailable

TASK = Task("source", "destination")


class Worker(worker.Worker):
    """Does an item by counting it."""

    made: "list[Worker]" = []  # noqa: RUF012

    def __init__(self, _: Task) -> None:
        self.done: list[int] = []
        self.is_closed = False
        Worker.made.append(self)

    def do(self, number: int) -> Mark:
        if number < 0:
            raise Unreachable("The store is away.")
        if number == 0:
            raise NotFound("items/000000.json is not there.")
        self.done.append(number)
        return Mark(number)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(local, "Worker", Worker)
    Worker.made.clear()
    yield
    assert all(each.is_closed for each in Worker.made)


def test_each_item_is_done_once() -> None:
    driver = Local(TASK, 3)
    outcomes = dict(driver.run(range(1, 50)))
    driver.close()
    assert outcomes == {number: Mark(number) for number in range(1, 50)}
    assert sorted(n for each in Worker.made for n in each.done) == list(range(1, 50))
    assert len(Worker.made) == driver.workers == 3


def test_items_that_fail_say_why_and_the_others_go_on() -> None:
    driver = Local(TASK, 2)
    outcomes = dict(driver.run([1, -1, 2, 0]))
    driver.close()
    assert {n for n, outcome in outcomes.items() if isinstance(outcome, Mark)} == {1, 2}
    assert str(outcomes[-1]) == "The store is away."
    assert str(outcomes[0]) == "items/000000.json is not there."


def test_who_stops_listening_has_no_more_items_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    may_go_on = threading.Event()

    def fails(_: Worker, number: int) -> Mark:
        tried.append(number)
        if number:
            may_go_on.wait(20)
        raise Unreachable("The store is away.")

    monkeypatch.setattr(Worker, "do", fails)
    driver = Local(TASK, 1)
    outcomes = iter(driver.run(range(100)))
    assert next(outcomes)[0] == 0
    del outcomes
    may_go_on.set()
    assert dict(driver.run([100])).keys() == {100}
    driver.close()
    assert tried in ([0, 100], [0, 1, 100])  # one may have begun


def test_workers_work_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    barrier = threading.Barrier(2)

    def meets(self: Worker, number: int) -> Mark:
        barrier.wait(20)  # fails unless both are here
        return Mark(number)

    monkeypatch.setattr(Worker, "do", meets)
    driver = Local(TASK, 2)
    assert dict(driver.run([1, 2])) == {1: Mark(1), 2: Mark(2)}
    driver.close()


def test_closed_in_the_middle_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Local(TASK, 1)
    outcomes = driver.run(range(1, 1000))
    next(outcomes)
    driver.close()
    driver.close()
    assert len(Worker.made[0].done) < 1000


def test_one_that_does_not_start_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Second(Worker):
        def __init__(self, task: Task) -> None:
            if Worker.made:
                raise Unavailable("It does not start.")
            super().__init__(task)

    monkeypatch.setattr(local, "Worker", Second)
    with pytest.raises(Unavailable, match="does not start"):
        Local(TASK, 2)
    assert len(Worker.made) == 1


def test_real_workers(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cluster.test_worker import prepared

    monkeypatch.undo()
    driver = Local(prepared(Task(str(scans), str(tmp_path / "out"))), 2)
    outcomes = dict(driver.run([1, 2, 3, 4]))
    driver.close()
    assert sum(mark.pictures for mark in outcomes.values() if isinstance(mark, Mark)) == 12
