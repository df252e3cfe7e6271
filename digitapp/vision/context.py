"""A candidate in its row, as the network for signs sees it.

Whether a short stroke is a dash, a point or a 1 shows in its size and place beside the digits of
its row. So the network gets two images: the candidate's own ink and that around it, both in a scale
in which the row's digits are HEIGHT pixels high.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.vision.types import Candidate, Grey, usual_height

SHAPE = (32, 64)
"""Rows and columns of the images: two digits' heights, and three digits to either side."""

HEIGHT = 16
"""Height of the row's digits in them, in pixels."""

FINE = 3
"""They are drawn so many times finer and reduced, so that a point keeps its size and place."""

FEW = 3
"""Among so many candidates the highest tells the digits' height: the others may be signs."""

FLAT = 0.4
"""A row is at least this share of its widest candidate high: one that is only a dash, say."""

HIGH = 0.6
"""A candidate of this share of the row's height tells where the row's middle is."""

NEAR = 4.0
"""And one that is no more than so many heights away."""

WIDEST, TALLEST, GAP = 1.35, 1.5, 0.25
"""Of one symbol: its width in its heights, its height and the widest gap in those of its row.

Without a bound for the width 11 more wrong answers show no doubt; a slash is higher than digits.
"""


class Row:
    """The candidates of a row from the left, and what is around each of them."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.height = height_of(candidates)
        self._scale = FINE * HEIGHT / self.height
        self._candidates = candidates
        self._left = min(each.left for each in candidates)
        self._top = min(each.top for each in candidates)
        right = max(each.right for each in candidates)
        bottom = max(each.bottom for each in candidates)
        self._margin = (SHAPE[0] * FINE, SHAPE[1] * FINE)
        tall = int((bottom - self._top) * self._scale) + 2 * self._margin[0] + 2
        wide = int((right - self._left) * self._scale) + 2 * self._margin[1] + 2
        self._all = np.zeros((tall, wide), np.float32)
        for each in candidates:
            self._draw(each, self._all, 0, 0)

    def around(self, candidate: Candidate) -> NDArray[np.float32]:
        """A candidate of the row, or several as one, and the other ink around it.

        Returns:
            [32, 64, 2] float32 from 0 to 1: the candidate's ink, and the other ink of its row.
        """
        tall, wide = self._margin
        middle = candidate.left + candidate.width / 2
        x = round((middle - self._left) * self._scale) + wide - wide // 2
        y = round((self._middle(candidate) - self._top) * self._scale) + tall - tall // 2
        y = min(max(y, 0), len(self._all) - tall)
        own = np.zeros((tall, wide), np.float32)
        self._draw(candidate, own, x, y)
        others = np.where(own > 0, 0, self._all[y : y + tall, x : x + wide])
        return np.stack([_reduced(own), _reduced(others)], axis=-1)

    def _middle(self, candidate: Candidate) -> float:
        """How far down the row's middle is near a candidate, in the ink's pixels."""
        least, reach = HIGH * self.height, NEAR * self.height
        high = [
            each.top + each.height / 2
            for each in self._candidates
            if each.height >= least and abs(each.left - candidate.left) <= reach
        ]
        return sum(high) / len(high) if high else candidate.top + candidate.height / 2

    def _draw(self, candidate: Candidate, sheet: Grey, x: int, y: int) -> None:
        """Draw a candidate onto a part of the row's sheet that begins at (x, y)."""
        size = [max(round(side * self._scale), 1) for side in candidate.ink.shape]
        ink = candidate.ink / max(float(candidate.ink.max()), 1e-6)
        drawn = np.asarray(Image.fromarray(ink).resize((size[1], size[0]), Image.Resampling.BOX))
        left = round((candidate.left - self._left) * self._scale) + self._margin[1] - x
        top = round((candidate.top - self._top) * self._scale) + self._margin[0] - y
        first, start = max(-top, 0), max(-left, 0)
        place = sheet[max(top, 0) : max(top + size[0], 0), max(left, 0) : max(left + size[1], 0)]
        shown = drawn[first : first + place.shape[0], start : start + place.shape[1]]
        np.maximum(place, shown, out=place)


def _reduced(sheet: Grey) -> Grey:
    """The mean of each FINE x FINE pixels: in a tenth of the time of NumPy's mean over two axes."""
    rows: Grey = sum((sheet[first::FINE] for first in range(1, FINE)), sheet[::FINE])
    cells: Grey = sum((rows[:, first::FINE] for first in range(1, FINE)), rows[:, ::FINE])
    return cells / np.float32(FINE * FINE)


def height_of(candidates: Sequence[Candidate]) -> float:
    """How high a digit of this row is, in the ink's pixels."""
    heights = [each.height for each in candidates]
    usual = max(heights) if len(heights) <= FEW else usual_height(candidates)
    return max(float(usual), FLAT * max(each.width for each in candidates), 1.0)


def may_be_one(group: Sequence[Candidate], height: float) -> bool:
    """Whether neighbours from the left may be one symbol of a row whose digits are so high."""
    tall = max(each.bottom for each in group) - min(each.top for each in group)
    wide = max(each.right for each in group) - min(each.left for each in group)
    gaps = [other.left - one.right for one, other in pairwise(group)]
    is_of_size = wide <= WIDEST * max(tall, height) and tall <= TALLEST * height
    return is_of_size and max(gaps) <= GAP * height
