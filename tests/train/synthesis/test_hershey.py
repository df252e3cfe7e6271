"""Letters of several alphabets, that the network learns to refuse."""

import numpy as np
import pytest

from train.synthesis import hershey

LOOK_ALIKES = "OoIliSsZzqgbBDQ0123456789"


def test_each_letter_fills_its_square() -> None:
    every = hershey.glyphs()
    assert len(every) > 300
    for strokes in every:
        points = np.concatenate(strokes)
        assert points.shape[1] == 2
        assert -1e-9 <= points.min() <= points.max() <= 100 + 1e-9
        assert np.ptp(points, axis=0).max() == pytest.approx(100)


@pytest.mark.parametrize("name", ["rowmans", "cursive", "scripts"])
def test_no_latin_letter_is_a_digit_too(name: str) -> None:
    assert not set(hershey.FONTS[name]) & set(LOOK_ALIKES)


def test_every_font_has_what_is_taken() -> None:
    for name, characters in hershey.FONTS.items():
        assert len(set(characters)) == len(characters)
        assert set(characters) <= set(hershey._load(name))


def test_no_kana_is_taken_twice() -> None:
    assert len(set(hershey.KANA)) == len(hershey.KANA)
