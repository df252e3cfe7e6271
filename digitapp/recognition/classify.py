"""What the network says of single candidates, and what the program makes of it.

The thresholds of doubt stand here, beside each other.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from digitapp.engine import Engine
from digitapp.recognition.answer import Digit
from digitapp.recognition.symbols import CLASSES, DIGITS, NO_DIGIT
from digitapp.vision import normalize
from digitapp.vision.types import Box, Candidate, Grey

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

SURE_NEIGHBOURS = 2 / 3
"""Least share of a candidate's neighbours in its row that are sure digits."""

HIGH = 0.6
"""A candidate lower than this share of its row's sure digits is no neighbour: a dot or a dash."""

RARER = {1: 0.3, 2: 0.1}
"""How much rarer "no digit" is beside so many sure digits or more."""


class Read(NamedTuple):
    """A candidate, the 28x28 that the network saw, [28, 28, 1], and what it says, [11]."""

    candidate: Candidate
    pixels: Grey
    outputs: Grey

    @property
    def best(self) -> float:
        """The probability of the most probable digit."""
        return float(self.outputs[:DIGITS].max())

    @property
    def none(self) -> float:
        """The probability that it is no digit."""
        return float(self.outputs[NO_DIGIT])

    @property
    def is_rejected(self) -> bool:
        """Whether it is taken for no digit."""
        return self.none >= REJECT

    @property
    def is_sure(self) -> bool:
        """Whether it is neither rejected nor doubtful."""
        return not self.is_rejected and self.best >= SURE

    def digit(self, box: Box) -> Digit:
        """What the program says of it; `box` is where it is in the upright picture."""
        # At a sure "no digit" the ten may all be zero, and a sum of zero divides nothing.
        digits = self.outputs[:DIGITS].astype(np.float64) + 1e-12
        probabilities = digits / digits.sum()
        return Digit(
            probabilities=tuple(probabilities.tolist()),
            box=box,
            pixels=np.rint(self.pixels * 255).astype(np.uint8).tobytes(),
            accepted=not self.is_rejected,
            doubtful=not self.is_rejected and self.best < SURE,
        )


Row = Sequence[Read]


def flat(rows: Iterable[Iterable[T]]) -> list[T]:
    """All of the rows, one after the other."""
    return [each for row in rows for each in row]


def read(candidates: Sequence[Candidate], engine: Engine) -> list[Read]:
    """Have the network read candidates."""
    batch = normalize.batch([each.ink for each in candidates])
    outputs = engine.probabilities(batch)
    return [Read(*each) for each in zip(candidates, batch, outputs, strict=True)]


def read_rows(rows: Sequence[Sequence[Candidate]], engine: Engine) -> list[Row]:
    """The same, row by row."""
    reads = iter(read(flat(rows), engine))
    return [[next(reads) for _ in row] for row in rows]


def read_as_is(candidate: Candidate, engine: Engine) -> Read:
    """Have the network read a candidate of 28x28 pixels without normalising it."""
    pixels = candidate.ink[..., np.newaxis]
    return Read(candidate, pixels, engine.probabilities(pixels[np.newaxis])[0])


def certainty(rows: Sequence[Row]) -> float:
    """How sure it is that a picture holds one digit, and which; 0 to 1.

    With several candidates or none it is 0.
    """
    reads = flat(rows)
    return reads[0].best if len(reads) == 1 and not reads[0].is_rejected else 0.0


def weigh_by_neighbours(row: Row) -> Row:
    """The row, in which candidates beside sure digits are rejected less easily.

    The network learned from candidates of which one in five was no digit. Beside sure digits that
    is rarer, so its probabilities are weighed by the ratio of the two (Saerens, Latinne,
    Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", Neural
    Computation 14, 2002).
    """
    heights = [each.candidate.height for each in row if each.is_sure]
    least = HIGH * float(np.median(heights)) if heights else 0.0
    is_high = [each.candidate.height >= least for each in row]
    sure = sum(each.is_sure and high for each, high in zip(row, is_high, strict=True))
    if not sure or sure < SURE_NEIGHBOURS * (sum(is_high) - 1):
        return row
    ratio = RARER[min(sure, max(RARER))]
    return [
        _weighed(each, ratio) if high and not each.is_sure else each
        for each, high in zip(row, is_high, strict=True)
    ]


def _weighed(read: Read, ratio: float) -> Read:
    weights = np.ones(CLASSES, np.float32)
    weights[NO_DIGIT] = ratio
    outputs: Grey = read.outputs * weights
    return read._replace(outputs=(outputs / outputs.sum()).astype(np.float32))
