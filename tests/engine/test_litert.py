"""The default engine: right answers from any number of threads, each with its own networks."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from digitapp.engine import MODELS, NAME, SIDE, STEP, Engine, in_place, litert, load, released
from digitapp.engine.litert import LiteRTEngine
from digitapp.errors import Unavailable
from digitapp.paths import asset
from digitapp.vision.types import Grey
from tests.engine.inputs import drawn, extremes, line_images, noise, pages


@pytest.mark.parametrize(
    ("name", "most"), [("digits", 1_300_000), ("strings", 2_000_000), ("ink", 700_000)]
)
def test_the_model_is_there(name: str, most: int) -> None:
    """Not skipped when it is missing: without the model there is no program."""
    assert asset(f"{name}.tflite").stat().st_size <= most


def test_the_model_is_named_by_its_bytes(engine: Engine) -> None:
    digest = hashlib.sha256(asset("digits.tflite").read_bytes()).hexdigest()
    assert engine.model == f"{NAME} sha256:{digest}"


@pytest.mark.parametrize("batch", [drawn(), noise(), extremes()], ids=["drawn", "noise", "extreme"])
def test_each_row_is_eleven_probabilities(engine: Engine, batch: np.ndarray) -> None:
    rows = engine.probabilities(batch)
    assert rows.shape == (len(batch), 11)
    assert rows.dtype == np.float32
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert rows.min() >= 0


@pytest.mark.parametrize("line", line_images(), ids=["57", "2024", "noise", "nothing", "full"])
def test_each_window_is_twelve_probabilities(engine: Engine, line: Grey) -> None:
    windows = engine.windows(line)
    assert windows.shape == ((line.shape[1] - 28) // 2 + 1, 12)
    assert windows.dtype == np.float32
    assert np.allclose(windows.sum(axis=1), 1, atol=1e-5)
    assert windows.min() >= 0


def test_line_images_of_any_width_are_read_in_any_order(engine: Engine) -> None:
    expected = [engine.windows(line) for line in line_images()]
    for line, windows in reversed(list(zip(line_images(), expected, strict=True))):
        assert np.array_equal(engine.windows(line), windows)


@pytest.mark.parametrize("page", pages(), ids=["page", "part", "noise", "white", "black"])
def test_each_pixel_has_two_probabilities(engine: Engine, page: Grey) -> None:
    found = engine.ink(page)
    assert found.shape == (*page.shape, 2)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


def test_pages_of_any_size_are_looked_at_in_any_order(engine: Engine) -> None:
    expected = [engine.ink(page) for page in pages()]
    for page, found in reversed(list(zip(pages(), expected, strict=True))):
        assert np.array_equal(engine.ink(page), found)


def test_writing_and_ruling_are_told_apart(engine: Engine) -> None:
    page = pages()[0]
    found = engine.ink(page) > 0.5
    line, ink = found[70:72, 200:], found[:60][page[:60] < 0.3]
    assert line[..., 1].mean() > 0.75 > 0.25 > line[..., 0].mean()
    assert ink[..., 0].mean() > 0.75 > 0.25 > ink[..., 1].mean()


def test_the_networks_outputs_go_to_their_places() -> None:
    fours = np.arange(2 * 3 * 8, dtype=np.float32).reshape(2, 3, 8)
    found = in_place(fours)
    assert found.shape == (4, 6, 2)
    for y, x, kind in np.ndindex(found.shape):
        assert found[y, x, kind] == fours[y // 2, x // 2, (y % 2) * 4 + (x % 2) * 2 + kind]


def test_the_drawn_digits_are_read(engine: Engine) -> None:
    assert engine.probabilities(drawn()).argmax(axis=1).tolist() == list(range(10))


def test_an_empty_batch_gives_no_rows(engine: Engine) -> None:
    assert engine.probabilities(drawn()[:0]).shape == (0, 11)


def test_a_batch_is_read_as_its_candidates_one_by_one(engine: Engine) -> None:
    together = engine.probabilities(noise())
    alone = np.concatenate([engine.probabilities(one[np.newaxis]) for one in noise()])
    assert np.array_equal(together, alone)


def test_many_threads_get_the_answers_of_one() -> None:
    engine = LiteRTEngine()
    batches = [drawn(turn) for turn in (-10, 0, 10)] + [noise(4), extremes()]
    asked = [partial(engine.probabilities, batch) for batch in batches]
    asked += [partial(engine.windows, line) for line in line_images()]
    asked += [partial(engine.ink, page) for page in pages()]
    expected = [ask() for ask in asked]

    def answer(number: int) -> bool:
        place = number % len(asked)
        return np.array_equal(asked[place](), expected[place])

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(answer, range(300)))
    assert 1 <= len(engine._free) <= 12


def test_calls_at_the_same_time_have_networks_of_their_own() -> None:
    engine = LiteRTEngine()
    with engine._borrowed() as one, engine._borrowed() as other, engine._borrowed() as third:
        assert len({id(one), id(other), id(third)}) == 3
    assert {id(each) for each in engine._free} == {id(one), id(other), id(third)}


def test_calls_one_after_another_share_their_networks() -> None:
    engine = LiteRTEngine()
    [only] = engine._free
    for _ in range(3):
        assert engine.probabilities(drawn()).shape == (10, 11)
        assert [*map(id, engine._free)] == [id(only)]


@pytest.mark.parametrize("shape", [(1, 27, 28, 1), (1, 28, 28), (1, 28, 28, 3)])
def test_networks_come_back_after_an_error(shape: tuple[int, ...]) -> None:
    engine = LiteRTEngine()
    expected = engine.probabilities(drawn())
    with pytest.raises(ValueError, match=r"dimension|shape|Cannot set tensor"):
        engine.probabilities(np.zeros(shape, dtype=np.float32))
    assert len(engine._free) == 1
    assert np.array_equal(engine.probabilities(drawn()), expected)


def test_an_engine_that_does_not_exist() -> None:
    with pytest.raises(Unavailable, match=r"'abacus'.*litert or keras"):
        load("abacus")


@pytest.mark.parametrize("at_once", [True, False])
def test_each_network_s_file_is_checked_once_before_it_is_used(
    at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def content(name: str) -> bytes:
        checked.append(name)
        return released.content(name)

    monkeypatch.setattr(litert, "content", content)
    engine = LiteRTEngine(at_once=at_once)
    assert checked == list(MODELS if at_once else MODELS[:1])
    for _ in range(2):
        engine.windows(np.zeros((SIDE, 2 * SIDE), np.float32))
        engine.ink(np.zeros((STEP, STEP), np.float32))
        engine.signs(np.zeros((1, 32, 64, 2), np.float32))
    assert checked == list(MODELS)
