"""The default engine: right answers from any number of threads, and an end to waiting."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from digitapp.engine import Engine, load
from digitapp.engine.litert import LiteRTEngine
from digitapp.errors import Busy, Unavailable
from digitapp.paths import asset
from digitapp.vision.types import Grey
from tests.engine.marks import drawn, extremes, noise, strips


@pytest.mark.parametrize(("name", "most"), [("digits", 1_300_000), ("strings", 2_000_000)])
def test_the_model_is_there(name: str, most: int) -> None:
    """Not skipped when it is missing: without the model there is no program."""
    assert asset(f"{name}.tflite").stat().st_size <= most


def test_the_model_is_named_by_its_bytes(engine: Engine) -> None:
    digest = hashlib.sha256(asset("digits.tflite").read_bytes()).hexdigest()
    assert engine.model == f"digits-1 sha256:{digest}"


@pytest.mark.parametrize("batch", [drawn(), noise(), extremes()], ids=["drawn", "noise", "extreme"])
def test_each_row_is_eleven_probabilities(engine: Engine, batch: np.ndarray) -> None:
    rows = engine.probabilities(batch)
    assert rows.shape == (len(batch), 11)
    assert rows.dtype == np.float32
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert rows.min() >= 0


@pytest.mark.parametrize("strip", strips(), ids=["57", "2024", "noise", "nothing", "full"])
def test_each_window_is_twelve_probabilities(engine: Engine, strip: Grey) -> None:
    windows = engine.windows(strip)
    assert windows.shape == ((strip.shape[1] - 28) // 2 + 1, 12)
    assert windows.dtype == np.float32
    assert np.allclose(windows.sum(axis=1), 1, atol=1e-5)
    assert windows.min() >= 0


def test_strips_of_any_width_are_read_in_any_order(engine: Engine) -> None:
    expected = [engine.windows(strip) for strip in strips()]
    for strip, windows in reversed(list(zip(strips(), expected, strict=True))):
        assert np.array_equal(engine.windows(strip), windows)


def test_the_drawn_digits_are_read(engine: Engine) -> None:
    assert engine.probabilities(drawn()).argmax(axis=1).tolist() == list(range(10))


def test_an_empty_batch_gives_no_rows(engine: Engine) -> None:
    assert engine.probabilities(drawn()[:0]).shape == (0, 11)


def test_a_batch_is_read_as_its_marks_one_by_one(engine: Engine) -> None:
    together = engine.probabilities(noise())
    alone = np.concatenate([engine.probabilities(mark[np.newaxis]) for mark in noise()])
    assert np.array_equal(together, alone)


def test_many_threads_get_the_answers_of_one() -> None:
    engine = LiteRTEngine(slots=3, wait_s=60)
    batches = [drawn(turn) for turn in (-10, 0, 10)] + [noise(4), extremes()]
    asked = [partial(engine.probabilities, batch) for batch in batches]
    asked += [partial(engine.windows, strip) for strip in strips()]
    expected = [ask() for ask in asked]

    def answer(number: int) -> bool:
        place = number % len(asked)
        return np.array_equal(asked[place](), expected[place])

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(answer, range(300)))


def test_no_more_calls_run_at_once_than_there_are_slots() -> None:
    engine = LiteRTEngine(slots=2, wait_s=0.01)
    with engine._slot() as one, engine._slot() as other:
        assert one is not other
        with pytest.raises(Busy), engine._slot():
            pass
    with engine._slot(), engine._slot():
        pass


def test_a_call_that_finds_no_slot_in_time_is_told_so() -> None:
    engine = LiteRTEngine(slots=1, wait_s=0.01)
    with engine._slot(), pytest.raises(Busy) as caught:
        engine.probabilities(drawn())
    assert caught.value.retry_after
    assert engine.probabilities(drawn()).shape == (10, 11)


def test_a_call_waits_for_a_slot() -> None:
    engine = LiteRTEngine(slots=1, wait_s=60)
    done = threading.Event()

    def ask() -> None:
        engine.probabilities(drawn())
        done.set()

    with engine._slot():
        thread = threading.Thread(target=ask)
        thread.start()
        assert not done.wait(0.2)
    thread.join(60)
    assert done.is_set()


@pytest.mark.parametrize("shape", [(1, 27, 28, 1), (1, 28, 28), (1, 28, 28, 3)])
def test_a_slot_comes_back_after_an_error(shape: tuple[int, ...]) -> None:
    engine = LiteRTEngine(slots=1, wait_s=0.01)
    expected = engine.probabilities(drawn())
    with pytest.raises(ValueError, match=r"dimension|shape|Cannot set tensor"):
        engine.probabilities(np.zeros(shape, dtype=np.float32))
    assert np.array_equal(engine.probabilities(drawn()), expected)


def test_an_engine_that_does_not_exist() -> None:
    with pytest.raises(Unavailable, match=r"'abacus'.*litert or keras"):
        load("abacus")
