"""A worker: an item becomes a shard and a mark, or nothing is marked."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from digitapp.cluster import worker as module
from digitapp.cluster.items import Index, Items
from digitapp.cluster.places import Folder, Found, Unreachable, place
from digitapp.cluster.worker import JOB, Task, Worker
from digitapp.errors import Busy, InternalError, Unavailable
from digitapp.jobs.pool import Processes
from digitapp.jobs.wire import Outcome
from tests import drawings
from tests.cluster.conftest import fill


def prepared(task: Task) -> Task:
    """A job with one item for each quarter of its pictures."""
    destination = place(task.destination)
    destination.create(JOB, task.identity())
    Index(Items(destination)).add(place(task.source).pictures(), 1, lambda _: None)
    return task


@pytest.fixture
def task(scans: Path, tmp_path: Path) -> Task:
    return prepared(Task(str(scans), str(tmp_path / "out")))


@pytest.fixture
def worker(task: Task) -> Iterator[Worker]:
    with closing(Worker(task)) as worker:
        yield worker


def rows(task: Task, number: int) -> list[dict[str, Any]]:
    data = place(task.destination).read(f"results/{number:06}.jsonl")
    return [json.loads(line) for line in data.splitlines()]


def test_an_item_becomes_a_shard_and_a_mark(task: Task, worker: Worker) -> None:
    items = Items(place(task.destination))
    marks = [worker.do(number) for number in items.numbers()]
    found = [row for number in items.numbers() for row in rows(task, number)]
    assert [row["file"] for row in found] == [each.name for each in place(task.source).pictures()]
    for row in found:
        if "error" in row:
            assert row["error"]["code"] == "unsupported-format"
        else:
            assert row["text"] == row["file"][-5]
    assert sum(mark.pictures for mark in marks) == 12
    assert sum(mark.symbols for mark in marks) == 10
    assert sum(mark.errors["unsupported-format"] for mark in marks) == 2
    assert list(items.marks(items.done())) == marks


def test_done_twice_it_is_the_same(task: Task, worker: Worker) -> None:
    def without_time() -> list[dict[str, Any]]:
        return [{**row, "elapsed_ms": 0} for row in rows(task, 1)]

    mark = worker.do(1)
    before = without_time()
    assert worker.do(1) == mark
    assert without_time() == before
    assert len(list(place(task.destination).names("results"))) == 1


def test_a_picture_that_has_gone_is_a_row(task: Task, worker: Worker) -> None:
    gone = Items(place(task.destination)).pictures(1)[0]
    (Path(task.source) / gone.name).unlink()
    assert worker.do(1).errors == {"not-found": 1}
    assert rows(task, 1)[0]["error"]["code"] == "not-found"


def test_a_source_that_is_away_leaves_no_mark_and_no_row(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Folder, name: str) -> bytes:
        if name == Items(place(task.destination)).pictures(1)[-1].name:
            raise Unreachable("The store is away.")
        return (Path(task.source) / name).read_bytes()

    monkeypatch.setattr(Folder, "picture", away)
    with pytest.raises(Unreachable, match="The store is away"):
        worker.do(1)
    assert Items(place(task.destination)).done() == []
    monkeypatch.undo()
    assert worker.do(1).pictures == 3  # and it goes on


def test_a_killed_process_costs_no_row(task: Task, worker: Worker) -> None:
    killing = threading.Event()

    def kill() -> None:
        while not killing.wait(0.05):
            os.kill(worker._pool._all[0].popen.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    [mark, *_] = [worker.do(1)]
    thread.start()
    time.sleep(0.1)
    killing.set()
    thread.join()
    assert worker.do(2).errors == {}
    assert mark.errors == {}


@pytest.mark.parametrize("error", [InternalError(), Busy()])
def test_what_may_be_the_machines_fault_is_tried_again(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real: Callable[..., list[Outcome]] = Processes.read_bunch
    failed = set[bytes]()

    def fails_once(self: Processes, pictures: Sequence[bytes], flags: object) -> list[Outcome]:
        found = real(self, pictures, flags)
        new = [picture not in failed for picture in pictures]
        failed.update(pictures)
        return [error if n else each for n, each in zip(new, found, strict=True)]  # type: ignore[misc]

    monkeypatch.setattr(Processes, "read_bunch", fails_once)
    assert worker.do(1).errors == {}


def test_what_breaks_its_process_each_time_is_a_row(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(_: Processes, pictures: Sequence[bytes], __: object) -> list[Outcome]:
        return [InternalError() for _ in pictures]

    monkeypatch.setattr(Processes, "read_bunch", always)
    assert worker.do(1).errors == {"internal-error": 3}


def test_stopped_in_the_middle_it_marks_nothing(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Folder.picture

    def stops(self: Folder, name: str) -> bytes:
        worker._is_closed = True
        return real(self, name)

    monkeypatch.setattr(Folder, "picture", stops)
    with pytest.raises(Unreachable, match="stopped"):
        worker.do(1)
    assert Items(place(task.destination)).done() == []


def test_closed_while_it_reads_it_marks_nothing(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Folder.picture
    is_reading = threading.Event()

    def slow(self: Folder, name: str) -> bytes:
        is_reading.set()
        time.sleep(0.2)
        return real(self, name)

    monkeypatch.setattr(Folder, "picture", slow)
    errors: list[Exception] = []

    def do() -> None:
        try:
            worker.do(1)
        except Exception as error:  # noqa: BLE001 (it is looked at below)
            errors.append(error)

    thread = threading.Thread(target=do)
    thread.start()
    is_reading.wait(20)
    worker.close()
    thread.join(20)
    assert [type(each) for each in errors] == [Unreachable]
    assert Items(place(task.destination)).done() == []


def test_pictures_are_fetched_ahead_and_not_all(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(_: Folder, name: str) -> bytes:
        asked.append(name)
        return b"x"

    monkeypatch.setattr(Folder, "picture", note)
    many = [Found(str(number), 10) for number in range(1000)]
    fetched = worker._fetched(many)
    names = [next(fetched).name, next(fetched).name]
    assert 1 < len(asked) <= module.AHEAD + 2
    names += [each.name for each in fetched]
    assert sorted(names) == sorted(each.name for each in many)
    large = [Found(f"large-{number}", module.AHEAD_BYTES) for number in range(5)]
    assert next(worker._fetched(large)).data == b"x"
    assert [name for name in asked if name.startswith("large")] == ["large-0"]


def test_a_late_picture_keeps_no_other_back(
    task: Task, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def late(_: Folder, name: str) -> bytes:
        if name == "0":
            gate.wait(20)
        return b"x"

    monkeypatch.setattr(Folder, "picture", late)
    fetched = worker._fetched([Found(str(number), 10) for number in range(1000)])
    assert "0" not in {next(fetched).name for _ in range(999)}
    gate.set()
    assert [each.name for each in fetched] == ["0"]


def test_options_of_reading_are_kept(scans: Path, tmp_path: Path) -> None:
    (scans / "0" / "00099.png").write_bytes(drawings.encode(drawings.write("12")))
    task = prepared(Task(str(scans), str(tmp_path / "one"), flags=("one_digit",)))
    with closing(Worker(task)) as worker:
        for each in Items(place(task.destination)).numbers():
            worker.do(each)
    found = [row for n in Items(place(task.destination)).done() for row in rows(task, n)]
    assert all(len(row["text"]) <= 1 for row in found if "text" in row)


def test_other_networks_are_refused(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "released", lambda name: f"another {name}")
    with pytest.raises(Unavailable, match="other networks"):
        Worker(task)


def test_a_slow_picture_is_a_row(scans: Path, tmp_path: Path) -> None:
    task = prepared(Task(str(scans), str(tmp_path / "slow"), budget_s=1e-6))
    with closing(Worker(task)) as worker:
        assert set(worker.do(1).errors) == {"too-large"}


def test_from_and_to_a_bucket(bucket: str) -> None:
    fill(f"{bucket}/in", 8)
    task = prepared(Task(f"{bucket}/in", f"{bucket}/out"))
    with closing(Worker(task)) as worker:
        mark = worker.do(1)
    assert (mark.pictures, mark.symbols, mark.errors) == (2, 2, {})
    assert [row["text"] for row in rows(task, 1)] == ["0", "3"]
