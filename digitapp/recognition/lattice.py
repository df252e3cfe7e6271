"""The best reading of a row: candidates of several digits are split, parts of one are joined.

Only a candidate that the network is not sure of, or that is small for its row, is questioned. The
line network tells which digits it may hold. Every group of neighbours is read as if it were one
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

ALONE = (1.0, 0.97), (1.3, 0.9), (1.8, 0.8), (3.0, 0.3)
"""A candidate that stands alone is often a letter, which looks like digits side by side.

Up to each of these widths, in its heights, all its digits must be so sure. Without the table 90
fewer of the 7,829 open pictures are right, without its first steps 9, 3 and 10. The last one pays
next to nothing: without it a doodle more is read, and 12 more characters are right.
"""

SMALL = 0.4
"""A candidate smaller than this share of its row's usual height is a dot or dust: it is not split.

Where it is like any other, 15 more characters are wrong.
"""

DIGIT = 1.35
"""A digit is no wider than this, in its heights. Without it 11 more wrong answers show no doubt."""

NEAR = 0.25
"""Candidates of one digit have no wider gap than this, in heights of the digit, nor is the digit
higher than its row's usual one by more. Without both 3 more wrong answers show no doubt.
"""

MOST_JOINED = 3
"""Most candidates that are joined to one digit.

With 2, 2 more of 1,200 composed numbers are wrong; with 4 nothing changes; with 1 it is 8.
"""

TWO = 0.9
"""A candidate that is narrower than this, in its heights, is seldom several digits.

With 1.2, 9 more of 1,200 composed numbers are wrong; without it one open picture.
"""

UNLIKELY = math.log(0.3)
"""What each further digit costs such a candidate, and what it costs that a small one is a digit.

With 0.1, 6 more of 1,200 composed numbers are wrong; without it one open picture.
"""

REJECTION = math.log(0.1)
"""What it costs to reject a candidate that may be several digits.

Without it 18 fewer open pictures are right; with 0.3, 9 fewer of 1,200 composed numbers.
"""

MOST = 1_200
"""Candidates and trials of a picture: what is beyond is not joined, so that time has a bound.

Without it 930 narrow strokes take 1.6 s to read in place of 0.9 s.
"""

MANY, WRITTEN = 20, 0.2
"""Of so many candidates at least this share is sure digits, or else nobody wrote numbers there.

Without it 579 letters of 12 pages of text are read as digits, with it 346.
"""


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
    candidate, candidate after the last) to the place of the joined one in a list of all rows.
    """

    single: list[Way] = field(default_factory=list)
    joins: dict[tuple[int, int], int] = field(default_factory=dict)


def best(rows: Sequence[Row], engine: Engine) -> Sequence[Row]:
    """The rows as they are most probably meant."""
    unsure = [_unsure(row) for row in rows]
    if not any(map(any, unsure)):
        return rows
    splitter, joined, most = Splitter(engine), list[Candidate](), MOST - len(flat(rows))
    ways = [
        _ways(row, its_unsure, splitter, joined, most)
        for row, its_unsure in zip(rows, unsure, strict=True)
    ]
    tried = read(joined, engine) if joined else []
    found = [_choose(way, tried) for way in ways]
    return list(map(weigh_by_neighbours, found if _are_numbers(flat(found)) else rows))


def _unsure(row: Row) -> list[bool]:
    """Which of a row's candidates are questioned."""
    usual = _height(row)
    return [not each.is_sure or _is_small(each.candidate, usual) for each in row]


def _are_numbers(reads: Sequence[Read]) -> bool:
    """Whether there are few, or enough sure digits among many: a page of text has none."""
    return len(reads) < MANY or sum(each.is_sure for each in reads) >= WRITTEN * len(reads)


def _ways(
    row: Row, unsure: list[bool], splitter: Splitter, joined: list[Candidate], most: int
) -> Ways:
    """Each candidate of a row as it is or split, and the groups that are worth a trial."""
    ways = Ways()
    usual, is_alone = _height(row), len(row) == 1
    for i, each in enumerate(row):
        single = _kept(each, usual)
        if unsure[i] and len(joined) < most:
            _try_joining(row, i, usual, ways, joined)
        if unsure[i] and not _is_small(each.candidate, usual):
            single = _split(each, splitter, is_alone, single)
        ways.single.append(single)
    return ways


def _height(row: Row) -> float:
    """How high a digit of this row is, in the ink's pixels."""
    return usual_height([each.candidate for each in row])


def _is_small(candidate: Candidate, usual: float) -> bool:
    return bool(max(candidate.ink.shape) < SMALL * usual)


def _try_joining(row: Row, number: int, usual: float, ways: Ways, joined: list[Candidate]) -> None:
    """Try groups of neighbours that hold this candidate, if they could be one digit."""
    for first in range(max(number - MOST_JOINED + 1, 0), number + 1):
        for end in range(max(number + 1, first + 2), min(first + MOST_JOINED, len(row)) + 1):
            group = [each.candidate for each in row[first:end]]
            if (first, end) not in ways.joins and _may_be_one(group, usual):
                ways.joins[first, end] = len(joined)
                joined.append(Candidate.union(group))


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
        for first in range(end - MOST_JOINED, end - 1):
            if (first, end) in ways.joins:
                one = tried[ways.joins[first, end]]
                if one.best >= SURE:
                    found.append(reached[first].then(Way(_log(one.best), (one,))))
        reached.append(max(found, key=lambda way: way.score))
    return reached[-1].reads


def _kept(read: Read, usual: float) -> Way:
    """A candidate as it is: a digit, or none."""
    small = UNLIKELY if _is_small(read.candidate, usual) else 0.0
    return Way(max(_log(read.best) + small, _log(read.none) + REJECTION), (read,))


def _split(read: Read, splitter: Splitter, is_alone: bool, kept: Way) -> Way:
    """A candidate as several digits, where that is more probable than it is as `kept`."""
    found = splitter.find(read.candidate)
    sure = [float(each.outputs[:DIGITS].max()) for each in found]
    height, width = read.candidate.ink.shape
    if len(found) < 2 or (is_alone and min(sure) < _least(width / height)):
        return kept
    another = 0.0 if width >= TWO * height else UNLIKELY
    score = sum(map(_log, sure)) + another * (len(found) - 1)
    if score > kept.score and (parts := split(read.candidate, found)):
        return Way(score, tuple(parts))
    return kept


def _least(wide: float) -> float:
    """How sure all parts of a lone candidate must be that is so wide, in its heights."""
    return next((least for widest, least in ALONE if wide < widest), 0.0)


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-9))
