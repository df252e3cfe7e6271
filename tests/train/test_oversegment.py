"""Where a mark may be cut: where little ink lies between much of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from digitapp.recognition import split
from digitapp.vision.types import Grey
from tests.inks import bridged, slanted
from train import oversegment


def dividing(ink: Grey) -> list[split.Cut]:
    """The cuts that leave ink to both sides."""
    columns = np.arange(ink.shape[1])
    lefts = [(cut, ink[columns < cut[:, np.newaxis]].sum()) for cut in oversegment.find(ink)]
    return [cut for cut, left in lefts if 0 < left < ink.sum()]


@pytest.mark.parametrize("widths", [(20, 20), (20, 24, 18), (12, 30, 12, 20)])
def test_every_bridge_is_cut_and_nothing_else(widths: tuple[int, ...]) -> None:
    found = dividing(bridged(*widths)[0])
    assert len(found) == len(widths) - 1
    end = 0
    for width, cut in zip(widths, found, strict=False):
        end += width
        assert end <= cut.min() <= cut.max() <= end + 6
        end += 6


@pytest.mark.parametrize("height", [18, 36, 72, 180])
def test_cuts_grow_with_the_mark(height: int) -> None:
    large, _ = bridged(
        height // 2, height // 2, height=height, gap=height // 6, bridge=height // 12
    )
    [cut] = dividing(large)
    assert cut.shape == (height,)
    assert height // 2 <= cut.min() <= cut.max() <= height // 2 + height // 6


def test_a_cut_follows_the_gap_between_slanted_strokes() -> None:
    ink, begins, ends = slanted()
    assert any((begins <= cut).all() and (cut <= ends).all() for cut in dividing(ink))


@pytest.mark.parametrize("shape", [(36, 1), (36, 5), (400, 20), (1, 30), (40, 40), (40, 120)])
def test_a_full_block_is_not_cut(shape: tuple[int, int]) -> None:
    assert dividing(np.ones(shape, dtype=np.float32)) == []


@pytest.mark.parametrize(("bridge", "count"), [(3, 1), (12, 1), (34, 0)])
def test_nothing_is_cut_through_much_ink(bridge: int, count: int) -> None:
    ink, _ = bridged(20, 20)
    ink[1 : 1 + bridge] = 1
    assert len(dividing(ink)) == count


def test_there_are_few_cuts_on_a_length() -> None:
    comb = np.zeros((36, 360), dtype=np.float32)
    comb[:, ::2] = comb[17:19] = 1
    found = oversegment.find(comb)
    assert 10 <= len(found) <= oversegment.DENSEST * 10
    middles = np.sort([cut.mean() for cut in found])
    assert np.diff(middles).min() > 2


@settings(deadline=None, max_examples=60)
@given(
    arrays(
        np.float32,
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60),
        elements=st.sampled_from([0.0, 0.5, 1.0]),
        fill=st.just(0),
    )
)
def test_any_ink_gives_few_cuts_within_it(ink: Grey) -> None:
    height, width = ink.shape
    found = oversegment.find(ink)
    assert len(found) <= oversegment.DENSEST * max((width + 1) / height, 1.5)
    beyond = split.REACH * height / split.ROWS
    for cut in found:
        assert cut.shape == (height,)
        assert -beyond <= cut.min() <= cut.max() <= width + beyond
