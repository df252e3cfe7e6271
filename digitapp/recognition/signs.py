"""Which candidates of a row are signs: what the network for signs says, and where a sign may stand.

The network is asked about what may be a sign by its size, and about what is not settled.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from digitapp.engine import Engine
from digitapp.recognition.classify import SETTLED, WHOLE, Read, Row, read
from digitapp.recognition.symbols import (
    A_DIGIT,
    DIGITS,
    FIRST_SIGN,
    OTHER,
    PART,
    SIGN_CLASSES,
    SIGNS,
)
from digitapp.vision.context import Row as Around
from digitapp.vision.context import height_of
from digitapp.vision.types import Candidate, Grey

LONE_SLASH = 0.1
"""How much rarer a slash is than a 1 where nothing stands beside it, against training's rows."""

SLASH_HEIGHT, SLASH_LEAN = 1.25, 0.24
"""A slash is higher than this, in its row's heights, or leans by more than this, in its own."""

SLASH = FIRST_SIGN + SIGNS.index("/")

BETWEEN = {"/": "-", ":": ""}
"""Signs that stand between two digits, and what else may come after them, as in 50/-."""

FEWER, MORE = 2, 4
"""Most digits on the one side of such a sign and on the other: 12/100, 2023/01/12, 1:1000.

In 20 pages of MNIST's digits 9 of the 20 errors were 1s in longer numbers that lean.
"""

FAR = 0.6
"""A wider gap, in heights, ends such a number."""

OUT_OF_PLACE = 0.1
"""How much rarer they are elsewhere.

Of MNIST's 1s that begin or end a number two in three were slashes without it.
"""

LIKE_A_SIGN = (0, 1)
"""Digits that a point or a stroke is read as: whether it is one shows in its row."""

SLENDER, LOW, WIDE = 0.4, 0.75, 1.2
"""A digit is seldom narrower or wider than this, in its heights, or lower, in its row's."""

UNREAD = np.eye(SIGN_CLASSES, dtype=np.float32)[PART]
"""What the network for signs says of what is not one symbol."""

STROKE = (0.6 * WHOLE + 0.4 * np.eye(SIGN_CLASSES, dtype=np.float32)[SLASH]).astype(np.float32)
"""What stands for it at an upright stroke alone: a 1 or a slash, which only digits beside it could
tell. It is doubtful, whatever the network for single candidates says.

Without it 13 more of 3,200 lone digits that people wrote are `?`; with it one doodle and one letter
more are read.
"""


def with_signs(row: Row, engine: Engine, meant: Sequence[bool] | None = None) -> Row:
    """The row with what the network for signs says, where it is needed.

    It takes many a 1 for a part of something. Of a candidate as high as a digit the network for
    single candidates tells that better.

    Args:
        row: the candidates as they are read one by one.
        engine: holds the network.
        meant: which of them may be asked about; all if None.
    """
    if not any(meant or [True]):
        return row
    candidates = [each.candidate for each in row]
    height = height_of(candidates)
    asked = [_may_be_sign(each, height) for each in row]
    if meant:
        asked = [is_asked and is_meant for is_asked, is_meant in zip(asked, meant, strict=True)]
    if not any(asked):
        return row
    reads = _with_kinds(row, Around(candidates), engine, asked)
    if len(row) == 1:
        reads = [reads[0].rarer(SLASH, LONE_SLASH)]
    return [
        _as_formed(each, height) if is_asked else each
        for each, is_asked in zip(reads, asked, strict=True)
    ]


def are_settled(row: Row) -> bool:
    """Whether a row holds nothing but sure digits of usual size: it is read as it is."""
    height = height_of([each.candidate for each in row])
    return not any(_may_be_sign(each, height) for each in row) and all(e.is_sure for e in row)


def _as_formed(read: Read, height: float) -> Read:
    """The same, no part if it is as high as a digit, and no slash if it stands upright."""
    kinds = read.kinds
    if read.candidate.height >= LOW * height:
        kinds = _moved(kinds, PART, A_DIGIT)
    if _is_upright_bar(read.candidate, height):
        kinds = _moved(kinds, SLASH, A_DIGIT)
    return replace(read, kinds=kinds)


def _moved(kinds: Grey, source: int, target: int) -> Grey:
    """The same probabilities, that of one class added to another's."""
    moved = kinds.copy()
    moved[target] += moved[source]
    moved[source] = 0
    return moved


def in_place(row: Row) -> Row:
    """The row, in which a sign that stands between digits is less probable elsewhere."""
    fitting = list(row)
    widest = FAR * height_of([each.candidate for each in row])
    for place in range(len(row)):
        for sign, other in BETWEEN.items():
            kind = FIRST_SIGN + SIGNS.index(sign)
            if fitting[place].kinds[kind] and not _is_between(fitting, place, other, widest):
                fitting[place] = fitting[place].rarer(kind, OUT_OF_PLACE)
    return fitting


def _is_between(row: Row, place: int, other: str, widest: float) -> bool:
    """Whether a sign has digits on both sides, few enough, or one of `other` after it."""
    after = row[place + 1].text if place + 1 < len(row) else ""
    left, right = (_digits_from(row, place, step, widest) for step in (-1, 1))
    if after and after in other:
        return left > 0
    return 0 < min(left, right) <= FEWER and max(left, right) <= MORE


def _digits_from(row: Row, place: int, step: int, widest: float) -> int:
    """How many digits follow each other without a wider gap, to the left (-1) or right (1).

    It counts no further than is asked: no number has more.
    """
    count = 0
    while count <= MORE and 0 <= place + step < len(row) and row[place + step].text.isdigit():
        one, another = (row[min(place, place + step)], row[max(place, place + step)])
        if another.candidate.left - one.candidate.right > widest:
            break
        count, place = count + 1, place + step
    return count


def _is_upright_bar(candidate: Candidate, height: float) -> bool:
    """Whether a stroke stands upright and is no higher than a digit: no slash."""
    stroke = float(candidate.ink.sum()) / candidate.height
    leans = candidate.width - stroke
    return candidate.height <= SLASH_HEIGHT * height and leans <= SLASH_LEAN * candidate.height


def read_in_row(candidates: Sequence[Candidate], around: Around, engine: Engine) -> list[Read]:
    """Have both networks read candidates that are parts of a row joined.

    What is other writing to the network for signs is no digit here: it is not one symbol.
    """
    reads = _with_kinds(read(candidates, engine), around, engine, [True] * len(candidates))
    return [replace(each, kinds=_moved(each.kinds, OTHER, PART)) for each in reads]


def _with_kinds(reads: Row, around: Around, engine: Engine, asked: Sequence[bool]) -> list[Read]:
    """The row with what the network for signs says of those that are asked about."""
    chosen = [
        around.around(read.candidate)
        for read, is_asked in zip(reads, asked, strict=True)
        if is_asked
    ]
    kinds = iter(engine.signs(np.array(chosen, np.float32)) if chosen else ())
    return [
        replace(read, kinds=next(kinds)) if is_asked else read
        for read, is_asked in zip(reads, asked, strict=True)
    ]


def _may_be_sign(read: Read, height: float) -> bool:
    """Whether a candidate of a row that is so high may be something other than a digit."""
    tall, wide = read.candidate.height, read.candidate.width
    is_usual = tall >= LOW * height and SLENDER * tall <= wide <= WIDE * tall
    digit = int(read.outputs[:DIGITS].argmax())
    return not is_usual or read.outputs[digit] < SETTLED or digit in LIKE_A_SIGN
