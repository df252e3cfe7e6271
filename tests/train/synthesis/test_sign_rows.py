"""Rows for the signs network: every class turns up, and its examples are what their class says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from digitapp.recognition.symbols import A_DIGIT, FIRST_SIGN, OTHER, PART, SIGN_CLASSES
from digitapp.vision.context import SHAPE
from digitapp.vision.types import Candidate
from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis import sign_rows
from train.synthesis.pen import Random

POINT = FIRST_SIGN
"""The class of the first sign, a point."""

Examples = tuple[NDArray[np.uint8], NDArray[np.int64]]


@pytest.fixture(scope="module")
def digits() -> Split:
    drawn = stand_in.arrays()
    images = (drawn["x_test"] / 255).astype(np.float32)[..., np.newaxis]
    return Split(images, drawn["y_test"].astype(np.int64))


@pytest.fixture(scope="module")
def examples(digits: Split) -> Examples:
    return sign_rows.batch(digits, 600, np.random.default_rng(1))


def test_every_class_turns_up(examples: Examples) -> None:
    assert set(examples[1]) == set(range(SIGN_CLASSES))


def test_a_window_shows_the_candidate(examples: Examples) -> None:
    windows, _ = examples
    assert windows.shape[1:] == (*SHAPE, 2)
    assert windows[..., 0].any(axis=(1, 2)).all()


def test_a_seed_gives_the_same_rows(digits: Split) -> None:
    one, again, other = (
        sign_rows.batch(digits, 30, np.random.default_rng(seed))[0] for seed in (5, 5, 6)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


# --- a digit at the left, 8 pixels wide and 20 high, and a point at the right of its foot

DIGIT, DOT = (slice(20, 40), slice(10, 18)), (slice(36, 40), slice(22, 26))


def label(*places: tuple[slice, slice]) -> int:
    """The class of a candidate that holds these places' ink."""
    layers = np.zeros((2, 60, 40), dtype=np.float32)
    layers[0][DIGIT] = layers[1][DOT] = 1
    held = np.zeros(layers.shape[1:], dtype=np.float32)
    for place in places:
        held[place] = 1
    candidate = Candidate.cropped(held, 0, 0)
    wholes = layers.sum(axis=(1, 2))
    return sign_rows._class_of(candidate, layers, wholes, [A_DIGIT, POINT])


def test_a_whole_symbol_has_its_class() -> None:
    assert label(DIGIT) == A_DIGIT
    assert label(DOT) == POINT


def test_most_of_a_symbol_has_its_class_too() -> None:
    assert label((slice(20, 37), slice(10, 18))) == A_DIGIT


def test_half_a_digit_is_a_part() -> None:
    assert label((slice(20, 30), slice(10, 18))) == PART


def test_a_digit_with_its_point_is_not_one_symbol() -> None:
    """However little ink the point has: joined to the digit it would be lost."""
    assert label(DIGIT, DOT) == PART


def test_dirt_is_other_writing() -> None:
    assert label((slice(2, 4), slice(2, 4))) == OTHER


def test_lines_that_are_taken_away_leave_gaps() -> None:
    ink = np.full((sign_rows.TALL, 200), 200, dtype=np.uint8)
    broken = 0
    for seed in range(8):
        taken = ink.copy()
        random: Random = np.random.default_rng(seed)
        sign_rows._take_lines(taken, 40, random)
        assert set(np.unique(taken)) <= {0, 200}
        broken += int((taken == 0).any())
        assert (taken == 0).any(axis=1).sum() <= 3 * (sign_rows.THICK * 40 + 1)
    assert broken > 4
