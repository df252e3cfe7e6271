"""The best reading of a row: candidates of several digits are split, parts of one are joined.

Only a candidate that the network is not sure of, or that is too wide for a digit, is questioned.
The line network tells which digits it may hold. Every group of neighbours is read as if it were one
digit. Of all ways along the row the most probable is taken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from digitapp.engine import Engine
from digitapp.recognition.classify import SURE, Read, Row, flat, read, weigh_by_neighbours
from digitapp.recognition.split import Splitter, split
from digitapp.recognition.symbols import DIGITS
from digitapp.vision.types import Candidate, usual_height

WIDE = 1.05
"""A candidate wider than this, in heights of a digit of its row, may be several."""

NARROW, NARROW_ALONE = 0.45, 0.6
"""A candidate narrower than this, in its heights, is not split; the second is for a lone one."""

ALONE = (1.0, 0.97), (1.3, 0.9), (1.8, 0.8), (3.0, 0.3)
"""A candidate that stands alone is often a letter, which looks like digits side by side.

Up to each of these widths, in its heights, all its parts must be so sure.
"""

LOW = 0.5
"""A candidate lower than this share of its row's usual height is not split."""

SMALL = 0.4
"""A candidate smaller than this share of it is a dot, a dash or dust, whatever it looks like."""

DIGIT = 1.35
"""A digit is no wider than this, in its heights."""

NEAR = 0.25
"""Candidates of one digit have no wider gap than this, in heights of the digit."""

PIECES = 3
"""Most candidates that are joined to one digit."""

ANOTHER, JOINED, ODD = math.log(0.98), math.log(0.5), math.log(0.05)
"""What it costs that one has another part, that several are one, that a small one is a digit."""

TWO, UNLIKELY = 0.9, math.log(0.3)
"""What another part costs one that is narrower than this, in its heights, or surely a digit."""

NONE = math.log(0.1)
"""What it costs to leave a candidate as none, where it may be several digits."""

SMALLEST = 8
"""A candidate with a shorter side than this, in the ink's pixels, is too coarse to be split."""

MOST = 1_200
"""Candidates and trials of a picture: what is beyond is not joined, so that time has a bound."""

MANY, WRITTEN = 20, 0.2
"""Of so many candidates at least this share is sure digits, or else nobody wrote numbers there."""


@dataclass(slots=True)
class Trials:
    """Candidates that are read together; each is known by its number."""

    most: int
    candidates: list[Candidate] = field(default_factory=list)

    def add(self, candidate: Candidate) -> int:
        """Note another candidate; its number."""
        self.candidates.append(candidate)
        return len(self.candidates) - 1

    @property
    def are_enough(self) -> bool:
        """Whether no more may be asked for."""
        return len(self.candidates) >= self.most


class Way(NamedTuple):
    """A reading of a row's first candidates, or of one, and the logarithm of its probability."""

    score: float
    reads: tuple[Read, ...]

    def then(self, other: "Way") -> "Way":
        """The same with more to its right."""
        return Way(self.score + other.score, self.reads + other.reads)


START = Way(0.0, ())


@dataclass(slots=True)
class Ways:
    """What may be made of a row's candidates.

    `single[i]` is the better of candidate i as it is and as several digits. `joins` maps (first
    candidate, candidate after the last) to the number of a trial.
    """

    single: list[Way] = field(default_factory=list)
    joins: dict[tuple[int, int], int] = field(default_factory=dict)


def best(rows: Sequence[Row], engine: Engine) -> Sequence[Row]:
    """The rows as they are most probably meant."""
    unsure = [_unsure(row) for row in rows]
    if not any(map(any, unsure)):
        return rows
    return [weigh_by_neighbours(row) for row in _searched(rows, unsure, engine)]


def _unsure(row: Row) -> list[bool]:
    """Which of a row's candidates are questioned."""
    usual = _height(row)
    return [_is_unsure(each, usual) for each in row]


def _searched(
    rows: Sequence[Row], unsure: Sequence[list[bool]], engine: Engine
) -> Sequence[Row]:
    """The rows with what is split and joined."""
    trials = Trials(MOST - len(flat(rows)))
    splitter = Splitter(engine)
    ways = [
        _ways(row, its_unsure, trials, splitter)
        for row, its_unsure in zip(rows, unsure, strict=True)
    ]
    tried = read(trials.candidates, engine) if trials.candidates else []
    found = [_choose(way, tried) for way in ways]
    return found if _are_numbers(flat(found)) else rows


def _are_numbers(reads: Sequence[Read]) -> bool:
    """Whether there are few, or enough sure digits among many: a page of text has none."""
    return len(reads) < MANY or sum(each.is_sure for each in reads) >= WRITTEN * len(reads)


def _ways(row: Row, unsure: list[bool], trials: Trials, splitter: Splitter) -> Ways:
    """Each candidate of a row as it is or split, and the groups that are worth a trial."""
    ways = Ways()
    usual, is_alone = _height(row), len(row) == 1
    for i, each in enumerate(row):
        single = _kept(each, usual)
        if unsure[i] and not trials.are_enough:
            _try_joining(row, i, usual, ways, trials)
        if unsure[i] and _may_be_several(each.candidate, usual, is_alone):
            single = _split(each, splitter, is_alone, single)
        ways.single.append(single)
    return ways


def _height(row: Row) -> float:
    """How high a digit of this row is, in the ink's pixels."""
    return usual_height([each.candidate for each in row])


def _is_unsure(read: Read, usual: float) -> bool:
    height, width = read.candidate.ink.shape
    is_wide = width > WIDE * max(height, 0.7 * usual)
    return bool(is_wide) or not read.is_sure or _is_small(read.candidate, usual)


def _is_small(candidate: Candidate, usual: float) -> bool:
    return bool(max(candidate.ink.shape) < SMALL * usual)


def _may_be_several(candidate: Candidate, usual: float, is_alone: bool) -> bool:
    height, width = candidate.ink.shape
    least = NARROW_ALONE if is_alone else NARROW
    is_large = min(height, width) >= SMALLEST and height > LOW * usual
    return bool(is_large and width > least * height)


def _try_joining(row: Row, number: int, usual: float, ways: Ways, trials: Trials) -> None:
    """Try groups of neighbours that hold this candidate, if they could be one digit."""
    for first in range(max(number - PIECES + 1, 0), number + 1):
        for end in range(max(number + 1, first + 2), min(first + PIECES, len(row)) + 1):
            group = [each.candidate for each in row[first:end]]
            if (first, end) not in ways.joins and _may_be_one(group, usual):
                ways.joins[first, end] = trials.add(Candidate.union(group))


def _may_be_one(group: Sequence[Candidate], usual: float) -> bool:
    height = max(each.bottom for each in group) - min(each.top for each in group)
    width = max(each.right for each in group) - min(each.left for each in group)
    gaps = [other.left - one.right for one, other in pairwise(group)]
    is_of_size = width <= DIGIT * height and height <= (1 + NEAR) * usual
    return is_of_size and max(gaps) <= NEAR * height


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
    """A candidate as it is: a digit, or none."""
    odd = ODD if _is_small(read.candidate, usual) else 0.0
    return Way(max(_log(read.best) + odd, _log(read.none) + NONE), (read,))


def _split(read: Read, splitter: Splitter, is_alone: bool, kept: Way) -> Way:
    """A candidate as several digits, where that is more probable than it is as `kept`."""
    found = splitter.find(read.candidate)
    sure = [float(each.outputs[:DIGITS].max()) for each in found]
    height, width = read.candidate.ink.shape
    if len(found) < 2 or (is_alone and min(sure) < _least(width / height)):
        return kept
    another = ANOTHER if width >= TWO * height and not read.is_sure else UNLIKELY
    score = sum(map(_log, sure)) + another * (len(found) - 1)
    if score > kept.score and (parts := split(read.candidate, found)):
        return Way(score, tuple(parts))
    return kept


def _least(wide: float) -> float:
    """How sure all parts of a lone candidate must be that is so wide, in its heights."""
    return next((least for widest, least in ALONE if wide < widest), 0.0)


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-9))
