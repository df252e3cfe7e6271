"""Many pictures: each has its outcome, in its place, and no more is in memory than must be."""

import json
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing

import pytest

from digitapp.errors import InternalError, NotFound
from digitapp.jobs import batch
from digitapp.jobs.batch import Batch
from digitapp.jobs.pool import Processes
from digitapp.jobs.wire import Outcome, Picture
from tests.drawings import png


class Pool(Processes):
    """Answers with the picture itself, after `delay` seconds, and notes the bunches."""

    def __init__(self, count: int = 2, delay: float = 0.0) -> None:
        self.count, self._delay = count, delay
        self.bunches: list[int] = []

    def read_bunch(self, pictures: Sequence[Picture], _flags: Collection[str]) -> list[Outcome]:
        self.bunches.append(len(pictures))
        time.sleep(self._delay * len(pictures))
        return [bytes(each) if isinstance(each, bytes) else b"" for each in pictures]


def load(number: int) -> bytes:
    if number % 10 == 3:
        raise NotFound
    return str(number).encode()


def test_each_has_its_outcome_in_order() -> None:
    outcomes = list(Batch(Pool(), load).run(range(500)))
    assert [number for number, _ in outcomes] == list(range(500))
    for number, outcome in outcomes:
        if number % 10 == 3:
            assert isinstance(outcome, NotFound)
        else:
            assert outcome == str(number).encode()


def test_out_of_order_none_is_missing_and_a_slow_one_keeps_no_other_back() -> None:
    gate = threading.Event()

    def slow_first(number: int) -> bytes:
        if number == 0:
            gate.wait(20)
        return b"x"

    found = []
    for number, _ in Batch(Pool(), slow_first).run(range(200), in_order=False):
        found.append(number)
        if len(found) == 100:
            gate.set()
    assert sorted(found) == list(range(200))
    assert found[0] != 0


def test_quick_pictures_go_in_bunches_and_slow_ones_alone() -> None:
    quick, slow = Pool(), Pool(delay=0.06)
    list(Batch(quick, load).run(range(1_000)))
    list(Batch(slow, load).run(range(12)))
    assert max(quick.bunches) > 8
    assert max(slow.bunches) == 1


def large(_: int) -> bytes:
    return bytes(600)


def test_large_files_are_not_all_in_memory_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_BYTES", 1_000)
    pool = Pool(1)
    outcomes = list(Batch(pool, large).run(range(300)))
    assert len(outcomes) == 300
    assert max(pool.bunches) == 2


def test_sources_are_taken_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow picture in front keeps answers waiting, up to a bound; then nothing more is read."""
    monkeypatch.setattr(batch, "MOST_HELD", 500)
    gate, taken = threading.Event(), []

    def sources() -> Iterator[int]:
        for number in range(3_000):
            taken.append(number)
            yield number

    def load(number: int) -> bytes:
        if number == 0:
            gate.wait(20)
        return bytes(100)

    outcomes = Batch(Pool(), load).run(sources())
    first = threading.Thread(target=next, args=(outcomes,))
    first.start()
    time.sleep(0.5)
    most = len(taken)
    gate.set()
    first.join(20)
    assert most < 1_000
    assert len(list(outcomes)) == 2_999


def test_what_sources_raise_comes_after_all_before_it() -> None:
    def sources() -> Iterator[int]:
        yield from range(1, 3)
        raise OSError("the disk is gone")

    found = []
    with pytest.raises(OSError, match="the disk is gone"):
        for number, _ in Batch(Pool(), load).run(sources()):
            found.append(number)
    assert found == [1, 2]


def test_slow_sources_are_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BUNCH_S", 0.01)

    def sources() -> Iterator[int]:
        for number in range(10):
            time.sleep(0.02)
            yield number

    pool = Pool()
    list(Batch(pool, load).run(sources()))
    assert max(pool.bunches) <= 2


def test_whatever_a_source_does_the_others_are_read() -> None:
    def load(number: int) -> bytes:
        return str(1 // number).encode()

    outcomes = dict(Batch(Pool(), load).run([1, 0, 1]))
    assert isinstance(outcomes[0], InternalError)
    assert outcomes[1] == b"1"


def test_it_can_be_left_in_the_middle() -> None:
    before = threading.active_count()
    outcomes = Batch(Pool(), load).run(range(100_000))
    assert next(outcomes)[0] == 0
    outcomes.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_a_fault_of_the_program_is_that_pictures_error() -> None:
    class Faulty(Pool):
        def read_bunch(self, pictures: Sequence[Picture], _flags: Collection[str]) -> list[Outcome]:
            return [RuntimeError("a fault") for _ in pictures]

    [(_, outcome)] = Batch(Faulty(), load).run([1])
    assert isinstance(outcome, InternalError)
    assert "a fault" in outcome.message


def test_real_processes_give_the_same_as_one_by_one() -> None:
    pictures = [png(number % 10, 60) for number in range(60)]
    with closing(Processes(2)) as pool:
        outcomes = list(Batch(pool, bytes).run(pictures))
    texts = [json.loads(each)["text"] for _, each in outcomes if isinstance(each, bytes)]
    assert texts == [str(number % 10) for number in range(60)]
