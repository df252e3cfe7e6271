"""The best reading of a row: marks that hold several digits are parted, pieces of one are joined.

Only what the CNN is not sure of, or what is too wide for a digit, is questioned. The sequence
network tells which digits such a mark may hold; every group of neighbours is read as if it were
one digit; of all ways along the row the most probable is taken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from digitapp import neighbours, segment
from digitapp.engine import Engine
from digitapp.marks import Mark, Picture
from digitapp.parting import Parting
from digitapp.reading import Read, Row, flat, read
from digitapp.verdict import SURE

WIDE = 1.05
"""A mark wider than this, in heights of a digit of its row, may be several."""

NARROW, NARROW_ALONE = 0.45, 0.6
"""A mark narrower than this, in its heights, is not parted; the second where it stands alone."""

ALONE = (1.0, 0.97), (1.3, 0.9), (1.8, 0.8), (3.0, 0.3)
"""A mark that stands alone is often a letter, which looks like digits side by side.

Up to each of these widths, in its heights, all its parts must be so sure.
"""

LOW = 0.5
"""A mark lower than this share of its row's usual height is not parted."""

SMALL = 0.4
"""A mark smaller than this share of it is a dot, a dash or dust, whatever it looks like."""

DIGIT = 1.35
"""A digit is no wider than this, in its heights."""

NEAR = 0.25
"""Marks of one digit have no wider gap than this, in heights of the digit."""

PIECES = 3
"""Most marks that are joined to one digit."""

ANOTHER, JOINED, ODD = math.log(0.98), math.log(0.5), math.log(0.05)
"""What it costs that a mark has another part, that several are one, that a small one is a digit."""

TWO, UNLIKELY = 0.9, math.log(0.3)
"""What another part costs a mark that is narrower than this, in its heights, or surely a digit."""

NONE = math.log(0.1)
"""What it costs to leave a mark as none, where it may be several digits."""

SMALLEST = 8
"""A mark with a shorter side than this, in the ink's pixels, is too coarse to be parted."""

MOST = 1_200
"""Marks and trials of a picture: what is beyond is not joined, so that time has a bound."""

MANY, WRITTEN = 20, 0.2
"""Among so many marks this share at least is surely digits, or else it is no writing of numbers."""


@dataclass(slots=True)
class Trials:
    """Marks that are read together; each is known by its number."""

    most: int
    marks: list[Mark] = field(default_factory=list)

    def add(self, mark: Mark) -> int:
        """Note another mark; its number."""
        self.marks.append(mark)
        return len(self.marks) - 1

    @property
    def are_enough(self) -> bool:
        """Whether no more may be asked for."""
        return len(self.marks) >= self.most


class Way(NamedTuple):
    """A reading of a row's first marks, or of one, and the logarithm of its probability."""

    score: float
    reads: tuple[Read, ...]

    def then(self, other: "Way") -> "Way":
        """The same with more to its right."""
        return Way(self.score + other.score, self.reads + other.reads)


START = Way(0.0, ())


@dataclass(slots=True)
class Ways:
    """What may be made of a row's marks.

    `single[i]` is the better of mark i as it is and as several digits. `joins` maps (first mark,
    mark after the last) to the number of a trial.
    """

    single: list[Way] = field(default_factory=list)
    joins: dict[tuple[int, int], int] = field(default_factory=dict)


def best(rows: Sequence[Row], picture: Picture, engine: Engine) -> Sequence[Row]:
    """The rows as they are most probably meant."""
    unsure = [_unsure(row) for row in rows]
    if not any(map(any, unsure)):
        return rows
    return [neighbours.weigh(row) for row in _searched(rows, unsure, picture, engine)]


def _unsure(row: Row) -> list[bool]:
    """Which of a row's marks are questioned."""
    usual = _height(row)
    return [_is_unsure(each, usual) for each in row]


def _searched(
    rows: Sequence[Row], unsure: Sequence[list[bool]], picture: Picture, engine: Engine
) -> Sequence[Row]:
    """The rows with what is parted and joined."""
    trials = Trials(MOST - len(flat(rows)))
    parting = Parting(picture, engine)
    ways = [
        _ways(row, its_unsure, picture, trials, parting)
        for row, its_unsure in zip(rows, unsure, strict=True)
    ]
    tried = read(trials.marks, engine) if trials.marks else []
    found = [_choose(way, tried) for way in ways]
    return found if _are_numbers(flat(found)) else rows


def _are_numbers(marks: Sequence[Read]) -> bool:
    """Whether there are few marks, or enough sure digits among many: a page of text has none."""
    return len(marks) < MANY or sum(each.is_sure for each in marks) >= WRITTEN * len(marks)


def _ways(row: Row, unsure: list[bool], picture: Picture, trials: Trials, parting: Parting) -> Ways:
    """Each mark of a row as it is or parted, and what is worth a trial, as long as there may be."""
    ways = Ways()
    usual, is_alone = _height(row), len(row) == 1
    for i, each in enumerate(row):
        single = _kept(each, usual)
        if unsure[i] and not trials.are_enough:
            _try_joining(row, i, picture, usual, ways, trials)
        if unsure[i] and _may_be_several(each.mark, usual, is_alone):
            single = _parted(each, parting, is_alone, single)
        ways.single.append(single)
    return ways


def _height(row: Row) -> float:
    """How high a digit of this row is, in the ink's pixels."""
    return segment.usual_height([len(each.mark.ink) for each in row])


def _is_unsure(read: Read, usual: float) -> bool:
    height, width = read.mark.ink.shape
    is_wide = width > WIDE * max(height, 0.7 * usual)
    return bool(is_wide) or not read.is_sure or _is_small(read.mark, usual)


def _is_small(mark: Mark, usual: float) -> bool:
    return bool(max(mark.ink.shape) < SMALL * usual)


def _may_be_several(mark: Mark, usual: float, is_alone: bool) -> bool:
    height, width = mark.ink.shape
    least = NARROW_ALONE if is_alone else NARROW
    is_large = min(height, width) >= SMALLEST and height > LOW * usual
    return bool(is_large and width > least * height)


def _try_joining(
    row: Row, number: int, picture: Picture, usual: float, ways: Ways, trials: Trials
) -> None:
    """Try groups of neighbours that hold this mark, if they could be one digit."""
    for first in range(max(number - PIECES + 1, 0), number + 1):
        for end in range(max(number + 1, first + 2), min(first + PIECES, len(row)) + 1):
            group = [each.mark for each in row[first:end]]
            if (first, end) not in ways.joins and _may_be_one(group, usual):
                ways.joins[first, end] = trials.add(_joined(group, picture))


def _may_be_one(group: Sequence[Mark], usual: float) -> bool:
    left, top, right, bottom = _bounds(group)
    height, width = bottom - top, right - left
    gaps = [other.left - one.left - one.ink.shape[1] for one, other in pairwise(group)]
    is_of_size = width <= DIGIT * height and height <= (1 + NEAR) * usual
    return is_of_size and max(gaps) <= NEAR * height


def _bounds(group: Sequence[Mark]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the marks' ink in the segmented picture."""
    return (
        min(mark.left for mark in group),
        min(mark.top for mark in group),
        max(mark.left + mark.ink.shape[1] for mark in group),
        max(mark.top + mark.ink.shape[0] for mark in group),
    )


def _joined(group: Sequence[Mark], picture: Picture) -> Mark:
    """One mark of several."""
    left, top, right, bottom = _bounds(group)
    ink = np.zeros((bottom - top, right - left), dtype=np.float32)
    for mark in group:
        y, x = mark.top - top, mark.left - left
        place = ink[y : y + mark.ink.shape[0], x : x + mark.ink.shape[1]]
        np.maximum(place, mark.ink, out=place)
    return segment.mark_at(picture, ink, left, top)


# --- the search


def _choose(ways: Ways, tried: Sequence[Read]) -> Row:
    """The most probable way along a row (Viterbi's algorithm)."""
    reached: list[Way] = [START]
    for end, single in enumerate(ways.single, 1):
        found = [reached[-1].then(single)]
        for first in range(end - PIECES, end - 1):
            if (first, end) in ways.joins:
                one = tried[ways.joins[first, end]]
                if one.best >= SURE:
                    found.append(reached[first].then(Way(_log(one.best) + JOINED, (one,))))
        reached.append(max(found, key=lambda way: way.score))
    return reached[-1].reads


def _kept(read: Read, usual: float) -> Way:
    """A mark as it is: a digit, or none."""
    odd = ODD if _is_small(read.mark, usual) else 0.0
    return Way(max(_log(read.best) + odd, _log(read.none) + NONE), (read,))


def _parted(read: Read, parting: Parting, is_alone: bool, kept: Way) -> Way:
    """A mark as several digits, where that is more probable than it is as `kept`."""
    found = parting.find(read.mark)
    sure = [float(sign.outputs[:10].max()) for sign in found]
    height, width = read.mark.ink.shape
    if len(found) < 2 or (is_alone and min(sure) < _least(width / height)):
        return kept
    another = ANOTHER if width >= TWO * height and not read.is_sure else UNLIKELY
    score = sum(map(_log, sure)) + another * (len(found) - 1)
    if score > kept.score and (parts := parting.cut(read.mark, found)):
        return Way(score, tuple(parts))
    return kept


def _least(wide: float) -> float:
    """How sure all parts must be of a mark that stands alone and is so wide, in its heights."""
    return next((least for widest, least in ALONE if wide < widest), 0.0)


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-9))
