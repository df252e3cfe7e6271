"""The best reading of a row: candidates of several digits are split, parts of a symbol are joined.

Only a candidate that the networks are not sure of, or that is small for its row, is questioned. The
line network tells which digits it may hold. Every group of neighbours is read as if it were one
symbol. Of all ways along the row the most probable is taken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import NamedTuple

from digitapp.engine import Engine
from digitapp.recognition.classify import (
    SURE_CROSSED,
    SURE_PART,
    Read,
    Row,
    flat,
    harder,
    is_crossed,
    weigh_by_neighbours,
)
from digitapp.recognition.signs import (
    STROKE,
    UNREAD,
    are_settled,
    in_place,
    read_in_row,
    with_signs,
)
from digitapp.recognition.split import Splitter, split
from digitapp.recognition.symbols import DIGITS, FIRST_SIGN, OTHER, PART
from digitapp.vision.context import Row as Around
from digitapp.vision.context import height_of, may_be_one
from digitapp.vision.types import Candidate, Grey, Mask

ALONE = (1.0, 0.97), (1.3, 0.9), (1.8, 0.8), (3.0, 0.3)
"""A candidate that stands alone is often a letter, which looks like digits side by side.

Up to each of these widths, in its heights, all its digits must be so sure. Without the table 90
fewer of the 7,829 open pictures are right, without its first steps 9, 3 and 10. The last one pays
next to nothing: without it a doodle more is read, and 12 more characters are right.
"""

PARTED = 0.1
"""How probable it is at least that a whole sign is a part of the digit beside it.

Without it 8 of 300 numbers lose their point to the digit beside it.
"""

TINY = 0.12
"""A candidate less large than this share of its row's height may be a speck."""

SMALL = 0.4
"""A candidate smaller than this share of its row's usual height is a dot or dust: it is not split.

Where it is like any other, 15 more characters are wrong.
"""

MOST_JOINED = 4
"""Most candidates that are joined to one symbol.

With 2, 2 more of 1,200 composed numbers are wrong; with 4 nothing changes; with 1 it is 8.
"""

DUST = 0.5
"""A row of which nothing is read is dust if all of it is smaller than this share of a digit."""

UPRIGHT = 1.25
"""A stroke is at least so many times as high as wide."""

HIGHER = 1.2
"""What was cut off a candidate may be a slash if it is so many times as high as its row's digits.

With 1.0 4 of 100 strings of digits that touch are read worse, whose 1s lean like a slash.
"""

JOINED = 0.5
"""Joined candidates are one symbol only if they are so probably.

With 0.8 6 fewer of 400 numbers on ruled paper are right, whose digits fall apart where a line was.
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

MANY_MORE = 80
"""Of more candidates that are no numbers by themselves nothing else is asked: time has a bound.

149 pieces of noise take 1.1 s less then.
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
    candidate, candidate after the last) to what the joined ones are read as.
    """

    single: list[Way] = field(default_factory=list)
    joins: dict[tuple[int, int], Read] = field(default_factory=dict)


class Result(NamedTuple):
    """The rows as they are most probably meant, and the candidates that are specks."""

    rows: Sequence[Row]
    specks: Sequence[Candidate]


def best(rows: Sequence[Row], engine: Engine, ruling: Mask | None = None) -> Result:
    """The rows as they are most probably meant.

    Args:
        rows: the candidates as they are read one by one.
        engine: reads those that are split or joined.
        ruling: where ruling was taken away, across which digits may have fallen apart.
    """
    if ruling is None and all(are_settled(row) for row in rows):
        return Result(rows, ())  # as on most canvases: what follows would change nothing
    chosen = _searched(rows, engine, ruling)
    specks: list[Candidate] = []
    kept = [_without_specks(row, specks) for row in chosen]
    alone = all(_is_upright(each) for each in flat(kept))
    finished = [_finished(row, STROKE if alone else UNREAD) for row in kept if row]
    usual = _usual_digit(finished)
    written = [row for row in finished if not _is_dust(row, usual)]
    specks += [each.candidate for row in finished if _is_dust(row, usual) for each in row]
    return Result([[_marked(each, ruling) for each in row] for row in written], specks)


def _marked(read: Read, ruling: Mask | None) -> Read:
    """The same, which must be surer where it may have lost a stroke with ruling."""
    return harder(read, SURE_CROSSED) if is_crossed(read, ruling) else read


def _searched(rows: Sequence[Row], engine: Engine, ruling: Mask | None) -> Sequence[Row]:
    """The rows with signs, and with what is split and joined if they are numbers."""
    if len(flat(rows)) > MANY_MORE and not _are_numbers(flat(rows)):
        return rows
    search = _Search(engine, MOST - len(flat(rows)), ruling)
    asked = [with_signs(row, engine) for row in rows]
    found = [search.row(row) for row in asked]
    return found if _are_numbers(flat(found)) else asked


def _usual_digit(rows: Sequence[Row]) -> float:
    """The median height of a picture's digits, 0 where there is none."""
    digits = [e.candidate.height for e in flat(rows) if not e.is_rejected and not e.is_sign]
    return float(median(digits)) if digits else 0.0


def _is_dust(row: Row, usual: float) -> bool:
    """Whether nothing of a row is read, and all of it is small beside the picture's digits."""
    return all(each.is_rejected and max(each.candidate.ink.shape) < DUST * usual for each in row)


class _Search:
    """Looks for the best way along each row of a picture, with a bound on its trials."""

    def __init__(self, engine: Engine, trials: int, ruling: Mask | None) -> None:
        self._engine, self._left, self._ruling = engine, trials, ruling
        self._splitter = Splitter(engine)

    def row(self, row: Row) -> Row:
        """The most probable reading of a row."""
        usual = height_of([each.candidate for each in row])
        unsure = [not each.is_sure or _is_small(each.candidate, usual) for each in row]
        if not any(unsure):
            return row
        chosen = _choose(self._ways(row, unsure, usual), self._ruling)
        height = height_of([each.candidate for each in chosen])
        high = [each.is_part and each.candidate.height >= HIGHER * height for each in chosen]
        return with_signs(chosen, self._engine, high)

    def _ways(self, row: Row, unsure: list[bool], usual: float) -> Ways:
        """Each candidate of a row as it is or split, and the groups that are worth a trial."""
        ways = Ways(joins=self._joined(row, _groups(row, unsure, usual)))
        for each, is_unsure in zip(row, unsure, strict=True):
            single = _kept(each, usual)
            if is_unsure and not _is_small(each.candidate, usual):
                single = _split(each, self._splitter, len(row) == 1, single)
            ways.single.append(single)
        return ways

    def _joined(self, row: Row, groups: list[tuple[int, int]]) -> dict[tuple[int, int], Read]:
        """What each group of a row is read as, as far as trials are left."""
        tried = groups[: max(self._left, 0)]
        self._left -= len(tried)
        if not tried:
            return {}
        candidates = [each.candidate for each in row]
        unions = [Candidate.union(candidates[first:end]) for first, end in tried]
        return dict(zip(tried, read_in_row(unions, Around(candidates), self._engine), strict=True))


def _groups(row: Row, unsure: list[bool], usual: float) -> list[tuple[int, int]]:
    """Neighbours that may be one symbol, one of them unsure: from the first to after the last."""
    return [
        (first, end)
        for first in range(len(row))
        for end in range(first + 2, min(first + MOST_JOINED, len(row)) + 1)
        if any(unsure[first:end]) and may_be_one([each.candidate for each in row[first:end]], usual)
    ]


def _are_numbers(reads: Sequence[Read]) -> bool:
    """Whether there are few, or enough sure digits among many: a page of text has none."""
    return len(reads) < MANY or sum(each.is_sure for each in reads) >= WRITTEN * len(reads)


def _is_small(candidate: Candidate, usual: float) -> bool:
    return bool(max(candidate.ink.shape) < SMALL * usual)


def _choose(ways: Ways, ruling: Mask | None) -> Row:
    """The most probable way along a row (Viterbi's algorithm)."""
    reached: list[Way] = [START]
    for end, single in enumerate(ways.single, 1):
        found = [reached[-1].then(single)]
        for first in range(max(end - MOST_JOINED, 0), end - 1):
            one = ways.joins.get((first, end))
            if one and one.best >= JOINED:
                apart = 0.0 if is_crossed(one, ruling) else _apart(ways.single[first:end])
                score = _log(one.best) + apart
                found.append(reached[first].then(Way(score, (one,))))
        reached.append(max(found, key=lambda way: way.score))
    return reached[-1].reads


def _apart(parts: Sequence[Way]) -> float:
    """What it costs to join parts of which one is a sign by itself."""
    signs = [each for way in parts for each in way.reads if each.is_sign and not each.is_rejected]
    return _log(max(min((each.none for each in signs), default=1.0), PARTED))


def _kept(read: Read, usual: float) -> Way:
    """A candidate as it is: a symbol, or none."""
    small = UNLIKELY if not read.is_sign and _is_small(read.candidate, usual) else 0.0
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
        return Way(score, tuple(harder(part, SURE_PART) if is_alone else part for part in parts))
    return kept


def _without_specks(row: Row, specks: list[Candidate]) -> Row:
    """The row without what is too small for its digits and no part of a sign; see `specks`."""
    usual = height_of([each.candidate for each in row])
    is_speck = [
        max(each.candidate.ink.shape) < TINY * usual and each.is_rejected and _is_dirt(each)
        for each in row
    ]
    specks += [each.candidate for each, is_one in zip(row, is_speck, strict=True) if is_one]
    return [each for each, is_one in zip(row, is_speck, strict=True) if not is_one]


def _is_dirt(read: Read) -> bool:
    """Whether it is more like dirt than like a sign or a part of one."""
    return bool(read.kinds[OTHER] > read.kinds[FIRST_SIGN:OTHER].sum() + read.kinds[PART])


def _finished(row: Row, alone: Grey) -> Row:
    """The row, in which signs are read beside digits; without any they are what `alone` says."""
    row = in_place(weigh_by_neighbours(row))
    if any(not each.is_rejected and not each.is_sign for each in row):
        return row
    return [replace(each, kinds=alone) if each.is_sign else each for each in row]


def _is_upright(read: Read) -> bool:
    """Whether it is a sign that may as well be a 1, where nothing else is in the picture."""
    return read.is_sign and read.candidate.height >= UPRIGHT * read.candidate.width


def _least(wide: float) -> float:
    """How sure all parts of a lone candidate must be that is so wide, in its heights."""
    return next((least for widest, least in ALONE if wide < widest), 0.0)


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-9))
