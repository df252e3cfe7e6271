"""Digits by our own pen: labelled, repeatable, with open loops."""

import numpy as np

from tests.train import stand_in
from train.synthesis import glyphs, pen


def test_the_pens_digits() -> None:
    images, labels = pen.digits(60, seed=1)
    stand_in.assert_images(images, 60)
    assert labels.tolist() == np.resize(pen.CLASSES, 60).tolist()
    assert set(labels.tolist()) == set(range(10))


def test_the_same_seed_draws_the_same() -> None:
    assert np.array_equal(pen.digits(20, 1)[0], pen.digits(20, 1)[0])
    assert not np.array_equal(pen.digits(20, 1)[0], pen.digits(20, 2)[0])


def zeros() -> np.ndarray:
    drawn = stand_in.splits().train
    images: np.ndarray = drawn.images[drawn.labels == 0]
    return images


def test_slashed_zeros() -> None:
    images = pen.slashed(zeros(), 40, seed=1)
    stand_in.assert_images(images, 40)
    assert np.array_equal(images, pen.slashed(zeros(), 40, seed=1))
    assert not np.array_equal(images, pen.slashed(zeros(), 40, seed=2))


def test_the_slash_goes_through_the_middle() -> None:
    """A zero's own middle is nearly empty; nearly every slash and bar leaves ink there."""
    inner = (slice(None), slice(12, 16), slice(12, 16))
    plain, slashed = zeros()[inner], pen.slashed(zeros(), 40, seed=1)[inner]
    assert slashed.any(axis=(1, 2, 3)).mean() > 0.9
    assert plain.mean() < slashed.mean() / 4


def middle(ink: np.ndarray) -> float:
    return float(ink[ink.shape[0] // 2, ink.shape[1] // 2])


def test_a_broad_pen_leaves_a_narrow_loop_open() -> None:
    curve = glyphs.smooth(glyphs.strokes(glyphs.DIGITS[0][0])[0])
    narrow = pen.place([curve * (0.35, 1.0)])
    assert middle(pen.draw(narrow, 28.0)) == 1  # the hole is gone
    assert middle(pen.draw_open(narrow, 28.0)) == 0


def test_a_crop_holds_all_ink_and_no_more() -> None:
    for image in stand_in.arrays()["x_test"][:20]:
        ink = pen.crop((image / 255).astype(np.float32))
        assert np.count_nonzero(ink) == np.count_nonzero(image)
        assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()
