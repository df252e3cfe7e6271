"""A strip holds a mark's ink as high as the network wants it, with room for its window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitapp.vision import normalize
from digitapp.vision.normalize import SIDE
from digitapp.vision.types import Grey


def block(height: int, width: int) -> Grey:
    return np.ones((height, width), dtype=np.float32)


@pytest.mark.parametrize(("height", "width"), [(24, 30), (48, 60), (240, 300), (12, 15)])
def test_the_ink_is_as_high_as_it_should_be(height: int, width: int) -> None:
    made = normalize.strip(block(height, width))
    rows, columns = (np.flatnonzero((made > 0.5).any(axis=axis)) for axis in (1, 0))
    assert made.dtype == np.float32
    assert (rows[0], rows[-1]) == (2, 25)
    assert (columns[0], columns[-1]) == (SIDE // 2, SIDE // 2 + 29)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 80), st.integers(1, 400), st.sampled_from([0.1, 0.5, 1.0]))
def test_any_ink_makes_a_strip(height: int, width: int, level: float) -> None:
    ink = block(height, width) * np.float32(level)
    if normalize.columns(ink) > normalize.LONGEST:
        return
    made = normalize.strip(ink)
    assert made.shape[0] == SIDE
    assert (made.shape[1] - SIDE) % normalize.BLOCK == 0
    assert SIDE < made.shape[1] < SIDE + normalize.columns(ink) + normalize.BLOCK + 1
    assert 0 <= made.min() <= made.max() <= 1
    assert not made[:, : SIDE // 2].any()
    assert not made[:, made.shape[1] - SIDE // 2 + 1 :].any()


def test_thin_strokes_are_widened_as_for_the_other_network() -> None:
    ink = np.zeros((240, 480), dtype=np.float32)
    ink[:, 100:103] = ink[:, 300:303] = 1
    made = normalize.strip(ink)
    assert made.sum() / normalize.HIGH > 2 * 1.4  # columns of ink; unwidened 2 * 0.3
