"""The glyphs are strokes on their sheet, and there is one for every digit."""

import numpy as np
import pytest

from train.synthesis import glyphs


def every_glyph() -> list[str]:
    groups = [*glyphs.DIGITS.values(), *glyphs.LETTERS.values(), glyphs.SIGNS]
    return [glyph for group in groups for glyph in group]


@pytest.mark.parametrize("glyph", every_glyph())
def test_every_glyph_is_strokes_within_its_sheet(glyph: str) -> None:
    for points in glyphs.strokes(glyph):
        assert points.ndim == 2
        assert len(points) >= 2
        assert -10 <= points.min() <= points.max() <= 110
        curve = glyphs.smooth(points)
        assert np.isfinite(curve).all()
        assert np.abs(curve[[0, -1]] - points[[0, -1]]).max() < 1e-9


def test_all_ten_digits_have_glyphs() -> None:
    assert sorted(glyphs.DIGITS) == list(range(10))
