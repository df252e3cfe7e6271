"""What the CNN says of marks."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from digitapp import ground, normalize, segment
from digitapp.engine import Engine
from digitapp.marks import Digit, Grey, Mark, Picture, Scan
from digitapp.verdict import NO_DIGIT, SURE, certainty, judge

T = TypeVar("T")


class Read(NamedTuple):
    """A mark, the 28x28 that the CNN saw, [28, 28, 1], and its outputs, [11]."""

    mark: Mark
    pixels: Grey
    outputs: NDArray[np.float32]

    @property
    def best(self) -> float:
        """The probability of the most probable digit."""
        return float(self.outputs[:10].max())

    @property
    def none(self) -> float:
        """The probability that it is no digit."""
        return float(self.outputs[10])

    @property
    def is_sure(self) -> bool:
        """Whether it is neither refused nor doubtful."""
        return self.none < NO_DIGIT and self.best >= SURE

    @property
    def digit(self) -> Digit:
        """What the program says of it."""
        return judge(self.mark.box, self.pixels, self.outputs)


Row = Sequence[Read]


def flat(rows: Iterable[Iterable[T]]) -> list[T]:
    """All of the rows, one after the other."""
    return [each for row in rows for each in row]


def read(marks: Sequence[Mark], engine: Engine) -> list[Read]:
    """Have the CNN read marks."""
    batch = normalize.batch([mark.ink for mark in marks])
    return [Read(*each) for each in zip(marks, batch, engine.probabilities(batch), strict=True)]


def read_rows(rows: Sequence[Sequence[Mark]], engine: Engine) -> Sequence[Row]:
    """The same, row by row."""
    reads = iter(read(flat(rows), engine))
    return [[next(reads) for _ in row] for row in rows]


def as_it_is(
    scan: Scan, picture: Picture, rows: Sequence[Row], engine: Engine
) -> tuple[Picture, Sequence[Row]]:
    """A picture of the CNN's own size, in which no sure digit was found, is also read as it is.

    In so few pixels a line or a splash cannot be told from strokes, but the CNN has learned to read
    with them. The surer reading counts.
    """
    if not rows or _certainty(rows) >= SURE or (whole := ground.as_it_is(scan)) is None:
        return picture, rows
    mark = segment.whole(whole)
    seen = mark.ink[..., np.newaxis]
    again = [[Read(mark, seen, engine.probabilities(seen[np.newaxis])[0])]]
    return (whole, again) if _certainty(again) > _certainty(rows) else (picture, rows)


def _certainty(rows: Sequence[Row]) -> float:
    return certainty(np.stack([each.outputs for each in flat(rows)]))
