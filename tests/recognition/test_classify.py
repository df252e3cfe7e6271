"""What the CNN says of marks, in the rows that they stand in."""

import numpy as np
import pytest
from digitapp.engine.batch import Batch, Windows
from numpy.typing import NDArray

from digitapp.recognition import classify
from digitapp.recognition.classify import Read
from digitapp.vision import components
from digitapp.vision.types import Bytes, Grey, Mark, Picture, Scan
from tests.drawings import draw


class SeesNoStrip:
    """An engine that is asked of marks alone."""

    def windows(self, strip: Grey) -> Windows:
        raise AssertionError(strip)


class Widths(SeesNoStrip):
    """An engine that says of a mark how many columns of its picture have ink: 0.01 for each."""

    model = "widths"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        self.batches.append(len(batch))
        outputs = np.zeros((len(batch), 11), dtype=np.float32)
        outputs[:, 3] = batch[..., 0].any(axis=1).sum(axis=1) / 100
        return outputs


def bar(width: int, left: int = 0) -> Mark:
    picture = Picture(np.zeros((60, 400), dtype=np.uint8), 64, 400, 60)
    return components.mark_at(picture, np.ones((20, width), dtype=np.float32), left, 10)


def outputs(none: float = 0.0, **digits: float) -> NDArray[np.float32]:
    """Probabilities by the digits' names: `d7=0.9`."""
    values = np.zeros(11, dtype=np.float32)
    for name, value in digits.items():
        values[int(name[1])] = value
    values[10] = none
    return values


def read_of(said: NDArray[np.float32]) -> Read:
    return Read(bar(10), np.zeros((28, 28, 1), dtype=np.float32), said)


@pytest.mark.parametrize(
    ("said", "best", "none", "is_sure", "text"),
    [
        (outputs(d7=0.95, d1=0.05), 0.95, 0.0, True, "7"),
        (outputs(d7=0.6, d1=0.4), 0.6, 0.0, False, "7"),
        (outputs(d2=0.4, none=0.6), 0.4, 0.6, False, "?"),
        (outputs(d2=0.3, none=0.2), 0.3, 0.2, False, "2"),
    ],
)
def test_what_is_said_of_a_mark(
    said: NDArray[np.float32], best: float, none: float, is_sure: bool, text: str
) -> None:
    read = read_of(said)
    assert [read.best, read.none] == pytest.approx([best, none])
    assert read.is_sure is is_sure
    assert read.digit.text == text
    assert read.digit.box == read.mark.box


def test_sure_is_what_is_neither_refused_nor_doubtful() -> None:
    for share in np.linspace(0, 1, 21):
        for none in np.linspace(0, 1 - share, 5):
            read = read_of(outputs(d4=share, none=none))
            assert read.is_sure == (read.digit.accepted and not read.digit.doubtful)


def test_rows_keep_their_marks_in_order_and_are_read_at_once() -> None:
    engine = Widths()
    rows = [[bar(4), bar(8), bar(12)], [bar(16)], [bar(20), bar(10)]]
    read = classify.read_rows(rows, engine)
    assert [[each.mark for each in row] for row in read] == rows
    assert [[round(each.best * 100) for each in row] for row in read] == [
        [4, 8, 12],
        [16],
        [20, 10],
    ]
    assert engine.batches == [6]


def test_pixels_are_what_the_engine_got_row_by_row() -> None:
    rows = classify.read_rows([[bar(4), bar(8)], [bar(12)]], Widths())
    found = [each.pixels for each in classify.flat(rows)]
    assert [one.shape for one in found] == 3 * [(28, 28, 1)]
    assert [int(one.any(axis=0).sum()) for one in found] == [4, 8, 12]


def test_nothing_is_not_read() -> None:
    assert classify.read_rows([], Widths()) == []


def test_flat_puts_rows_after_each_other() -> None:
    assert classify.flat([[1, 2], [], [3]]) == [1, 2, 3]


class Always(SeesNoStrip):
    """An engine that says the same of everything but of a picture as it is."""

    model = "always"

    def __init__(self, grey: Bytes, marks: float, as_it_is: float) -> None:
        self.whole, self.marks, self.as_it_is = grey / 255, marks, as_it_is

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        return np.stack(
            [
                outputs(d7=self.as_it_is)
                if np.allclose(each[..., 0], self.whole)
                else outputs(d3=self.marks)
                for each in batch
            ]
        )


@pytest.mark.parametrize(
    ("marks", "as_it_is", "text"), [(0.5, 0.9, "7"), (0.5, 0.4, "3"), (0.9, 0.95, "3")]
)
def test_the_surer_of_two_readings_counts_where_the_first_is_not_sure(
    marks: float, as_it_is: float, text: str
) -> None:
    grey = ~np.asarray(draw(7, 28))
    engine = Always(grey, marks, as_it_is)
    picture = Picture(grey, 64, 28, 28)
    rows = classify.read_rows(components.segment(picture), engine)
    whole, again = classify.as_it_is(Scan(grey, 28, 28), picture, rows, engine)
    assert [[each.digit.text for each in row] for row in again] == [[text]]
    assert (whole is picture) == (text == "3")


def test_where_nothing_was_found_nothing_is_read_as_it_is() -> None:
    grey = ~np.asarray(draw(7, 28))
    picture = Picture(grey, 64, 28, 28)
    engine = Always(grey, 0.5, 0.9)
    assert classify.as_it_is(Scan(grey, 28, 28), picture, [], engine) == (picture, [])
