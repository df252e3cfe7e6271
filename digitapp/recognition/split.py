"""A candidate of several digits is split: the line network reads it, and cuts lie between them.

The cuts are paths from top to bottom that cross little ink. They are found as seams are in Avidan
and Shamir, "Seam carving for content-aware image resizing" (SIGGRAPH 2007).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.engine import SIDE, Engine
from digitapp.recognition import ctc
from digitapp.recognition.classify import Read
from digitapp.recognition.ctc import Found
from digitapp.vision.normalize import LINE_HEIGHT, LONGEST, columns, line_image, normalize
from digitapp.vision.types import Candidate, Grey, Mask

MOST = 9_000
"""Columns of all line images of a picture. What is beyond is not read, so that time has a bound."""

ROWS = 36
"""Paths are sought in a copy of the candidate of this height; its pixels are the unit below."""

REACH = 6
"""Most columns that a path leaves its own one by, to either side.

With 4 the middle between a wide digit and a narrow one is too far from the gap between them.
"""

STEP, AWAY = 0.05, 0.02
"""What a step aside costs, and each column away from a path's own, in pixels of full ink a row.

Of 61 touching digits that people wrote, 57 are read right by themselves once they are cut out. It
was 54 without these costs and 51 with straight cuts, both with a reach of 4.
"""

FAINT = 0.3
"""What remains of a neighbour along a cut is fainter, as a share of full ink."""

Cut = NDArray[np.int64]
"""[height]: in each row of a candidate's ink the first column that lies right of the cut."""


class Splitter:
    """Finds several digits in candidates of one picture."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._left = MOST

    def find(self, candidate: Candidate) -> list[Found]:
        """The digits that a candidate most probably holds; empty where it is not read."""
        length = columns(candidate.ink)
        if length > LONGEST or length + SIDE > self._left:
            return []
        self._left -= length + SIDE
        return ctc.find(self._engine.windows(line_image(candidate.ink)))


def split(candidate: Candidate, found: Sequence[Found]) -> list[Read]:
    """Each digit with the ink that belongs to it; empty where one would have none."""
    left, right = sides(candidate.ink)
    middles = [each.column * candidate.height / LINE_HEIGHT for each in found]
    ends = [left, *cuts(candidate.ink, middles), right]
    reads = []
    for each, (one, other) in zip(found, pairwise(ends), strict=True):
        part = between(candidate.ink, one, other)
        if part is None:
            return []
        ink, x, y = part
        digit = Candidate.cropped(ink, candidate.left + x, candidate.top + y)
        pixels = normalize(digit.ink)[..., np.newaxis]
        reads.append(Read(digit, pixels, each.outputs, is_part=True))
    return reads


def cuts(ink: Grey, middles: Sequence[float]) -> list[Cut]:
    """Cuts through a candidate's ink [height, width] between digits, near the middle of each two.

    `middles` are the columns of the digits' middles, from left to right.
    """
    height, width = ink.shape
    columns = max(round(width * ROWS / height), 1)
    small = Image.fromarray(ink).resize((columns, ROWS), Image.Resampling.BOX)
    places = np.clip(np.rint(np.asarray(middles) * ROWS / height), 0, columns - 1).astype(int)
    left, right = places[:-1], np.maximum(places[1:], places[:-1])
    found = paths(np.asarray(small, dtype=np.float32), (left + places[1:]) // 2)
    found = np.clip(found, left[:, np.newaxis], right[:, np.newaxis])  # between the two digits
    rows = np.arange(height) * ROWS // height
    return [np.rint((path[rows] + 0.5) * height / ROWS).astype(np.int64) for path in found]


def between(ink: Grey, left: Cut, right: Cut) -> tuple[Grey, int, int] | None:
    """The ink between two cuts, cropped, and how far from the candidate's left and top it begins.

    None where nothing but faint ink is left.
    """
    part = np.where(inside(ink.shape[1], left, right), ink, np.float32(0))
    rows, across = (np.flatnonzero((part > FAINT).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    first, top = int(across[0]), int(rows[0])
    return part[top : rows[-1] + 1, first : across[-1] + 1], first, top


def inside(width: int, left: Cut, right: Cut) -> Mask:
    """Which pixels of a candidate lie between two cuts, [height, width]."""
    columns = np.arange(width)
    return (columns >= left[:, np.newaxis]) & (columns < right[:, np.newaxis])


def sides(ink: Grey) -> tuple[Cut, Cut]:
    """A candidate's own left and right side, as cuts."""
    height, width = ink.shape
    return np.zeros(height, np.int64), np.full(height, width)


def paths(ink: Grey, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The columns, from top to bottom, of the path of least ink near each start, [S, ROWS]."""
    side = 2 * REACH + 1
    # Around the ink would be the cheapest way of all, and no cut.
    beside = np.pad(ink, ((0, 0), (REACH, REACH)), constant_values=np.inf)
    bands = np.lib.stride_tricks.sliding_window_view(beside, side, axis=1)[:, starts]
    away = AWAY * np.abs(np.arange(side, dtype=np.float32) - REACH)
    cost = bands[0] + away
    wide = np.full((len(starts), side + 2), np.inf, dtype=np.float32)  # beyond is no way
    steps = []
    for band in bands[1:]:
        wide[:, 1:-1] = cost
        ways = np.stack([wide[:, :-2] + STEP, wide[:, 1:-1], wide[:, 2:] + STEP])
        steps.append(ways.argmin(axis=0) - 1)
        cost = ways.min(axis=0) + band + away
    every, place = np.arange(len(starts)), cost.argmin(axis=1)
    places = [place]
    for step in reversed(steps):
        place = place + step[every, place]
        places.append(place)
    return np.asarray(starts[:, np.newaxis] - REACH + np.stack(places[::-1], axis=1))
