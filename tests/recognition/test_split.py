"""A candidate is split where the line network sees digits, along cuts that cross little ink."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from digitapp.engine import SIDE, Engine
from digitapp.recognition import split
from digitapp.recognition.classify import Read
from digitapp.recognition.ctc import Windows
from digitapp.recognition.split import Cut, Splitter, between, cuts, sides
from digitapp.recognition.symbols import BLANK, CLASSES, LINE_CLASSES, to_line
from digitapp.vision.normalize import LINE_HEIGHT, STRIDE
from digitapp.vision.types import Candidate, Grey
from tests.drawings import run_together
from tests.engine.inputs import Batch, digits_alone

HEIGHT = 48
"""Of a candidate that the line network reads, in pixels."""


def bridged(
    *widths: int, height: int = 36, gap: int = 6, bridge: int = 3
) -> tuple[Grey, list[float]]:
    """Full blocks side by side, each joined to the next by a thin bridge halfway down.

    And the columns of their middles.
    """
    ink = np.zeros((height, sum(widths) + gap * (len(widths) - 1)), dtype=np.float32)
    ink[height // 2 : height // 2 + bridge] = 1
    left, middles = 0, []
    for width in widths:
        ink[:, left : left + width] = 1
        middles.append(left + width / 2)
        left += width + gap
    return ink, middles


def slanted() -> tuple[Grey, Cut, Cut]:
    """Two slanted strokes, joined, and where in each row the gap between them begins and ends."""
    ink = np.zeros((36, 40), dtype=np.float32)
    starts = 8 - np.arange(36) // 6  # each six rows one column to the left
    for row, start in enumerate(starts):
        ink[row, start : start + 10] = ink[row, start + 14 : start + 26] = 1
    ink[20:22] = 1  # what joins them
    return ink, starts + 10, starts + 14


# --- what is split


class Seer:
    """Sees digits with their middles in these columns of the line image's ink."""

    model = "seer"

    def __init__(self, *columns: float) -> None:
        self.columns = columns
        self.asked = 0

    def probabilities(self, batch: Batch) -> Batch:
        raise AssertionError(batch)

    def windows(self, line: Grey) -> Windows:
        self.asked += 1
        shape = (line.shape[1] - SIDE) // STRIDE + 1, LINE_CLASSES
        result = np.zeros(shape, dtype=np.float32)
        result[:, BLANK] = 1
        for digit, column in enumerate(self.columns):
            result[round(column / STRIDE), [BLANK, to_line(digit)]] = 0.1, 0.9
        return result

    def ink(self, picture: Grey) -> Grey:
        raise AssertionError(picture.shape)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)


def connected(*widths: int) -> tuple[Candidate, list[float]]:
    """A candidate of connected blocks at (10, 10), and their middles in a line image."""
    ink, middles = bridged(*widths, height=HEIGHT)
    return Candidate(ink, 10, 10), [each * LINE_HEIGHT / HEIGHT for each in middles]


def found_and_split(engine: Engine, whole: Candidate) -> list[Read]:
    return split.split(whole, Splitter(engine).find(whole))


@pytest.mark.parametrize("widths", [(30, 30), (20, 40, 24), (30, 30, 30, 30)])
def test_each_digit_gets_its_ink(widths: tuple[int, ...]) -> None:
    whole, middles = connected(*widths)
    digits = found_and_split(Seer(*middles), whole)
    assert [int(digit.outputs.argmax()) for digit in digits] == list(range(len(widths)))
    left = 10
    for digit, width in zip(digits, widths, strict=True):
        candidate = digit.candidate
        assert candidate.left <= left <= left + width <= candidate.right
        assert candidate.width <= width + 12  # both bridges
        assert digit.pixels.shape == (28, 28, 1)
        left += width + 6
    assert sum(digit.candidate.ink.sum() for digit in digits) == whole.ink.sum()


def test_where_nothing_is_seen_there_are_no_digits() -> None:
    assert Splitter(Seer()).find(connected(30, 30)[0]) == []


def test_digits_that_no_cut_can_split_stay_together() -> None:
    whole, _ = connected(30)
    seer = Seer(4, 6, 8, 10)
    digits = found_and_split(seer, whole)
    assert seer.asked == 1
    assert digits == [] or sum(each.candidate.ink.sum() for each in digits) == whole.ink.sum()


def test_what_is_too_long_is_not_read() -> None:
    whole, middles = connected(*[30] * 20)
    seer = Seer(*middles)
    assert Splitter(seer).find(whole) == []
    assert seer.asked == 0


def test_line_images_of_a_picture_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "MOST", 2 * (33 + 28) + 10)
    whole, middles = connected(30, 30)  # 33 columns, and the window's 28
    splitter = Splitter(Seer(*middles))
    assert [len(splitter.find(whole)) for _ in range(3)] == [2, 2, 0]


def test_the_real_network_says_as_much_as_it_should(engine: Engine) -> None:
    picture = 255 - np.asarray(run_together("57", 4))
    digits = found_and_split(engine, Candidate.cropped(picture, 0, 0))
    assert [int(digit.outputs.argmax()) for digit in digits] == [5, 7]
    for digit in digits:
        assert digit.outputs.shape == (CLASSES,)
        assert digit.outputs.sum() == pytest.approx(1, abs=1e-5)


# --- where it is cut


@pytest.mark.parametrize("widths", [(20, 20), (20, 24, 18), (12, 30, 12, 20)])
@pytest.mark.parametrize("off", [-4, 0, 4])
def test_the_bridges_between_the_middles_are_cut(widths: tuple[int, ...], off: int) -> None:
    ink, middles = bridged(*widths)
    found = cuts(ink, [middle + off for middle in middles])
    assert len(found) == len(widths) - 1
    for cut, (left, right), (middle, after) in zip(
        found, pairwise(widths), pairwise(middles), strict=True
    ):
        assert middle + left / 2 <= cut.min() <= cut.max() <= after - right / 2


@pytest.mark.parametrize("height", [18, 36, 72, 180])
def test_cuts_grow_with_the_candidate(height: int) -> None:
    side, gap = height // 2, height // 6
    ink, middles = bridged(side, side, height=height, gap=gap, bridge=height // 12)
    [cut] = cuts(ink, middles)
    assert cut.shape == (height,)
    assert side <= cut.min() <= cut.max() <= side + gap


def test_a_cut_follows_the_gap_between_slanted_strokes() -> None:
    ink, begins, ends = slanted()
    [cut] = cuts(ink, [10, 26])
    assert (begins <= cut).all() and (cut <= ends).all()


def test_no_cut_goes_around_a_narrow_digit() -> None:
    """To the right of the second one there is no ink at all, between the two there is much."""
    ink, middles = bridged(20, 3, gap=3, bridge=14)
    ink = np.pad(ink, ((0, 0), (0, 2)))
    [cut] = cuts(ink, middles)
    assert middles[0] <= cut.min() <= cut.max() <= middles[1] + 1


def test_a_full_block_is_cut_halfway() -> None:
    [cut] = cuts(np.ones((36, 40), dtype=np.float32), [10, 30])
    assert abs(cut.mean() - 20) <= 1


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_digits_need_no_cut(count: int) -> None:
    assert cuts(np.ones((36, 40), dtype=np.float32), [20.0] * count) == []


def test_what_lies_between_two_cuts_is_cropped() -> None:
    ink, middles = bridged(20, 24)
    left, right = sides(ink)
    [cut] = cuts(ink, middles)
    first, second = between(ink, left, cut), between(ink, cut, right)
    assert first is not None and second is not None
    assert first[1:] == (0, 0)
    assert second[1] == cut.min()
    assert first[0].sum() + second[0].sum() == ink.sum()


@settings(deadline=None, max_examples=60)
@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60),
        elements=st.sampled_from([0.0, 0.5, 1.0]),
        fill=st.just(0),
    ),
    st.lists(st.floats(-5, 70), max_size=6),
)
def test_any_ink_is_cut_near_where_it_should_be(ink: Grey, middles: list[float]) -> None:
    height, width = ink.shape
    places = sorted(middles)
    found = cuts(ink, places)
    assert len(found) == max(len(places) - 1, 0)
    beyond = (split.REACH + 1) * height / split.ROWS + 1
    for cut, (one, other) in zip(found, pairwise(places), strict=True):
        assert cut.shape == (height,)
        assert min(max(one, 0), width) - beyond <= cut.min()
        assert cut.max() <= max(min(other, width), 0) + beyond
