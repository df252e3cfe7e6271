"""Which symbols of a row are one number: by gaps, by the lines of a table, by a form's boxes."""

import numpy as np
import pytest

from digitapp.vision import numbers
from digitapp.vision.types import Box, Candidate, Mask

HEIGHT = 50
"""Of digits here, in pixels."""


def boxes(*spans: tuple[int, int], height: int = HEIGHT) -> list[Box]:
    """Boxes that are so wide, each so many pixels after the one before it: (gap, width)."""
    found, x = [], 0
    for gap, width in spans:
        found.append(Box(x + gap, 10, width, height))
        x += gap + width
    return found


def row(*lefts: int, width: int = 30) -> list[Candidate]:
    """Candidates that begin at these columns."""
    ink = np.ones((HEIGHT, width), dtype=np.float32)
    return [Candidate(ink, left, 10) for left in lefts]


def lines(*columns: int, rows: slice = slice(0, 80), lean: float = 0.0) -> Mask:
    """Upright lines, 2 pixels wide, in these columns of 300; they lean by a share of their height.

    Of the 80 rows only some hold them.
    """
    mask = np.zeros((80, 300), dtype=np.bool_)
    for y in range(*rows.indices(80)):
        for column in columns:
            x = column + round(lean * (y - 40))
            mask[y, x : x + 2] = True
    return mask


# --- gaps


@pytest.mark.parametrize(
    ("spans", "within"),
    [
        ([(0, 30)], [0]),
        ([(0, 30), (8, 30), (8, 30)], [0, 0, 0]),
        ([(0, 30), (8, 30), (60, 30), (8, 30)], [0, 0, 1, 1]),
        ([(0, 30), (60, 30), (8, 30), (60, 30)], [0, 1, 1, 2]),
        ([(0, 30), (-4, 30), (60, 30)], [0, 0, 1]),  # boxes may overlap
    ],
)
def test_a_wide_gap_parts_numbers(spans: list[tuple[int, int]], within: list[int]) -> None:
    assert numbers.split(boxes(*spans), "7" * len(spans)) == within


def test_even_gaps_may_be_wider() -> None:
    even = boxes((0, 30), (40, 30), (40, 30), (40, 30))
    uneven = boxes((0, 30), (40, 30), (8, 30), (8, 30))
    assert numbers.split(even, "7777") == [0, 0, 0, 0]
    assert numbers.split(uneven, "7777") == [0, 1, 1, 1]


def test_even_gaps_as_wide_as_many_digits_part_numbers() -> None:
    assert numbers.split(boxes((0, 30), (90, 30), (90, 30)), "777") == [0, 1, 2]


@pytest.mark.parametrize("sign", "+-=:/")
def test_gaps_around_a_sign_may_be_wider(sign: str) -> None:
    spans = boxes((0, 30), (35, 20), (35, 30), (8, 30))
    assert numbers.split(spans, f"7{sign}12") == [0, 0, 0, 0]
    assert numbers.split(spans, "7712") == [0, 1, 2, 2]


def test_a_sign_close_to_what_follows_belongs_to_that_alone() -> None:
    assert numbers.split(boxes((0, 30), (8, 30), (60, 20), (5, 30)), "12-5") == [0, 0, 1, 1]


# --- ruled lines


def test_a_line_between_two_parts_them() -> None:
    assert numbers.walls(row(10, 60, 110), lines(50)) == [True, False]
    assert numbers.walls(row(10, 60, 110), lines(50, 100)) == [True, True]


def test_without_lines_nothing_is_parted() -> None:
    assert numbers.walls(row(10, 60), None) == [False]
    assert numbers.walls(row(10, 60), lines()) == [False]


def test_a_lone_symbol_has_no_walls() -> None:
    assert numbers.walls(row(10), lines(50)) == []


@pytest.mark.parametrize(("lean", "is_wall"), [(0.0, True), (0.1, True), (0.9, False)])
def test_a_wall_leans_a_little_at_most(lean: float, is_wall: bool) -> None:
    assert numbers.walls(row(10, 100), lines(69, lean=lean)) == [is_wall]


@pytest.mark.parametrize(("end", "is_wall"), [(80, True), (50, True), (35, False)])
def test_a_wall_stands_nearly_as_high_as_the_symbols(end: int, is_wall: bool) -> None:
    assert numbers.walls(row(10, 60), lines(50, rows=slice(0, end))) == [is_wall]


def test_a_line_under_the_symbols_is_no_wall() -> None:
    under = np.zeros((80, 300), dtype=np.bool_)
    under[56:58] = True
    assert numbers.walls(row(10, 60), under) == [False]


def test_a_wall_parts_numbers_where_no_gap_does() -> None:
    assert numbers.split(boxes((0, 30), (8, 30), (8, 30)), "777", [False, True]) == [0, 0, 1]


# --- forms


@pytest.mark.parametrize(
    ("rows", "is_form"),
    [
        ([[True, True]], True),
        ([[True, True], [True]], True),
        ([[True, False]], False),
        ([[True], [True], [True]], False),  # so many rows are a table's
        ([[]], False),
        ([], False),
    ],
)
def test_lines_between_all_symbols_are_a_forms(rows: list[list[bool]], is_form: bool) -> None:
    assert numbers.is_form(rows) is is_form


def in_boxes(*places: int, widths: str) -> list[Box]:
    """Narrow and wide symbols in boxes of 80 pixels at these places."""
    wide = {"1": 6, "0": 36}
    return [
        Box(80 * place + 40 - wide[each] // 2, 10, wide[each], HEIGHT)
        for place, each in zip(places, widths, strict=True)
    ]


@pytest.mark.parametrize("widths", ["0000", "0110", "1111", "1001"])
def test_a_forms_symbols_are_one_number_however_wide_they_are(widths: str) -> None:
    assert numbers.split_form(in_boxes(0, 1, 2, 3, widths=widths)) == [0, 0, 0, 0]


def test_a_box_in_between_parts_a_forms_numbers() -> None:
    assert numbers.split_form(in_boxes(0, 1, 3, 4, widths="0011")) == [0, 0, 1, 1]


def test_cells_much_wider_than_digits_are_no_forms_boxes() -> None:
    assert numbers.split_form(boxes((0, 30), (170, 30), (170, 30))) == [0, 1, 2]


def test_a_lone_symbol_is_one_number() -> None:
    assert numbers.split_form(boxes((0, 30))) == [0]
