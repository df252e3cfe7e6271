"""Beside sure digits a mark is refused less easily; alone or among letters it is as before."""

import numpy as np
import pytest

from digitapp.recognition import classify
from digitapp.recognition.classify import Read, Row
from digitapp.vision.types import Box, Mark

SURE, NONE = 0.97, 0.01


def mark(best: float, none: float, height: int = 40) -> Read:
    """A 4 with that probability, none with the other one, and else a 9."""
    outputs = np.zeros(11, dtype=np.float32)
    outputs[4], outputs[9], outputs[10] = best, 1 - best - none, none
    ink = np.ones((height, 20), dtype=np.float32)
    return Read(Mark(Box(0, 0, 20, height), ink), np.zeros((28, 28, 1), np.float32), outputs)


def row(sure: int, *others: Read) -> Row:
    return [*others, *[mark(SURE, NONE)] * sure]


@pytest.mark.parametrize(("sure", "ratio"), [(1, 0.3), (2, 0.1), (5, 0.1)])
def test_beside_sure_digits_none_is_rarer(sure: int, ratio: float) -> None:
    before = mark(0.2, 0.7)
    after = classify.weigh(row(sure, before))[0]
    assert after.none / after.best == pytest.approx(ratio * before.none / before.best)
    assert after.outputs[9] / after.best == pytest.approx(0.5)
    assert after.outputs.sum() == pytest.approx(1)
    assert after.mark is before.mark


@pytest.mark.parametrize(
    ("best", "none", "refused"), [(0.3, 0.6, False), (0.15, 0.8, False), (0.005, 0.99, True)]
)
def test_a_letter_stays_a_letter(best: float, none: float, refused: bool) -> None:
    after = classify.weigh(row(3, mark(best, none)))[0]
    assert (not after.digit.accepted) == refused


def test_what_was_refused_is_doubtful() -> None:
    after = classify.weigh(row(3, mark(0.3, 0.6)))[0]
    assert after.digit.accepted and after.digit.doubtful


def test_the_sure_ones_stay_as_they_are() -> None:
    before = row(4, mark(0.3, 0.6))
    after = classify.weigh(before)
    assert all(one is other for one, other in zip(before[1:], after[1:], strict=True))


def unchanged(row: Row) -> bool:
    return all(one is other for one, other in zip(row, classify.weigh(row), strict=True))


def test_alone_it_stays_as_it_is() -> None:
    assert unchanged(row(0, mark(0.3, 0.6)))


def test_among_letters_it_stays_as_it_is() -> None:
    assert unchanged(row(1, mark(0.3, 0.6), mark(0.1, 0.9)))
    assert not unchanged(row(2, mark(0.3, 0.6), mark(0.1, 0.9)))


def test_a_dash_stays_as_it_is() -> None:
    assert unchanged(row(3, mark(0.3, 0.6, height=23)))
    assert not unchanged(row(3, mark(0.3, 0.6, height=25)))


def test_dots_and_dashes_are_no_neighbours() -> None:
    dash = mark(0.1, 0.9, height=5)
    assert unchanged(row(2, mark(0.3, 0.6), mark(0.1, 0.9), mark(0.1, 0.9)))
    assert not unchanged(row(2, mark(0.3, 0.6), dash, dash))


def test_nothing_stays_nothing() -> None:
    assert list(classify.weigh([])) == []
