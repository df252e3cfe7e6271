"""A mark of several digits is parted: the sequence network reads it, and cuts lie between."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from digitapp import cuts, segment, sequence
from digitapp.engine import Engine
from digitapp.marks import Mark, Picture
from digitapp.normalize import SIDE, normalize
from digitapp.reading import Read
from digitapp.sequence import Found
from digitapp.strip import HIGH, LONGEST, columns, strip

MOST = 9_000
"""Columns of all strips of a picture: what is beyond is not read, so that time has a bound."""


class Parting:
    """Finds several digits in marks of one picture."""

    def __init__(self, picture: Picture, engine: Engine) -> None:
        self._picture = picture
        self._engine = engine
        self._left = MOST

    def find(self, mark: Mark) -> list[Found]:
        """The digits that a mark most probably holds; empty where it is not read."""
        length = columns(mark.ink)
        if length > LONGEST or length + SIDE > self._left:
            return []
        self._left -= length + SIDE
        return sequence.find(self._engine.windows(strip(mark.ink)))

    def cut(self, mark: Mark, found: Sequence[Found]) -> list[Read]:
        """Each digit with the ink that belongs to it; empty where one would have none."""
        left, right = cuts.sides(mark.ink)
        middles = [sign.column * len(mark.ink) / HIGH for sign in found]
        ends = [left, *cuts.find(mark.ink, middles), right]
        reads = []
        for sign, (one, other) in zip(found, pairwise(ends), strict=True):
            part = cuts.between(mark.ink, one, other)
            if part is None:
                return []
            ink, x, y = part
            cropped = segment.mark_at(self._picture, ink, mark.left + x, mark.top + y)
            reads.append(Read(cropped, normalize(cropped.ink)[..., np.newaxis], sign.outputs))
        return reads
