"""Where a mark is cut: between the digits, where little ink lies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from digitapp.recognition import split
from digitapp.vision.types import Grey
from tests.inks import bridged, slanted


@pytest.mark.parametrize("widths", [(20, 20), (20, 24, 18), (12, 30, 12, 20)])
@pytest.mark.parametrize("off", [-4, 0, 4])
def test_the_bridges_between_the_middles_are_cut(widths: tuple[int, ...], off: int) -> None:
    ink, middles = bridged(*widths)
    found = split.find(ink, [middle + off for middle in middles])
    assert len(found) == len(widths) - 1
    for cut, left, right, middle, after in zip(
        found, widths, widths[1:], middles, middles[1:], strict=False
    ):
        assert middle + left / 2 <= cut.min() <= cut.max() <= after - right / 2


@pytest.mark.parametrize("height", [18, 36, 72, 180])
def test_cuts_grow_with_the_mark(height: int) -> None:
    side, gap = height // 2, height // 6
    ink, middles = bridged(side, side, height=height, gap=gap, bridge=height // 12)
    [cut] = split.find(ink, middles)
    assert cut.shape == (height,)
    assert side <= cut.min() <= cut.max() <= side + gap


def test_a_cut_follows_the_gap_between_slanted_strokes() -> None:
    ink, begins, ends = slanted()
    [cut] = split.find(ink, [10, 26])
    assert (begins <= cut).all() and (cut <= ends).all()


def test_no_cut_goes_around_a_narrow_digit() -> None:
    """To the right of the second one there is no ink at all, between the two there is much."""
    ink, middles = bridged(20, 3, gap=3, bridge=14)
    ink = np.pad(ink, ((0, 0), (0, 2)))
    [cut] = split.find(ink, middles)
    assert middles[0] <= cut.min() <= cut.max() <= middles[1] + 1


def test_a_full_block_is_cut_halfway() -> None:
    [cut] = split.find(np.ones((36, 40), dtype=np.float32), [10, 30])
    assert abs(cut.mean() - 20) <= 1


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_digits_need_no_cut(count: int) -> None:
    assert split.find(np.ones((36, 40), dtype=np.float32), [20.0] * count) == []


def test_what_lies_between_two_cuts_is_cropped() -> None:
    ink, middles = bridged(20, 24)
    left, right = split.sides(ink)
    [cut] = split.find(ink, middles)
    first, second = split.between(ink, left, cut), split.between(ink, cut, right)
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
    found = split.find(ink, places)
    assert len(found) == max(len(places) - 1, 0)
    beyond = (split.REACH + 1) * height / split.ROWS + 1
    for cut, one, other in zip(found, places, places[1:], strict=False):
        assert cut.shape == (height,)
        assert min(max(one, 0), width) - beyond <= cut.min()
        assert cut.max() <= max(min(other, width), 0) + beyond
