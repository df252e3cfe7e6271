"""A hand: every digit and sign, where it stands, and how its pens differ."""

import numpy as np
import pytest

from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis.glyphs import LETTERS
from train.synthesis.pages.hand import PLACED, Hand, _leaning
from train.synthesis.pages.sheet import Sheet

BASE, HEIGHT = 150.0, 80.0


@pytest.fixture(scope="module")
def digits() -> Split:
    """Sixty digits."""
    drawn = stand_in.arrays()
    images = (drawn["x_test"] / 255).astype(np.float32)[..., np.newaxis]
    return Split(images, drawn["y_test"].astype(np.int64))


def written(digits: Split, text: str, seed: int = 0) -> tuple[Sheet, float]:
    sheet = Sheet(200)
    hand = Hand(np.random.default_rng(seed), digits)
    return sheet, hand.write(sheet, text, 40, BASE, HEIGHT)


@pytest.mark.parametrize("symbol", [*"0123456789", *PLACED, *(n for n in LETTERS if len(n) == 1)])
def test_every_symbol_is_written(digits: Split, symbol: str) -> None:
    sheet, end = written(digits, symbol)
    assert sheet.writing.drawn.getbbox()
    assert end > 40


def test_a_point_stands_at_the_foot_of_its_row(digits: Split) -> None:
    for seed in range(8):
        box = written(digits, ".", seed)[0].writing.drawn.getbbox()
        assert box is not None
        assert box[1] > BASE - HEIGHT / 2


def test_hands_differ(digits: Split) -> None:
    one, other = (np.asarray(written(digits, "25", seed)[0].writing.drawn) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_a_space_leaves_a_gap(digits: Split) -> None:
    close, apart = (written(digits, text)[1] for text in ("1", "1 "))
    assert apart > close + 0.4 * HEIGHT


def test_scrawls_leave_ink(digits: Split) -> None:
    random = np.random.default_rng(1)
    for _ in range(12):
        sheet = Sheet(200)
        Hand(random, digits).scrawl(sheet, 40, BASE, HEIGHT)
        assert sheet.writing.drawn.getbbox()


@pytest.mark.parametrize("lean", [-0.3, 0.0, 0.2, 0.6])
@pytest.mark.parametrize("drawn", [-4, 0, 9])
def test_a_stroke_leans_like_its_hand(lean: float, drawn: int) -> None:
    """Whatever it leant before: `drawn` pixels to the right at its top."""
    ink = np.zeros((40, 40), dtype=np.float32)
    for row in range(40):
        left = 18 + round(drawn * (39 - row) / 39)
        ink[row, left : left + 5] = 1
    found = _leaning(ink, lean)
    top, bottom = (
        np.average(np.arange(found.shape[1]), weights=found[rows].sum(axis=0))
        for rows in (slice(0, 5), slice(-5, None))
    )
    assert (top - bottom) / (len(found) - 5) == pytest.approx(lean, abs=0.03)
