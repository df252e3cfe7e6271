"""Parts cut from strings: good ones are most of a digit, bad ones are two or a torn one."""

import numpy as np
import pytest

from tests.train import mnist
from train import data, pieces
from train.nodigit import NO_DIGIT


@pytest.fixture(scope="module")
def digits() -> data.Split:
    return data.split(mnist.arrays(), mnist.HELD).train


def test_a_share_of_the_parts_is_no_digit(digits: data.Split) -> None:
    images, labels = pieces.make(60, 1, digits)
    assert images.shape == (60, 28, 28, 1)
    assert 0 <= images.min() < 0.5 < images.max() <= 1
    assert (labels == NO_DIGIT).sum() == round(pieces.BAD * 60)
    assert len(set(labels.tolist())) > 6


def test_the_same_seed_cuts_the_same(digits: data.Split) -> None:
    one, same, other = (pieces.make(12, seed, digits)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


WHOLES = np.array([100, 80], dtype=np.float32)
LABELS = np.array([3, 7], dtype=np.int64)


@pytest.mark.parametrize(
    ("inks", "shape", "label"),
    [
        ((98, 0), (20, 14), 3),
        ((90, 10), (20, 14), 3),
        ((5, 79), (20, 14), 7),
        ((98, 60), (20, 26), NO_DIGIT),  # both
        ((50, 0), (20, 14), NO_DIGIT),  # a torn one
        ((50, 0), (20, 8), None),  # a torn one that may be a 1
        ((78, 0), (20, 14), None),  # neither whole nor torn
        ((90, 40), (20, 20), None),  # neither one nor both
    ],
)
def test_what_a_part_is(inks: tuple[int, int], shape: tuple[int, int], label: int | None) -> None:
    held = np.array(inks, dtype=np.float32)
    assert pieces._label(held, WHOLES, LABELS, shape) == label


def bar(left: int, width: int = 6) -> np.ndarray:
    sheet = np.zeros((30, 24), dtype=np.float32)
    sheet[:, left : left + width] = 1
    return sheet


def test_two_bars_that_touch_are_cut_into_both() -> None:
    layers = np.stack([bar(2), bar(14)])
    layers[0, 14:16, 8:14] = 1  # what holds them together
    found = list(pieces._cut(layers, layers.sum(axis=(1, 2)), LABELS))
    assert {part.label for part in found} >= {3, 7, NO_DIGIT}


def test_one_digit_is_not_cut(digits: data.Split) -> None:
    layers = np.stack([bar(2), np.zeros((30, 24), dtype=np.float32)])
    wholes = np.array([layers[0].sum(), 50], dtype=np.float32)
    assert not list(pieces._cut(layers, wholes, LABELS))
