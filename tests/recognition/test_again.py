"""Readings that are tried where the first is poor: which one is taken, and which are not tried."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from digitapp.engine import Engine
from digitapp.recognition import again
from digitapp.recognition.assemble import Found
from digitapp.recognition.classify import Read
from digitapp.recognition.symbols import CLASSES, NO_DIGIT, text
from digitapp.vision.types import Box, Candidate, Ink, LeftOut

SIDE = 60
"""Of the ink here, in pixels."""


def ink(shift: int = 0) -> Ink:
    """Ink that differs by `shift`."""
    return Ink(np.full((SIDE, 2 * SIDE), shift, dtype=np.uint8), 128, 2 * SIDE, SIDE)


def read(symbol: int, sure: float = 0.95) -> Read:
    outputs = np.full(CLASSES, (1 - sure) / (CLASSES - 1), dtype=np.float32)
    outputs[symbol] = sure
    candidate = Candidate(np.ones((40, 20), dtype=np.float32), 10, 10)
    return Read(candidate, np.zeros((28, 28, 1), dtype=np.float32), outputs)


def found(*symbols: int, sure: float = 0.95, shift: int = 0, lines: tuple[Box, ...] = ()) -> Found:
    """One row of these symbols."""
    row = [read(each, sure) for each in symbols]
    return Found(ink(shift), [row] if row else [], [LeftOut(box, "ruling") for box in lines])


def texts(reading: Found) -> str:
    return "".join(text(int(each.outputs.argmax())) for row in reading.rows for each in row)


POOR = found(NO_DIGIT, NO_DIGIT, 3)
"""Two of three are rejected."""


def never(*_: object) -> Found:
    raise AssertionError("it was tried")


def of(readings: dict[int, Found]) -> Callable[[Ink], Found]:
    """Reads ink by its shift."""
    return lambda given: readings[int(given.values[0, 0])]


def ways(read: Callable[[Ink], Found], glance: Callable[[Ink], Found] | None = None) -> again.Ways:
    """Ways to read, of which a glance sees the same."""
    return again.Ways(read, glance or read)


# --- other copies


def test_the_clearest_reading_of_other_copies_is_taken() -> None:
    readings = {1: found(4, NO_DIGIT), 2: found(4, 0, 7), 3: found(NO_DIGIT)}
    taken = again.on_other_copies(POOR, lambda: [ink(1), ink(2), ink(3)], ways(of(readings)))
    assert texts(taken) == "407"


def test_a_reading_that_is_a_little_clearer_is_taken_of_what_is_nearly_clear() -> None:
    nearly, clear = found(4, 0, 7, 1, 9, NO_DIGIT), found(4, 0, 7, 1, 9, 3)
    assert texts(again.on_other_copies(nearly, lambda: [ink(1)], ways(of({1: clear})))) == "407193"


def test_a_reading_that_is_hardly_clearer_is_not_taken() -> None:
    hardly = ways(of({1: found(NO_DIGIT, NO_DIGIT, 4)}))
    taken = again.on_other_copies(POOR, lambda: [ink(1)], hardly)
    assert taken is POOR


def test_without_other_copies_the_first_stays() -> None:
    assert again.on_other_copies(POOR, list, ways(never)) is POOR


@pytest.mark.parametrize("first", [found(4, 0, 7), found(*[NO_DIGIT] * (again.MOST + 1))])
def test_other_copies_of_a_clear_or_large_page_are_not_looked_at(first: Found) -> None:
    assert again.on_other_copies(first, lambda: [ink(1)], ways(never)) is first


def dotted(shift: int, pieces: int) -> Ink:
    """Ink in so many pieces; it differs by `shift`."""
    dots = ink(shift)
    dots.values[1::4, 1::4].flat[:pieces] = 200
    return dots


def test_of_ink_in_many_pieces_only_what_is_clear_at_a_glance_is_read() -> None:
    said = (NO_DIGIT, NO_DIGIT, 3), (4, 0, 7), (4, 0), (4,), (NO_DIGIT,) * 3
    seen = {shift: found(*symbols, shift=shift) for shift, symbols in enumerate(said, 1)}
    read: list[int] = []

    def reading(given: Ink) -> Found:
        read.append(int(given.values[0, 0]))
        return seen[read[-1]]

    first = found(*[NO_DIGIT] * 20)
    copies = [dotted(shift, 30) for shift in seen]
    again.on_other_copies(first, lambda: copies, ways(reading, of(seen)))
    assert read == [2, 3]  # the clearest, and no more of them


# --- other ink


def test_a_sure_digit_of_other_ink_is_taken_where_pieces_were_read() -> None:
    taken = again.with_other_ink(POOR, lambda: [ink(1), ink(2)], of({1: POOR, 2: found(7)}))
    assert texts(taken) == "7"


@pytest.mark.parametrize("other", [found(7, sure=0.85), found(7, 1), found(NO_DIGIT)])
def test_other_ink_is_taken_for_one_sure_digit_alone(other: Found) -> None:
    assert again.with_other_ink(POOR, lambda: [ink(1)], of({1: other})) is POOR


def test_a_sure_digit_is_not_questioned() -> None:
    first = found(4)
    assert again.with_other_ink(first, lambda: [ink(1)], never) is first


@pytest.mark.parametrize(
    ("line", "is_cut"),
    [
        (Box(12, 0, 2, SIDE), True),  # through it
        (Box(31, 10, 2, 40), True),  # beside it
        (Box(100, 0, 2, SIDE), False),  # far away
        (Box(12, 20, 5, 5), False),  # too small for a stroke
    ],
)
def test_a_sure_digit_is_questioned_where_a_line_may_be_its_stroke(line: Box, is_cut: bool) -> None:
    first = found(1, lines=(line,))
    taken = again.with_other_ink(first, lambda: [ink(1)], of({1: found(4)}))
    assert texts(taken) == ("4" if is_cut else "1")


def test_lines_alone_may_be_a_digit_but_nothing_is_none() -> None:
    only_lines, nothing = found(lines=(Box(12, 0, 2, SIDE),)), found()
    readings = of({1: found(1)})
    assert texts(again.with_other_ink(only_lines, lambda: [ink(1)], readings)) == "1"
    assert again.with_other_ink(nothing, lambda: [ink(1)], never) is nothing


# --- cuts


LINE = Box(0, 50, 120, 2)


def test_other_ink_is_taken_where_a_line_went_with_a_stroke() -> None:
    first = found(4, 7, NO_DIGIT, lines=(LINE,))
    readings = of({1: found(4, 7, 4), 2: found(4, 7, NO_DIGIT)})
    taken = again.without_cuts(first, lambda: [ink(2), ink(1)], readings)
    assert texts(taken) == "474"


def test_other_ink_that_loses_a_symbol_is_not_taken() -> None:
    first = found(4, 7, NO_DIGIT, lines=(LINE,))
    assert again.without_cuts(first, lambda: [ink(1)], of({1: found(4, 7)})) is first


@pytest.mark.parametrize(
    "first",
    [
        found(4, 7, NO_DIGIT),  # no line
        found(4, 7, 4, lines=(LINE,)),  # clear
        found(NO_DIGIT, lines=(LINE,)),  # lone
        found(*[NO_DIGIT] * 13, lines=(LINE,)),  # long
    ],
)
def test_other_ink_of_these_is_not_read(first: Found) -> None:
    assert again.without_cuts(first, lambda: [ink(1)], never) is first


# --- turned


def by_shape(upright: int) -> Callable[[Ink], Found]:
    """Reads clearly the picture whose first pixel is the corner that `upright` quarters put there.

    The corners of `cornered` are 0 to 3.
    """
    return lambda given: found(4, 0, 7) if given.values[0, 0] == upright else POOR


def cornered() -> Found:
    values = np.zeros((SIDE, 2 * SIDE), dtype=np.uint8)
    values[0, -1], values[-1, -1], values[-1, 0] = 1, 2, 3  # first after 1, 2, 3 quarters
    return POOR._replace(ink=Ink(values, 128, 2 * SIDE, SIDE))


def anew(quarters: int) -> Found:
    """The turned picture, read with ink of its own: it tells by how much."""
    return found(4, 0, quarters)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_way_round_that_reads_clearly_is_taken(quarters: int) -> None:
    taken = again.turned_round(cornered(), ways(by_shape(quarters)), anew)
    assert taken is not None
    assert (texts(taken), taken.turned) == (f"40{quarters}", quarters)


def test_a_poor_page_that_no_turn_makes_clear_stays() -> None:
    assert again.turned_round(cornered(), ways(by_shape(9)), never) is None


def test_a_page_that_would_be_one_symbol_is_not_turned() -> None:
    assert again.turned_round(cornered(), ways(lambda _: found(7)), never) is None


@pytest.mark.parametrize(
    ("symbols", "is_turned"), [((4, 0, 7, 1), True), ((0, 1, 1, 0), False), ((6, 9, 8, 6), False)]
)
def test_digits_that_lie_either_way_do_not_tell(symbols: tuple[int, ...], is_turned: bool) -> None:
    first = cornered()._replace(rows=found(4, 7, 1, NO_DIGIT).rows)

    def reading(given: Ink) -> Found:
        return found(*symbols) if given.values[0, 0] == 2 else POOR  # on its head

    taken = again.turned_round(first, ways(reading), lambda _: found(*symbols))
    assert (taken is not None) is is_turned


def test_a_turned_picture_that_reads_worse_with_ink_of_its_own_is_not_taken() -> None:
    assert again.turned_round(cornered(), ways(by_shape(1)), lambda _: POOR) is None


def test_a_number_on_its_side_may_look_like_one_symbol() -> None:
    tall = Candidate(np.ones((60, 20), dtype=np.float32), 10, 0)
    row = [replace(read(NO_DIGIT), candidate=tall)]
    lying = found()._replace(rows=[row])
    taken = again.turned_round(lying, ways(lambda _: found(4, 0, 7)), anew)
    assert taken is not None and taken.turned
    wide = Candidate(np.ones((20, 60), dtype=np.float32), 10, 0)
    other = found()._replace(rows=[[replace(read(NO_DIGIT), candidate=wide)]])
    assert again.turned_round(other, ways(never), never) is None


@pytest.mark.parametrize("first", [found(4, 0, 7, sure=0.99), found(4), found()])
def test_what_is_clear_or_sure_is_not_turned(first: Found) -> None:
    assert again.turned_round(first, ways(never), never) is None


# --- pictures of the network's own size


def test_a_picture_that_shows_nothing_is_not_read_as_it_is(engine: Engine) -> None:
    assert again.as_it_is(POOR, lambda: None, engine) is POOR


def test_a_sure_digit_or_nothing_is_not_read_as_it_is(engine: Engine) -> None:
    def asked() -> Ink | None:
        raise AssertionError("it was tried")

    for first in (found(7), found()):
        assert again.as_it_is(first, asked, engine) is first


def test_several_symbols_are_taken_where_they_are_clearer_than_one() -> None:
    unsure, two = found(4, sure=0.5), found(1, 2)
    assert again.as_several(unsure, ink(1), of({1: two})) is two
    assert again.as_several(unsure, ink(1), of({1: found(NO_DIGIT, NO_DIGIT)})) is unsure
    sure = found(4)
    assert again.as_several(sure, ink(1), never) is sure
