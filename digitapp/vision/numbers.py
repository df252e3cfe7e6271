"""From a row's symbols to numbers: parted by gaps, and by the ruled lines of a table."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from digitapp.vision.types import Box, Candidate, Mask

APART, EVENLY = 0.55, 1.3
"""Two symbols of one number are no further apart, in digits' heights; in a row of even gaps they
may be further apart.
"""

WIDER = 2.2
"""A gap between two numbers is so many times as wide as a usual one of the narrower half."""

WALL, LEAN = 0.7, 6
"""A line parts two symbols if it fills this share of their height, and leans by one in so many."""

FORM_ROWS = 2
"""A form's boxes stand in so many rows at most; what has more is a table."""

FIELD, CELL = 1.5, 2.2
"""In a form's boxes, two symbols of one number have middles no further apart than this many times
the usual distance, and than this many digits' heights: wider ones are a table's cells.

A narrow digit leaves a wide gap: by gaps alone the two 1s of 1711 are two numbers there.
"""

OPERATORS, AROUND_SIGNS = "+-=:/.,", 2.5
"""Signs around which people leave gaps, and how many times wider these may be."""


def walls(row: Sequence[Candidate], ruling: Mask | None) -> list[bool]:
    """Whether a ruled line stands between each candidate of a row and the next."""
    if ruling is None:
        return [False] * (len(row) - 1)
    return [_is_wall(one, other, ruling) for one, other in pairwise(row)]


def _is_wall(one: Candidate, other: Candidate, ruling: Mask) -> bool:
    """Whether a line crosses the space between two candidates from top to bottom, or nearly so."""
    top, bottom = min(one.top, other.top), max(one.bottom, other.bottom)
    left, right = sorted((one.left + one.width // 2, other.left + other.width // 2))
    between = ruling[top:bottom, left : right + 1]
    lean = max((bottom - top) // LEAN, 1)
    if between.shape[1] < 2 * lean + 1:
        return False
    sums = np.pad(between, ((0, 0), (1, 0))).cumsum(axis=1)
    near = sums[:, 2 * lean + 1 :] > sums[:, : -2 * lean - 1]
    return bool(near.mean(axis=0).max(initial=0) >= WALL)


def is_form(rows: Sequence[Sequence[bool]]) -> bool:
    """Whether lines part all symbols of a picture, by `walls` of its rows: a form's boxes.

    In the boxes of a form stand the digits of one number, in the cells of a table numbers.
    """
    every = [wall for row in rows for wall in row]
    return len(rows) <= FORM_ROWS and bool(every) and all(every)


def split(boxes: Sequence[Box], texts: Sequence[str], cells: Sequence[bool] = ()) -> list[int]:
    """Which number of its row each symbol belongs to, from 0.

    Args:
        boxes: of the row's symbols, from the left.
        texts: what they are read as.
        cells: whether a line parts each symbol from the next, if lines part numbers here.
    """
    if len(boxes) == 1:  # as on most canvases
        return [0]
    digits = [box.height for box, text in zip(boxes, texts, strict=True) if text.isdigit()]
    height = float(median(digits or [box.height for box in boxes]))
    gaps = [other.x - one.right for one, other in pairwise(boxes)]
    narrow = sorted(gaps)[: max(len(gaps) // 2, 1)]
    usual = float(median(narrow))
    even = min(gaps) > 0.5 * max(gaps)
    wide = EVENLY * height if even else max(APART * height, WIDER * usual)
    found = [0]
    for place, gap in enumerate(gaps):
        least = wide * (AROUND_SIGNS if _is_operator(texts, gaps, place) else 1.0)
        is_apart = gap > least or (bool(cells) and cells[place])
        found.append(found[-1] + int(is_apart))
    return found


def split_form(boxes: Sequence[Box]) -> list[int]:
    """The same of a row of a form's boxes, which tell where a symbol stands, however wide it is."""
    middles = [box.x + box.width / 2 for box in boxes]
    steps = [after - before for before, after in pairwise(middles)]
    height = max(box.height for box in boxes)
    most = min(FIELD * float(median(steps)), CELL * height) if steps else 0.0
    found = [0]
    for step in steps:
        found.append(found[-1] + int(step > most))
    return found


def _is_operator(texts: Sequence[str], gaps: Sequence[int], place: int) -> bool:
    """Whether a gap is beside a sign that stands between two numbers of one sum.

    A sign that stands close to what follows belongs to that: `12 -5` are two numbers.
    """
    before, after = texts[place], texts[place + 1]
    if after in OPERATORS and place + 1 < len(gaps):
        return gaps[place] < 2 * max(gaps[place + 1], 1) + 1
    return before in OPERATORS or after in OPERATORS
