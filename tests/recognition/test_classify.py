"""What the network says of candidates, what is rejected or doubtful, and what neighbours change."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from digitapp.recognition import classify
from digitapp.recognition.answer import Symbol
from digitapp.recognition.classify import REJECT, SURE, Read, Row, certainty, weigh_by_neighbours
from digitapp.recognition.symbols import CLASSES, DIGITS, NO_DIGIT
from digitapp.vision.types import Box, Candidate
from tests.engine.inputs import Batch, digits_alone

BOX = Box(1, 2, 3, 4)
BLANK = np.zeros((28, 28, 1), dtype=np.float32)

Outputs = NDArray[np.float32]


def bar(width: int, height: int = 20) -> Candidate:
    return Candidate(np.ones((height, width), dtype=np.float32), 0, 10)


def outputs(best: float, none: float = 0.0, other: float | None = None) -> Outputs:
    """A 7 with `best`, a 1 with `other`; without that the rest of the digits' share is even."""
    values = np.full(CLASSES, (1 - best - none) / 9 if other is None else 0, dtype=np.float32)
    values[[7, NO_DIGIT]] = best, none
    if other is not None:
        values[1] = other
    return values


def read_of(said: Outputs, candidate: Candidate | None = None) -> Read:
    return Read(candidate or bar(10), BLANK, said)


def digit(best: float, none: float = 0.0) -> Symbol:
    return read_of(outputs(best, none)).symbol(BOX, 0, 0)


# --- one candidate


@pytest.mark.parametrize(
    ("said", "best", "none", "is_sure", "text"),
    [
        (outputs(0.95, other=0.05), 0.95, 0.0, True, "7"),
        (outputs(0.6, other=0.4), 0.6, 0.0, False, "7"),
        (outputs(0.4, none=0.6, other=0), 0.4, 0.6, False, "?"),
        (outputs(0.3, none=0.2, other=0), 0.3, 0.2, False, "7"),
    ],
)
def test_what_is_said_of_a_candidate(
    said: Outputs, best: float, none: float, is_sure: bool, text: str
) -> None:
    read = read_of(said)
    assert [read.best, read.none] == pytest.approx([best, none])
    assert read.is_sure is is_sure
    assert read.symbol(BOX, 0, 0).text == text


def test_sure_is_what_is_neither_rejected_nor_doubtful() -> None:
    for share in np.linspace(0, 1, 21):
        for none in np.linspace(0, 1 - share, 5):
            read = read_of(outputs(share, none, other=0))
            found = read.symbol(BOX, 0, 0)
            assert read.is_sure == ((found.text != "?") and not found.doubtful)
            assert read.is_rejected == (found.text == "?")


def test_a_digit_that_ruling_crosses_must_be_surer() -> None:
    one = read_of(outputs(0.82, other=0.18))
    ruling = np.zeros((40, 80), dtype=np.bool_)
    assert not classify.is_crossed(one, None)
    assert not classify.is_crossed(one, ruling)
    ruling[15, 3] = True
    assert classify.is_crossed(one, ruling)
    assert one.is_sure
    assert not classify.harder(one, classify.SURE_CROSSED).is_sure


@pytest.mark.parametrize(
    ("best", "none", "accepted", "doubtful"),
    [
        (1.0, 0.0, True, False),
        (SURE + 0.01, 0.0, True, False),
        (SURE - 0.01, 0.0, True, True),
        (0.2, 0.0, True, True),
        (0.9 - REJECT, REJECT - 0.01, True, True),
        (0.9 - REJECT, REJECT + 0.01, False, False),
        (0.0, 0.99, False, False),
    ],
)
def test_the_thresholds(best: float, none: float, accepted: bool, doubtful: bool) -> None:
    found = digit(best, none)
    assert ((found.text != "?"), found.doubtful) == (accepted, doubtful)
    assert found.text == ("7" if accepted else "?")


def test_the_box_and_the_pixels_are_passed_on() -> None:
    pixels = (np.arange(784) % 256 / 255).astype(np.float32).reshape(28, 28, 1)
    found = Read(bar(10), pixels, outputs(0.9)).symbol(BOX, 0, 0)
    assert found.box == BOX
    assert found.pixels == bytes(value % 256 for value in range(784))


def test_the_ten_probabilities_are_of_a_digit_and_sum_to_one() -> None:
    found = digit(0.3, 0.4)
    assert found.probabilities is not None
    assert sum(found.probabilities) == pytest.approx(1)
    assert found.probabilities[7] == pytest.approx(0.3 / 0.6)
    assert found.text == found.alternatives[0][0] == "7"


@settings(deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=CLASSES, max_size=CLASSES).filter(any))
def test_any_outputs_give_ten_numbers_that_json_can_hold(values: list[float]) -> None:
    share = np.array(values, dtype=np.float64)
    found = read_of((share / share.sum()).astype(np.float32)).symbol(BOX, 0, 0)
    assert found.probabilities is not None
    assert len(found.probabilities) == DIGITS
    assert sum(found.probabilities) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in found.probabilities)
    assert not (found.doubtful and found.text == "?")
    assert json.dumps(found.to_json(with_input=True), allow_nan=False)


def test_a_candidate_that_is_surely_no_digit_divides_nothing_by_zero() -> None:
    found = read_of(np.eye(CLASSES, dtype=np.float32)[NO_DIGIT]).symbol(BOX, 0, 0)
    assert found.probabilities == pytest.approx([0.1] * 10)
    assert found.text == "?"


def test_certainty_is_of_one_digit() -> None:
    sure, rejected = read_of(outputs(0.9)), read_of(outputs(0.3, none=0.6))
    assert certainty([[sure]]) == pytest.approx(0.9)
    assert certainty([[rejected]]) == 0
    assert certainty([[sure, sure]]) == certainty([[sure], [sure]]) == 0
    assert certainty([]) == 0


# --- rows


class Widths:
    """An engine that says of a candidate how many columns of its 28x28 have ink: 0.01 for each."""

    model = "widths"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def probabilities(self, batch: Batch) -> Outputs:
        self.batches.append(len(batch))
        said = np.zeros((len(batch), CLASSES), dtype=np.float32)
        said[:, 3] = batch[..., 0].any(axis=1).sum(axis=1) / 1_000
        said[:, 4] = 1 - said[:, 3]  # sure enough not to be asked again
        return said

    def windows(self, line: Batch) -> Outputs:
        raise AssertionError(line)

    def ink(self, picture: Batch) -> Outputs:
        raise AssertionError(picture)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)


def test_rows_keep_their_candidates_in_order_and_are_read_at_once() -> None:
    engine = Widths()
    rows = [[bar(4), bar(8), bar(12)], [bar(16)], [bar(20), bar(10)]]
    read = classify.read_rows(rows, engine)
    assert [[each.candidate for each in row] for row in read] == rows
    said = [[round(each.outputs[3] * 1_000) for each in row] for row in read]
    assert said == [[4, 8, 12], [16], [20, 10]]
    assert engine.batches == [6]


class Wavering(Widths):
    """It is unsure of each image at first, and sure of the same image in other sizes."""

    def probabilities(self, batch: Batch) -> Outputs:
        self.batches.append(len(batch))
        sure = 0.6 if len(self.batches) == 1 else 0.9
        return np.tile(outputs(sure, none=1 - sure, other=0), (len(batch), 1))


def test_what_is_not_settled_is_the_mean_over_several_sizes() -> None:
    engine = Wavering()
    [[one]] = classify.read_rows([[bar(4)]], engine)
    assert engine.batches == [1, 4]
    assert one.outputs[7] == pytest.approx((2 * 0.6 + 4 * 0.9) / 6)
    assert one.outputs.sum() == pytest.approx(1)


def test_of_very_many_each_is_read_once() -> None:
    engine = Wavering()
    many = [[bar(4)] * (classify.MOST_AGAIN + 1)]
    assert len(classify.read_rows(many, engine)[0]) == engine.batches[0]
    assert len(engine.batches) == 1


def test_pixels_are_what_the_engine_got_row_by_row() -> None:
    rows = classify.read_rows([[bar(4), bar(8)], [bar(12)]], Widths())
    found = [each.pixels for each in classify.flat(rows)]
    assert [one.shape for one in found] == 3 * [(28, 28, 1)]
    assert [int(one.any(axis=0).sum()) for one in found] == [4, 8, 12]


def test_a_candidate_of_28x28_is_read_as_it_is() -> None:
    candidate = Candidate(np.eye(28, dtype=np.float32) / np.float32(2), 0, 0)
    read = classify.read_as_is(candidate, Widths())
    assert read.candidate is candidate
    assert np.array_equal(read.pixels[..., 0], candidate.ink)
    assert read.outputs[3] == pytest.approx(0.028)


def test_nothing_is_not_read() -> None:
    assert classify.read_rows([], Widths()) == []


def test_flat_puts_rows_after_each_other() -> None:
    assert classify.flat([[1, 2], [], [3]]) == [1, 2, 3]


# --- beside sure digits a candidate is rejected less easily


def unsure(best: float, none: float, height: int = 40) -> Read:
    return read_of(outputs(best, none, other=1 - best - none), bar(20, height))


def row(sure: int, *others: Read) -> Row:
    return [*others, *[unsure(0.97, 0.01)] * sure]


def is_unchanged(row: Row) -> bool:
    return all(one is other for one, other in zip(row, weigh_by_neighbours(row), strict=True))


@pytest.mark.parametrize(("sure", "ratio"), [(1, 0.3), (2, 0.1), (4, 0.04), (7, 0.04)])
def test_beside_sure_digits_none_is_rarer(sure: int, ratio: float) -> None:
    before = unsure(0.2, 0.7)
    after = weigh_by_neighbours(row(sure, before))[0]
    assert after.none / after.best == pytest.approx(ratio * before.none / before.best)
    assert after.outputs[1] / after.best == pytest.approx(0.5)
    assert after.outputs.sum() == pytest.approx(1)
    assert after.candidate is before.candidate


@pytest.mark.parametrize(
    ("best", "none", "is_rejected"), [(0.3, 0.6, False), (0.15, 0.8, False), (0.005, 0.99, True)]
)
def test_a_letter_stays_a_letter(best: float, none: float, is_rejected: bool) -> None:
    after = weigh_by_neighbours(row(3, unsure(best, none)))[0]
    assert after.is_rejected == is_rejected


def test_what_was_rejected_is_doubtful() -> None:
    after = weigh_by_neighbours(row(3, unsure(0.3, 0.6)))[0].symbol(BOX, 0, 0)
    assert (after.text != "?") and after.doubtful


def test_the_sure_ones_stay_as_they_are() -> None:
    before = row(4, unsure(0.3, 0.6))
    after = weigh_by_neighbours(before)
    assert all(one is other for one, other in zip(before[1:], after[1:], strict=True))


def test_alone_it_stays_as_it_is() -> None:
    assert is_unchanged(row(0, unsure(0.3, 0.6)))


def test_among_letters_it_stays_as_it_is() -> None:
    assert is_unchanged(row(1, unsure(0.3, 0.6), unsure(0.1, 0.9)))
    assert not is_unchanged(row(2, unsure(0.3, 0.6), unsure(0.1, 0.9)))


def test_a_dash_stays_as_it_is() -> None:
    assert is_unchanged(row(3, unsure(0.3, 0.6, height=23)))
    assert not is_unchanged(row(3, unsure(0.3, 0.6, height=25)))


def test_dots_and_dashes_are_no_neighbours() -> None:
    dash = unsure(0.1, 0.9, height=5)
    assert is_unchanged(row(2, unsure(0.3, 0.6), unsure(0.1, 0.9), unsure(0.1, 0.9)))
    assert not is_unchanged(row(2, unsure(0.3, 0.6), dash, dash))


def test_no_row_stays_no_row() -> None:
    assert list(weigh_by_neighbours([])) == []
