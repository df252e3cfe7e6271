"""A mark of several digits is parted: the sequence network reads it, and cuts lie between."""

from itertools import pairwise

import numpy as np

from digitapp import cuts, segment, sequence
from digitapp.engine import Engine
from digitapp.marks import Mark, Picture
from digitapp.normalize import SIDE, normalize
from digitapp.reading import Read
from digitapp.strip import HIGH, LONGEST, columns, strip

MOST = 12_000
"""Columns of all strips of a picture: what is beyond is not read, so that time has a bound."""


class Parting:
    """Reads marks of one picture as several digits."""

    def __init__(self, picture: Picture, engine: Engine) -> None:
        self._picture = picture
        self._engine = engine
        self._left = MOST

    def read(self, mark: Mark) -> list[Read]:
        """The digits that a mark most probably holds; empty where there can be none."""
        length = columns(mark.ink)
        if length > LONGEST or length + SIDE > self._left:
            return []
        self._left -= length + SIDE
        found = sequence.find(self._engine.windows(strip(mark.ink)))
        parts = _cut(mark, found, self._picture)
        return [
            Read(part, normalize(part.ink)[..., np.newaxis], sign.outputs)
            for part, sign in zip(parts, found, strict=False)
        ]


def _cut(mark: Mark, found: list[sequence.Found], picture: Picture) -> list[Mark]:
    """The part of the mark's ink that belongs to each sign; empty where one has none."""
    left, right = cuts.sides(mark.ink)
    middles = [sign.column * len(mark.ink) / HIGH for sign in found]
    ends = [left, *cuts.find(mark.ink, middles), right]
    inks = [cuts.between(mark.ink, one, other) for one, other in pairwise(ends)]
    if not found or None in inks:
        return []
    return [
        segment.mark_at(picture, each[0], mark.left + each[1], mark.top + each[2])
        for each in inks
        if each is not None
    ]
