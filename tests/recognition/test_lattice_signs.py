"""What stands beside digits or alone: signs, specks and dust, by a stand-in for the networks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from digitapp.recognition import classify, lattice, signs
from digitapp.recognition.classify import Row, flat, read
from digitapp.recognition.symbols import (
    FIRST_SIGN,
    OTHER,
    PART,
    SIGN_CLASSES,
)
from digitapp.vision.types import Candidate
from tests.engine.inputs import Batch
from tests.recognition.test_lattice import HEIGHT, Stub, narrow_is_a_digit


class Signs(Stub):
    """Whatever the network for signs is asked about is of one class to it, a slash by default.

    A candidate narrower than high is a 7 to that for single candidates, every other is none.
    """

    def __init__(self, kind: int = signs.SLASH) -> None:
        super().__init__(narrow_is_a_digit())
        self.kind = kind

    def signs(self, batch: Batch) -> Batch:
        return np.tile(np.eye(SIGN_CLASSES, dtype=np.float32)[self.kind], (len(batch), 1))


# --- strokes


def leaning(high: int, wide: int) -> NDArray[np.float32]:
    """A stroke that leans over the whole width."""
    ink = np.zeros((high, wide), np.float32)
    for row in range(high):
        middle = (high - 1 - row) * (wide - 1) / max(high - 1, 1)
        ink[row, max(round(middle) - 2, 0) : round(middle) + 3] = 1
    return ink


def alone(*spans: tuple[int, int], high: int = HEIGHT) -> Row:
    """Strokes that stand in these columns and nothing else, as they are read."""
    strokes = [Candidate(leaning(high, end - first), first, 0) for first, end in spans]
    engine = Signs()
    return flat(lattice.best([read(strokes, engine)], engine).rows)


def test_an_upright_stroke_alone_is_a_doubtful_digit() -> None:
    (one,) = alone((0, 15))
    assert (one.text, one.is_sure) == ("7", False)


def test_beside_a_digit_it_is_the_sign() -> None:
    assert [each.text for each in alone((0, 5), (40, 55))] == ["7", "/"]


def test_an_upright_stroke_is_no_slash() -> None:
    assert [each.text for each in alone((0, 5), (40, 45))] == ["7", "7"]


def test_a_flat_stroke_alone_is_not_read() -> None:
    assert [each.text for each in alone((0, 40), high=8)] == ["?"]


# --- points and the digits beside them

POINT = Candidate(np.ones((6, 6), dtype=np.float32), 28, HEIGHT - 6)
"""At the foot of the gap between two digits, near enough to be joined to one."""


def test_a_point_is_not_joined_to_a_digit_but_where_ruling_was() -> None:
    row = [*digits(0), POINT, *digits(36)]
    engine = Signs(FIRST_SIGN)
    ruling = np.zeros((HEIGHT, 80), dtype=np.bool_)
    assert texts(lattice.best([read(row, engine)], engine, ruling)) == [["7", ".", "7"]]
    ruling[HEIGHT - 8] = True
    crossed = lattice.best([read(row, engine)], engine, ruling)
    assert [each.least for each in crossed.rows[0]] == [classify.SURE_CROSSED] * len(
        crossed.rows[0]
    )


# --- specks and dust

SPECK = Candidate(np.ones((4, 4), dtype=np.float32), 70, 20)
"""A tenth as high as a digit, and too far from the others to be joined."""


def digits(*lefts: int) -> list[Candidate]:
    return [Candidate(np.ones((HEIGHT, 24), dtype=np.float32), left, 0) for left in lefts]


def best(kind: int, *rows: list[Candidate]) -> lattice.Result:
    """The reading of rows in which all that is no digit for sure is of this kind."""
    engine = Signs(kind)
    return lattice.best([read(row, engine) for row in rows], engine)


def texts(result: lattice.Result) -> list[list[str]]:
    return [[each.text for each in row] for row in result.rows]


def test_dirt_beside_digits_is_a_speck_and_told() -> None:
    result = best(OTHER, [*digits(0, 30), SPECK])
    assert texts(result) == [["7", "7"]]
    assert list(result.specks) == [SPECK]


@pytest.mark.parametrize(("kind", "text"), [(FIRST_SIGN, "."), (PART, "?")])
def test_what_is_as_small_but_a_sign_or_a_part_of_one_is_no_speck(kind: int, text: str) -> None:
    result = best(kind, [*digits(0, 30), SPECK])
    assert texts(result) == [["7", "7", text]]
    assert not result.specks


def test_a_row_of_dust_is_left_out_and_told() -> None:
    dust = [Candidate(np.ones((12, 12), dtype=np.float32), left, 100) for left in (10, 90)]
    result = best(OTHER, digits(0, 30, 60), dust)
    assert texts(result) == [["7", "7", "7"]]
    assert list(result.specks) == dust


def test_large_writing_that_is_not_read_is_no_dust() -> None:
    writing = [Candidate(np.ones((30, 40), dtype=np.float32), 10, 100)]
    result = best(OTHER, digits(0, 30, 60), writing)
    assert texts(result) == [["7", "7", "7"], ["?"]]
    assert not result.specks
