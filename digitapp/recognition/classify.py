"""What the network says of single candidates, and what the program makes of it.

The thresholds of doubt stand here, beside each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median
from typing import TypeVar

import numpy as np

from digitapp.engine import Engine
from digitapp.recognition.answer import SHOWN, Symbol
from digitapp.recognition.symbols import (
    A_DIGIT,
    CLASSES,
    DIGITS,
    NO_DIGIT,
    REJECTED,
    SIGN_CLASSES,
    SYMBOLS,
    weighed,
)
from digitapp.vision import normalize
from digitapp.vision.types import Box, Candidate, Grey, Mask

T = TypeVar("T")

REJECT = 0.5
"""A candidate that is no digit with at least this probability is rejected: `?` in the text.

With 0.4, 17 more of the 691 open letters are rejected, and one more digit in each of three suites;
with 0.6, 8 fewer letters. The model card has the whole table.
"""

SURE = 0.8
"""A best digit less probable than this is doubtful: it is shown with the second best.

At 0.7, 58 more of 13,046 open and composed pictures are wrong without doubt, and 52 fewer right
ones show one. At 0.9 it is 59 fewer and 94 more.
"""

SURE_CROSSED = 0.85
"""SURE for a digit across which ruling was taken away: it may have lost a stroke with it.

At 0.8, 6 more of 400 numbers on ruled paper are wrong without doubt, at 0.88 none fewer.
"""

SURE_PART = 0.99
"""SURE for digits that a candidate was split into which stands alone: it may be a letter.

Without it 13 more of 1,391 open letters are read as numbers without doubt.
"""

SURE_SIGN = 0.7
"""SURE for a sign: a point is often as much a comma, and a plus a crossed one.

At 0.8 three times as many of 300 right numbers with signs show doubt, at 0.6 2 more are silent.
"""

SURE_NEIGHBOURS = 2 / 3
"""Least share of a candidate's neighbours in its row that are sure digits."""

HIGH = 0.6
"""A candidate lower than this share of its row's sure digits is no neighbour: a dot or a dash."""

RARER = {1: 0.3, 2: 0.1, 4: 0.04}
"""How much rarer "no digit" is beside so many sure digits or more."""

SETTLED = 0.97
"""A surer digit of usual size is no sign: the network for signs is not asked."""

MOST_AGAIN = 100
"""Of more unsettled candidates each is read once: time has a bound."""

WHOLE = np.eye(SIGN_CLASSES, dtype=np.float32)[A_DIGIT]
"""What the network for signs says of a digit: taken where it is not asked."""


@dataclass(frozen=True, eq=False)  # arrays have no single truth
class Read:
    """A candidate and what the networks say of it; what follows from that is worked out once.

    `pixels` [28, 28, 1] is what the network for single candidates saw, `outputs` [11] what it says,
    and `kinds` [11] what that for signs says. Its best digit is sure from `least` on. `is_part`
    tells that it was cut off another candidate.
    """

    candidate: Candidate
    pixels: Grey
    outputs: Grey
    kinds: Grey = field(default_factory=lambda: WHOLE)  # a dataclass takes no array as a default
    least: float = SURE
    is_part: bool = False

    @cached_property
    def symbols(self) -> Grey:
        """The probabilities of all symbols, and last of none, [19]."""
        return weighed(self.outputs, self.kinds)

    @cached_property
    def best(self) -> float:
        """The probability of the most probable symbol."""
        return float(self.symbols[:-1].max())

    @cached_property
    def none(self) -> float:
        """The probability that it is no symbol."""
        return float(self.symbols[-1])

    @cached_property
    def is_rejected(self) -> bool:
        """Whether it is taken for no symbol."""
        return self.none >= REJECT

    @cached_property
    def is_sure(self) -> bool:
        """Whether it is neither rejected nor doubtful."""
        least = SURE_SIGN if self.is_sign else self.least
        return not self.is_rejected and self.best >= least

    @cached_property
    def is_sign(self) -> bool:
        """Whether a sign is more probable than any digit."""
        return int(self.symbols[:-1].argmax()) >= DIGITS

    @cached_property
    def text(self) -> str:
        """What it is read as."""
        return REJECTED if self.is_rejected else SYMBOLS[int(self.symbols[:-1].argmax())]

    def rarer(self, kind: int, ratio: float) -> "Read":
        """The same where a class of the network for signs is so much rarer."""
        if not self.kinds[kind]:
            return self
        kinds = self.kinds.copy()
        kinds[kind] *= ratio
        return replace(self, kinds=kinds / kinds.sum())

    def symbol(self, box: Box, row: int, number: int) -> Symbol:
        """What the program says of it; `box` is where it is in the upright picture."""
        symbols: list[float] = self.symbols.tolist()
        order: list[int] = np.argsort(-self.symbols[:-1]).tolist()
        told = [each for each in order if symbols[each] >= SHOWN] or order[:1]
        is_digit = self.is_rejected or not self.is_sign
        return Symbol(
            text=self.text,
            confidence=symbols[-1 if self.is_rejected else order[0]],
            doubtful=not self.is_rejected and not self.is_sure,
            alternatives=tuple((SYMBOLS[each], symbols[each]) for each in told),
            probabilities=self._digits() if is_digit else None,
            box=box,
            row=row,
            number=number,
            pixels=np.rint(self.pixels * 255).astype(np.uint8).tobytes(),
        )

    def _digits(self) -> tuple[float, ...]:
        """The probabilities of the ten digits, if it is one."""
        # At a sure "no digit" all ten may be zero; their sum must not be.
        digits = self.outputs[:DIGITS].astype(np.float64) + 1e-12
        return tuple((digits / digits.sum()).tolist())


Row = Sequence[Read]


def flat(rows: Iterable[Iterable[T]]) -> list[T]:
    """All of the rows, one after the other."""
    return [each for row in rows for each in row]


def read(candidates: Sequence[Candidate], engine: Engine, at_a_glance: bool = False) -> list[Read]:
    """Have the network read candidates; at a glance it sees each once, however unsure it is."""
    batch = normalize.batch([each.ink for each in candidates])
    outputs = engine.probabilities(batch)
    if not at_a_glance:
        outputs = _asked_again(batch, outputs, engine)
    return [Read(*each) for each in zip(candidates, batch, outputs, strict=True)]


def _asked_again(batch: Grey, outputs: Grey, engine: Engine) -> Grey:
    """The outputs, for what is not settled the mean over several sizes."""
    unsettled = np.flatnonzero(outputs.max(axis=1) < SETTLED)
    if not 0 < len(unsettled) <= MOST_AGAIN:
        return outputs
    sizes = np.concatenate([normalize.resized(batch[each]) for each in unsettled])
    others = engine.probabilities(sizes).reshape(len(unsettled), -1, CLASSES)
    again = outputs.copy()
    again[unsettled] = (2 * outputs[unsettled] + others.sum(axis=1)) / (2 + others.shape[1])
    return again


def read_rows(
    rows: Sequence[Sequence[Candidate]], engine: Engine, at_a_glance: bool = False
) -> list[Row]:
    """Have the network read candidates, row by row."""
    reads = iter(read(flat(rows), engine, at_a_glance))
    return [[next(reads) for _ in row] for row in rows]


def read_as_is(candidate: Candidate, engine: Engine) -> Read:
    """Have the network read a candidate of 28x28 pixels without normalising it."""
    pixels = candidate.ink[..., np.newaxis]
    return Read(candidate, pixels, engine.probabilities(pixels[np.newaxis])[0])


def is_crossed(read: Read, ruling: Mask | None) -> bool:
    """Whether ruling was taken away where it is."""
    if ruling is None:
        return False
    at = read.candidate
    return bool(ruling[at.top : at.top + at.height, at.left : at.right].any())


def harder(read: Read, least: float) -> Read:
    """The same, whose digit must be as probable as that to be sure."""
    return replace(read, least=max(read.least, least))


def certainty(rows: Sequence[Row]) -> float:
    """How sure it is that a picture holds one digit, and which; 0 to 1.

    With several candidates or none it is 0.
    """
    reads = flat(rows)
    return reads[0].best if len(reads) == 1 and not reads[0].is_rejected else 0.0


def clarity(rows: Sequence[Row]) -> float:
    """How clearly a picture is read: the mean over its symbols, 0 to 1.

    A sure one counts 1, and less if it stands alone in its row; a rejected one counts 0.
    """
    scores = [
        (each.best if each.is_sure else 0.3 * each.best * (not each.is_rejected))
        * (1.0 if len(row) > 1 else 0.85)
        for row in rows
        for each in row
    ]
    return sum(scores) / len(scores) if scores else 0.0


def weigh_by_neighbours(row: Row) -> Row:
    """The row, in which candidates beside sure digits are rejected less easily.

    The network learned from candidates of which one in five was no digit. Beside sure digits that
    is rarer, so its probabilities are weighed by the ratio of the two (Saerens, Latinne,
    Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", Neural
    Computation 14, 2002).
    """
    heights = [each.candidate.height for each in row if each.is_sure]
    least = HIGH * float(median(heights)) if heights else 0.0
    is_high = [each.candidate.height >= least for each in row]
    sure = sum(each.is_sure and high for each, high in zip(row, is_high, strict=True))
    if not sure or sure < SURE_NEIGHBOURS * (sum(is_high) - 1):
        return row
    ratio = min(ratio for least, ratio in RARER.items() if sure >= least)
    return [
        _weighed(each, ratio) if high and not each.is_sure else each
        for each, high in zip(row, is_high, strict=True)
    ]


def _weighed(read: Read, ratio: float) -> Read:
    weights = np.ones(CLASSES, np.float32)
    weights[NO_DIGIT] = ratio
    outputs: Grey = read.outputs * weights
    return replace(read, outputs=(outputs / outputs.sum()).astype(np.float32))
