"""A candidate becomes 28x28 as MNIST's makers did it, or a line image.

The 28x28 are held against a slow oracle, both by properties.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from digitapp.engine import SIDE
from digitapp.vision import normalize
from digitapp.vision.types import Grey
from tests.drawings import coverage

Rows = list[list[float]]


def ink_of(digit: int, side: int = 200, pen: float = 1 / 12, turn: float = 0.0) -> Grey:
    """A drawn digit, cropped to its box."""
    return crop((np.asarray(coverage(digit, side, pen, turn)) / 255).astype(np.float32))


def crop(ink: Grey) -> Grey:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# --- the oracle: MNIST's method in plain Python, pixel by pixel


def oracle(ink: Rows) -> Rows:
    """Ink box into 20x20 by area coverage, stretched to full ink, centroid nearest to (14, 14)."""
    height, width = len(ink), len(ink[0])
    scale = 20 / max(height, width)
    small = shrink(ink, max(1, round(height * scale)), max(1, round(width * scale)))
    return place(stretch(small))


def shrink(ink: Rows, height: int, width: int) -> Rows:
    """Each pixel is the mean of the area that it covers."""
    down, across = len(ink) / height, len(ink[0]) / width
    return [
        [
            area(ink, row * down, (row + 1) * down, column * across, (column + 1) * across)
            for column in range(width)
        ]
        for row in range(height)
    ]


def area(ink: Rows, top: float, bottom: float, left: float, right: float) -> float:
    total = 0.0
    for y in range(math.floor(top), min(math.ceil(bottom), len(ink))):
        for x in range(math.floor(left), min(math.ceil(right), len(ink[0]))):
            tall = min(y + 1, bottom) - max(y, top)
            wide = min(x + 1, right) - max(x, left)
            total += ink[y][x] * tall * wide
    return total / ((bottom - top) * (right - left))


def stretch(ink: Rows) -> Rows:
    """The ink that nine in ten of the inked pixels do not pass becomes full."""
    most = max(map(max, ink))
    inked = sorted(value for row in ink for value in row if value > 0.02 * most)
    full = inked[int(0.9 * len(inked))]
    return [[min(value / full, 1) for value in row] for row in ink]


def place(small: Rows) -> Rows:
    """Into 28x28 at the whole offset floor(15 - c), c the centroid, clamped to fit."""
    height, width = len(small), len(small[0])
    total = sum(map(sum, small))
    y = sum((row + 0.5) * sum(small[row]) for row in range(height)) / total
    x = sum((column + 0.5) * row[column] for row in small for column in range(width)) / total
    top = min(max(math.floor(15 - y), 0), 28 - height)
    left = min(max(math.floor(15 - x), 0), 28 - width)
    full = [[0.0] * 28 for _ in range(28)]
    for row in range(height):
        for column in range(width):
            full[top + row][left + column] = small[row][column]
    return full


def difference(one: Grey, other: Grey | Rows) -> NDArray[np.float64]:
    return np.asarray(np.abs(one.astype(np.float64) - np.asarray(other)))


def difference_but_for_a_step(one: Grey, other: Grey) -> float:
    """Mean difference when `other` may lie a pixel off: the place is rounded to whole pixels."""
    steps = [np.roll(other, step, (0, 1)) for step in np.ndindex(3, 3)]
    return min(float(difference(np.roll(one, (1, 1), (0, 1)), moved).mean()) for moved in steps)


@pytest.mark.parametrize("factor", [1, 2, 3, 5])
@pytest.mark.parametrize("digit", range(10))
def test_whole_reductions_are_exactly_the_oracles(digit: int, factor: int) -> None:
    whole = np.zeros((20 * factor, 20 * factor), dtype=np.float32)
    ink = ink_of(digit, 24 * factor)[: 20 * factor, : 20 * factor]
    whole[: ink.shape[0], : ink.shape[1]] = ink
    whole[0, 0] = whole[-1, -1] = 1  # the box is as large as the square
    assert difference(normalize.normalize(whole), oracle(whole.tolist())).max() <= 1 / 255 + 1e-6


@pytest.mark.parametrize("turn", [0, 17])
@pytest.mark.parametrize("side", [70, 101, 200])
@pytest.mark.parametrize("digit", range(10))
def test_any_reduction_is_near_the_oracles(digit: int, side: int, turn: int) -> None:
    ink = ink_of(digit, side, pen=1 / 8, turn=turn)
    assert difference(normalize.normalize(ink), oracle(ink.tolist())).mean() < 0.02


@settings(deadline=None, max_examples=100)
@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, max_side=20),
        elements=st.floats(0, 1, width=32),
    )
)
def test_the_place_is_the_oracles(small: Grey) -> None:
    if small.sum() < 1e-3:
        small = np.ones_like(small)
    assert difference(normalize.center(small), place(small.astype(float).tolist())).max() == 0


# --- properties


@pytest.mark.parametrize("digit", range(10))
def test_what_was_made_once_stays(digit: int) -> None:
    once = normalize.normalize(ink_of(digit))
    twice = normalize.normalize(crop(once))
    assert difference_but_for_a_step(once, twice) < 0.005


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
@pytest.mark.parametrize("digit", range(10))
def test_the_size_of_a_drawing_hardly_matters(digit: int, factor: int) -> None:
    small, large = ink_of(digit, 80), ink_of(digit, 80 * factor)
    one, other = normalize.normalize(small), normalize.normalize(large)
    assert difference_but_for_a_step(one, other) < 0.04  # of two digits: over 0.1


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("digit", range(10))
def test_pale_ink_is_made_full(digit: int, strength: float) -> None:
    ink = ink_of(digit)
    pale = normalize.normalize(ink * np.float32(strength))
    assert difference(pale, normalize.normalize(ink)).max() <= 2 / 255


@pytest.mark.parametrize("pen", [1 / 200, 1 / 100, 1 / 50, 1 / 30])
@pytest.mark.parametrize("side", [100, 280, 1000])
@pytest.mark.parametrize("digit", range(10))
def test_thin_pens_are_widened(digit: int, side: int, pen: float) -> None:
    made = normalize.normalize(ink_of(digit, side, pen))
    assert 1.4 < normalize.stroke_width(made) < 2.6
    assert made.max() == 1


@pytest.mark.parametrize("pen", [1 / 12, 1 / 8, 1 / 5])
@pytest.mark.parametrize("digit", range(10))
def test_other_pens_are_left_as_they_are(digit: int, pen: float) -> None:
    ink = ink_of(digit, 280, pen)
    expected = normalize.stroke_width(ink) * 20 / max(ink.shape)
    assert normalize.stroke_width(normalize.normalize(ink)) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_the_stroke_width_of_a_long_bar_is_its_width(width: int) -> None:
    bar = np.ones((400, width), dtype=np.float32)
    # pi/4 is the mean over all directions: an upright bar is the furthest from it.
    assert normalize.stroke_width(bar) == pytest.approx(width * 4 / math.pi, rel=0.05)


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_the_stroke_width_of_a_line_at_any_angle(angle: int) -> None:
    one = ink_of(1, 400, 1 / 20, turn=angle)
    assert 0.85 * 20 < normalize.stroke_width(one) < 1.3 * 20


def test_no_ink_has_no_stroke_width() -> None:
    assert normalize.stroke_width(np.zeros((5, 5), dtype=np.float32)) == 0


EXTREMES = [(1, 1), (1, 2), (1, 400), (400, 1), (3, 1000), (1000, 3), (2, 2), (20, 20), (21, 19)]


@pytest.mark.parametrize("shape", EXTREMES, ids=str)
@pytest.mark.parametrize("strength", [1, 0.1, 1 / 255])
def test_extreme_shapes(shape: tuple[int, int], strength: float) -> None:
    made = normalize.normalize(np.full(shape, strength, dtype=np.float32))
    assert made.shape == (28, 28)
    assert made.max() == 1
    rows, columns = np.flatnonzero(made.any(axis=1)), np.flatnonzero(made.any(axis=0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    # the centre of mass comes to rest in the pixel right of and below the middle, as in MNIST
    assert (rows[0] + rows[-1] + 1) / 2 == pytest.approx(14.5, abs=0.51)
    assert (columns[0] + columns[-1] + 1) / 2 == pytest.approx(14.5, abs=0.51)


def test_no_ink_gives_an_empty_picture() -> None:
    assert not normalize.normalize(np.zeros((7, 3), dtype=np.float32)).any()


@settings(deadline=None, max_examples=200)
@given(
    arrays(
        np.uint8,
        array_shapes(min_dims=2, max_dims=2, max_side=60),
        elements=st.sampled_from([0, 0, 1, 100, 255]),
        fill=st.just(0),
    )
)
def test_any_ink_gives_the_network_s_input(values: NDArray[np.uint8]) -> None:
    made = normalize.normalize(values.astype(np.float32) / np.float32(255))
    assert made.shape == (28, 28)
    assert made.dtype == np.float32
    assert 0 <= made.min() <= made.max() <= 1
    steps = made.astype(np.float64) * 255
    assert np.abs(steps - np.rint(steps)).max() < 1e-4
    assert made.any() == values.any()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_batch_is_the_candidates_one_after_another(count: int) -> None:
    inks = [ink_of(digit, 50 + 20 * digit) for digit in range(count)]
    batch = normalize.batch(inks)
    assert batch.shape == (count, 28, 28, 1)
    assert batch.dtype == np.float32
    for ink, made in zip(inks, batch, strict=True):
        assert np.array_equal(made[..., 0], normalize.normalize(ink))


def test_other_sizes_are_smaller_and_larger_and_keep_their_middle() -> None:
    image = np.zeros((SIDE, SIDE, 1), np.float32)
    image[4:24, 4:24] = 1
    found = normalize.resized(image)
    assert found.shape == (len(normalize.SIZES), SIDE, SIDE, 1)
    assert found.min() >= 0 and found.max() <= 1
    for each, (across, down) in zip(found[..., 0], normalize.SIZES, strict=True):
        assert each.max(axis=0).sum() == pytest.approx(20 / across, abs=0.6)
        assert each.max(axis=1).sum() == pytest.approx(20 / down, abs=0.6)
        assert np.allclose(each, each[::-1], atol=0.01)
        assert np.allclose(each, each[:, ::-1], atol=0.01)


def test_the_ink_given_is_left_as_it_was() -> None:
    ink = ink_of(3, 280, 1 / 100)
    before = ink.copy()
    normalize.normalize(ink)
    assert np.array_equal(ink, before)


# --- line images


def block(height: int, width: int) -> Grey:
    return np.ones((height, width), dtype=np.float32)


@pytest.mark.parametrize(("height", "width"), [(24, 30), (48, 60), (240, 300), (12, 15)])
def test_a_line_image_s_ink_is_as_high_as_it_should_be(height: int, width: int) -> None:
    made = normalize.line_image(block(height, width))
    rows, columns = (np.flatnonzero((made > 0.5).any(axis=axis)) for axis in (1, 0))
    assert made.dtype == np.float32
    assert (rows[0], rows[-1]) == (2, 25)
    assert (columns[0], columns[-1]) == (SIDE // 2, SIDE // 2 + 29)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 80), st.integers(1, 400), st.sampled_from([0.1, 0.5, 1.0]))
def test_any_ink_makes_a_line_image(height: int, width: int, level: float) -> None:
    ink = block(height, width) * np.float32(level)
    if normalize.columns(ink) > normalize.LONGEST:
        return
    made = normalize.line_image(ink)
    assert made.shape[0] == SIDE
    assert (made.shape[1] - SIDE) % normalize.BLOCK == 0
    assert SIDE < made.shape[1] < SIDE + normalize.columns(ink) + normalize.BLOCK + 1
    assert 0 <= made.min() <= made.max() <= 1
    assert not made[:, : SIDE // 2].any()
    assert not made[:, made.shape[1] - SIDE // 2 + 1 :].any()


def test_a_line_image_s_thin_strokes_are_widened() -> None:
    ink = np.zeros((240, 480), dtype=np.float32)
    ink[:, 100:103] = ink[:, 300:303] = 1
    made = normalize.line_image(ink)
    # The sum is in columns of ink. Strokes that are not widened give 2 * 0.3.
    assert made.sum() / normalize.LINE_HEIGHT > 2 * 1.4
