"""From rows as they are read to the answer: its numbers, its doubt, and how it was turned."""

import numpy as np
import pytest

from digitapp.recognition import assemble
from digitapp.recognition.answer import Answer
from digitapp.recognition.assemble import Found
from digitapp.recognition.classify import Read
from digitapp.recognition.symbols import CLASSES, NO_DIGIT
from digitapp.vision.types import Box, Candidate, Ink, LeftOut

WIDTH, HEIGHT = 400, 120
"""Of the ink here, in pixels; the picture is twice as large."""


def read(digit: int, left: int, top: int = 20, sure: float = 0.95) -> Read:
    """A digit, 20 pixels wide and 40 high."""
    outputs = np.full(CLASSES, (1 - sure) / (CLASSES - 1), dtype=np.float32)
    outputs[digit] = sure
    candidate = Candidate(np.ones((40, 20), dtype=np.float32), left, top)
    return Read(candidate, np.zeros((28, 28, 1), dtype=np.float32), outputs)


def answer(
    *rows: list[Read],
    left_out: tuple[LeftOut, ...] = (),
    turned: int = 0,
    walls: tuple[int, ...] = (),
) -> Answer:
    """The answer for these rows, with upright lines in the columns `walls`."""
    ruling = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    ruling[:, list(walls)] = True
    values = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    ink = Ink(values, 128, 2 * WIDTH, 2 * HEIGHT, ruling=ruling if walls else None)
    return assemble.answer(Found(ink, rows, left_out, turned), "digits-2 sha256:ab12", 2.5)


def test_rows_and_numbers_count_through_the_picture() -> None:
    first = [read(1, 10), read(2, 35), read(3, 150)]
    found = answer(first, [read(4, 10, 70)])
    assert found.text == "12 3\n4"
    assert [(each.row, each.number) for each in found.symbols] == [(0, 0), (0, 0), (0, 1), (1, 2)]


def test_boxes_are_in_pixels_of_the_picture() -> None:
    [symbol] = answer([read(1, 10)]).symbols
    assert symbol.box == Box(20, 40, 40, 80)


def test_lines_part_numbers_but_between_all_symbols_they_are_a_forms() -> None:
    row = [read(1, 10), read(2, 40), read(3, 70)]
    assert answer(row, walls=(65,)).text == "12 3"
    assert answer(row, walls=(35, 65)).text == "123"


@pytest.mark.parametrize(
    ("why", "doubt"),
    [("ruling", False), ("speck", False), ("beyond-limit", True), ("picture", True)],
)
def test_ink_that_may_be_writing_is_a_doubt(why: str, doubt: bool) -> None:
    left_out = (LeftOut(Box(0, 0, 9, 9), why),)
    found = answer([read(1, 10)], left_out=left_out)
    assert (found.left_out, found.doubt) == (left_out, doubt)


@pytest.mark.parametrize(
    ("one", "doubt"),
    [(read(5, 10), False), (read(5, 10, sure=0.6), True), (read(NO_DIGIT, 10), True)],
)
def test_a_symbol_that_needs_a_look_is_a_doubt(one: Read, doubt: bool) -> None:
    assert answer([read(7, 40), one]).doubt is doubt


def test_nothing_at_all_is_an_empty_answer_without_doubt() -> None:
    found = answer()
    assert (found.text, found.symbols, found.doubt) == ("", (), False)


@pytest.mark.parametrize(("quarters", "degrees"), [(0, 0), (1, 270), (2, 180), (3, 90)])
def test_turned_tells_degrees_clockwise(quarters: int, degrees: int) -> None:
    assert answer([read(1, 10)], turned=quarters).turned == degrees
