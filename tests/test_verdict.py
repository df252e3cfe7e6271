"""What is accepted, what is doubtful, what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from digitapp.recognition.answer import Digit
from digitapp.recognition.classify import NO_DIGIT, SURE, certainty, judge
from digitapp.vision.types import Box

BOX = Box(1, 2, 3, 4)
BLANK = np.zeros((28, 28, 1), dtype=np.float32)


def outputs(best: float, no_digit: float = 0.0) -> NDArray[np.float32]:
    """The CNN's eleven outputs: a 7 with `best`, the rest of the digits' share even."""
    values = np.full(11, (1 - best - no_digit) / 9, dtype=np.float32)
    values[7], values[10] = best, no_digit
    return values


def verdict(best: float, no_digit: float = 0.0) -> Digit:
    return judge(BOX, BLANK, outputs(best, no_digit))


@pytest.mark.parametrize(
    ("best", "no_digit", "accepted", "doubtful"),
    [
        (1.0, 0.0, True, False),
        (SURE + 0.01, 0.0, True, False),
        (SURE - 0.01, 0.0, True, True),
        (0.2, 0.0, True, True),
        (0.9 - NO_DIGIT, NO_DIGIT - 0.01, True, True),
        (0.9 - NO_DIGIT, NO_DIGIT + 0.01, False, False),
        (0.0, 0.99, False, False),
    ],
)
def test_the_thresholds(best: float, no_digit: float, accepted: bool, doubtful: bool) -> None:
    digit = verdict(best, no_digit)
    assert (digit.accepted, digit.doubtful) == (accepted, doubtful)
    assert digit.text == ("7" if accepted else "?")


def test_the_box_and_the_pixels_are_passed_on() -> None:
    picture = (np.arange(784) % 256 / 255).astype(np.float32).reshape(28, 28, 1)
    digit = judge(BOX, picture, outputs(0.9))
    assert digit.box == BOX
    assert digit.pixels == bytes(value % 256 for value in range(784))


def test_the_ten_probabilities_are_of_a_digit_and_sum_to_one() -> None:
    digit = verdict(0.3, 0.4)
    assert sum(digit.probabilities) == pytest.approx(1)
    assert digit.probabilities[7] == pytest.approx(0.3 / 0.6)
    assert digit.ranking[0] == 7


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=11, max_size=11).filter(any))
def test_any_outputs_give_ten_numbers_that_json_can_hold(values: list[float]) -> None:
    share = np.array(values, dtype=np.float64)
    digit = judge(BOX, BLANK, (share / share.sum()).astype(np.float32))
    assert len(digit.probabilities) == 10
    assert sum(digit.probabilities) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in digit.probabilities)
    assert not (digit.doubtful and not digit.accepted)
    json.dumps(digit.to_json(with_input=True), allow_nan=False)


def test_a_mark_that_is_surely_no_digit_divides_nothing_by_zero() -> None:
    digit = judge(BOX, BLANK, np.eye(11, dtype=np.float32)[10])
    assert digit.probabilities == pytest.approx([0.1] * 10)
    assert not digit.accepted


def test_certainty_is_of_one_digit() -> None:
    sure, refused = outputs(0.9), outputs(0.3, no_digit=0.6)
    assert certainty(sure[np.newaxis]) == pytest.approx(0.9)
    assert certainty(refused[np.newaxis]) == 0
    assert certainty(np.stack([sure, sure])) == 0
    assert certainty(np.zeros((0, 11), dtype=np.float32)) == 0
