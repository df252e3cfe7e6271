"""From candidates to rows: the reading order, tilted pages, dots and dashes."""

from collections.abc import Sequence
from itertools import chain
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitapp.vision import decode, layout
from digitapp.vision.types import Candidate
from tests.drawings import encode, write
from tests.inks import as_ink, read, rows


def candidate(left: int, top: int, width: int = 20, height: int = 40) -> Candidate:
    return Candidate(np.ones((height, width), dtype=np.float32), left, top)


def numbers(found: Sequence[Sequence[Candidate]], given: Sequence[Candidate]) -> list[list[int]]:
    """The rows, each candidate by its place among the given ones."""
    number = {id(each): place for place, each in enumerate(given)}
    return [[number[id(each)] for each in row] for row in found]


@pytest.mark.parametrize(
    "texts",
    [
        ("12",),
        ("2024",),
        ("0123456789",),
        ("31", "41"),
        ("1", "2", "3"),
        ("123", "45"),
        ("7 7", " 1 "),
    ],
)
def test_digits_that_stand_apart_are_found_row_by_row(texts: tuple[str, ...]) -> None:
    ink = as_ink(255 - np.asarray(write(*texts)))
    found = rows(ink)
    assert [len(row) for row in found] == [len(text.replace(" ", "")) for text in texts]
    for row, text in enumerate(texts):
        columns = [column for column, digit in enumerate(text) if digit != " "]
        for box, column in zip(map(ink.box, found[row]), columns, strict=True):
            assert column * 100 <= box.x < box.right <= column * 100 + 100
            assert row * 100 <= box.y < box.bottom <= row * 100 + 100


def test_rows_and_boxes_of_a_reduced_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(write("12", "34", side=200))
    whole = read(data)
    monkeypatch.setattr(decode, "WORK_PIXELS", 150 * 150)
    reduced = read(data)
    assert [len(row) for row in rows(reduced)] == [2, 2]
    for row, small in zip(rows(whole), rows(reduced), strict=True):
        for one, other in zip(map(whole.box, row), map(reduced.box, small), strict=True):
            for side in ("x", "y", "right", "bottom"):
                assert abs(getattr(one, side) - getattr(other, side)) <= 6


@pytest.mark.parametrize(("count", "most"), [(8, 2), (3, 3)], ids=["a page", "a few candidates"])
def test_a_page_is_left_by_giants_and_dashes_have_rows_of_their_own(count: int, most: int) -> None:
    digits = [candidate(30 * i, 0) for i in range(count)]
    edge, dash = candidate(400, 60, 20, 160), candidate(0, 400, 40, 6)
    found, giants = layout.rows([*digits, edge, dash])
    assert numbers(found[:1], digits) == [list(range(count))]
    assert len(found) == most
    assert giants == ([edge] if count == 8 else [])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(0, 0), (30, 0), (60, 0)], [[0, 1, 2]]),
        ([(60, 3), (0, 0), (30, -4)], [[1, 2, 0]]),
        ([(0, 0), (0, 60)], [[0], [1]]),
        ([(30, 60), (0, 0), (0, 64), (30, 4)], [[1, 3], [2, 0]]),
        ([(0, 0), (30, 8), (60, 16), (90, 24)], [[0, 1, 2, 3]]),
    ],
    ids=["a row", "out of order", "a column", "two rows", "a slope"],
)
def test_the_reading_order(places: list[tuple[int, int]], expected: list[list[int]]) -> None:
    given = [candidate(x, y) for x, y in places]
    assert numbers(layout.order(given), given) == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=12, unique=True))
def test_the_order_keeps_every_candidate_once(places: list[tuple[int, int]]) -> None:
    given = [candidate(x, y) for x, y in places]
    found = layout.order(given)
    assert sorted(chain(*numbers(found, given))) == list(range(len(given)))
    for row in found:
        assert [each.left for each in row] == sorted(each.left for each in row)


# --- tilted pages


def on_a_slope(counts: Sequence[int], slope: float) -> list[Candidate]:
    """Rows of so many candidates, 20 apart and 70 below each other, that fall by `slope`."""
    return [
        candidate(40 * column, round(70 * row + slope * 40 * column))
        for row, count in enumerate(counts)
        for column in range(count)
    ]


@pytest.mark.parametrize("slope", [-0.14, -0.07, 0.0, 0.07, 0.14])
@pytest.mark.parametrize(
    "counts", [(18, 18), (20, 20, 20), (12, 12), (10, 4, 8), (9,), (6, 3, 3, 6)]
)
def test_rows_of_a_tilted_page(counts: tuple[int, ...], slope: float) -> None:
    given = on_a_slope(counts, slope)
    found = numbers(layout.order(given[::2] + given[1::2]), given)
    assert [len(row) for row in found] == list(counts)
    assert list(chain(*found)) == list(range(sum(counts)))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(5, 10), min_size=2, max_size=5),
    st.floats(-0.08, 0.08),
    st.randoms(use_true_random=False),
)
def test_the_slope_is_that_of_the_rows(counts: list[int], slope: float, random: Random) -> None:
    given = on_a_slope(counts, slope)
    assert abs(layout._slope(given) - slope) <= 0.5 / 20
    shuffled = random.sample(given, len(given))
    assert [len(row) for row in layout.order(shuffled)] == counts


def test_few_candidates_tell_no_slope() -> None:
    assert layout._slope(on_a_slope([layout.SEVERAL - 1], 0.1)) == 0
    assert layout._slope(on_a_slope([layout.SEVERAL], 0.1)) == pytest.approx(0.1)
    column = [candidate(0, 60 * place) for place in range(12)]
    assert layout._slope(column) == 0


# --- dots, dashes, and what stands lower than its row


@pytest.mark.parametrize(
    ("low", "row"),
    [
        ((52, 34, 6, 6), 0),  # a decimal point
        ((52, 104, 6, 6), 1),
        ((52, 18, 16, 5), 0),  # a minus
        ((52, 44, 6, 10), 0),  # a comma, below its row
    ],
)
def test_dots_and_dashes_go_to_the_row_beside_them(
    low: tuple[int, int, int, int], row: int
) -> None:
    digits = [candidate(x, y) for y in (0, 70) for x in (0, 25, 75, 100)]
    dot = candidate(*low)
    found = layout.order([dot, *digits])
    assert [len(each) for each in found] == ([5, 4] if row == 0 else [4, 5])
    assert found[row][2] is dot


def test_a_dot_far_from_all_rows_stands_alone() -> None:
    digits = [candidate(x, 0) for x in (0, 25, 50)]
    dot = candidate(25, 200, 6, 6)
    assert numbers(layout.order([*digits, dot]), [*digits, dot]) == [[0, 1, 2], [3]]
    assert numbers(layout.order([dot]), [dot]) == [[0]]


@pytest.mark.parametrize(("top", "count"), [(10, 1), (28, 1), (36, 2), (60, 2)])
def test_a_candidate_that_stands_lower_beside_a_row_is_of_it(top: int, count: int) -> None:
    row = [candidate(0, 0), candidate(30, 2)]
    assert len(layout.order([*row, candidate(60, top)])) == count


def test_a_candidate_below_a_row_is_of_the_next() -> None:
    row = [candidate(0, 0), candidate(30, 2)]
    assert len(layout.order([*row, candidate(15, 28)])) == 2
