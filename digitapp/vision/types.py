"""The nouns of the picture's path as frozen values: Scan, Ink, Candidate, Box."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cc3d
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""A grey picture or ink, [height, width], each value from 0 to 255."""

Grey = NDArray[np.float32]
"""The same, each value from 0 to 1."""

Mask = NDArray[np.bool_]
"""Which pixels are meant, [height, width]."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; (x, y) is its top left pixel."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @classmethod
    def around(cls, boxes: Sequence["Box"]) -> "Box":
        """The smallest box around several."""
        x, y = min(box.x for box in boxes), min(box.y for box in boxes)
        right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        return cls(x, y, right - x, bottom - y)

    @property
    def place(self) -> tuple[slice, slice]:
        """Its rows and columns, to cut it out of a picture."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def scaled(self, across: float, down: float) -> "Box":
        """The box on a picture that is so many times as wide and as high."""
        x, y = math.floor(self.x * across), math.floor(self.y * down)
        # A share of a pixel that comes from rounding is no pixel.
        right, bottom = (
            math.ceil(round(each, 6)) for each in (self.right * across, self.bottom * down)
        )
        return Box(x, y, right - x, bottom - y)


@dataclass(frozen=True, slots=True)
class Scan:
    """A grey picture, upright, perhaps a reduced copy: `grey` is [rows, columns].

    `width` and `height` are the whole upright picture's in pixels.
    """

    grey: Bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no single truth
class Candidate:
    """Ink that belongs together: perhaps a digit.

    `ink` is [height, width] in the pixels of the picture's ink, 0 = background, 1 = full ink; ink
    of other candidates inside the box is already gone. The first pixel lies at (`left`, `top`).
    """

    ink: Grey
    left: int
    top: int

    @property
    def height(self) -> int:
        """In the ink's pixels."""
        return len(self.ink)

    @property
    def width(self) -> int:
        """In the ink's pixels."""
        return int(self.ink.shape[1])

    @property
    def right(self) -> int:
        """First column right of it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row below it."""
        return self.top + self.height

    @classmethod
    def cropped(cls, ink: Grey | Bytes, left: int, top: int) -> "Candidate":
        """A candidate of `ink`, whose values go to 1 or to 255, without the background around it.

        The first pixel of `ink`, background or not, lies at (`left`, `top`).
        """
        box = bounds(ink > 0)
        return cls(as_grey(ink[box.place]), left + box.x, top + box.y)

    @classmethod
    def union(cls, group: Sequence["Candidate"]) -> "Candidate":
        """One candidate of several."""
        left, top = min(each.left for each in group), min(each.top for each in group)
        right, bottom = max(each.right for each in group), max(each.bottom for each in group)
        ink = np.zeros((bottom - top, right - left), dtype=np.float32)
        for each in group:
            x, y = each.left - left, each.top - top
            place = ink[y : y + each.height, x : x + each.width]
            np.maximum(place, each.ink, out=place)
        return cls(ink, left, top)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was seen and not read, and why.

    `box` is in pixels of the upright picture; `why` is "ruling", "speck", "beyond-limit" or
    "picture".
    """

    box: Box
    why: str


@dataclass(frozen=True, eq=False)  # arrays have no single truth
class Connected:
    """Ink by what hangs together; diagonals connect.

    `labels` [rows, columns] is cropped to what ink there is: 0 on the background, else the number
    of a component, from 1 to `count`. Its first pixel lies at (`left`, `top`) of the picture.
    """

    labels: NDArray[np.unsignedinteger]
    left: int
    top: int
    count: int

    @cached_property
    def boxes(self) -> NDArray[np.int64]:
        """Each component's (left, top, right, bottom) in the picture's pixels, [count, 4]."""
        if self.count == 1:  # as on most canvases
            height, width = self.labels.shape
            return np.array([[self.left, self.top, self.left + width, self.top + height]])
        # top, bottom, left, right; the last row and column are within the box
        found = self._statistics[0][:, [2, 0, 3, 1]]
        return np.asarray(found + np.array((0, 0, 1, 1)) + np.array((self.left, self.top) * 2))

    def own(self, index: int) -> Mask:
        """The ink of a component, by its row of `boxes`, cropped to it."""
        left, top, right, bottom = self.boxes[index] - (self.left, self.top) * 2
        return np.asarray(self.labels[top:bottom, left:right] == index + 1)

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """How many pixels each component has, [count]."""
        return self._statistics[1]

    @cached_property
    def _statistics(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = cc3d.statistics(self.labels, no_slice_conversion=True)
        boxes, areas = found["bounding_boxes"][1:], found["voxel_counts"][1:]
        return np.asarray(boxes, dtype=np.int64), np.asarray(areas, dtype=np.int64)


UNCONNECTED = Connected(np.empty((0, 0), np.uint16), 0, 0, 0)
"""Where there is no ink."""


@dataclass(frozen=True, eq=False)
class Ink:
    """Ink on an empty background.

    `values` is [rows, columns], 0 = background; from `threshold` on it counts as ink (over 255:
    there is none). `width` and `height` are the upright picture's in pixels; `values` may be a
    reduced copy. `left_out` is what was taken away; `ruling` tells where lines were, if any were.
    `around`, if it is known, is a part of `values` outside of which there is no ink.
    """

    values: Bytes
    threshold: int
    width: int
    height: int
    left_out: tuple[LeftOut, ...] = ()
    ruling: Mask | None = None
    around: Box | None = None

    @cached_property
    def connected(self) -> Connected:
        """What hangs together; several steps look at it, and it is found once."""
        if self.around is None:
            return connect(self.values >= self.threshold)
        part = self.values[self.around.place] >= self.threshold
        return connect(part, self.around.x, self.around.y)

    def box(self, candidate: Candidate) -> Box:
        """Where a candidate is, in pixels of the upright picture."""
        across, down = self.width / self.values.shape[1], self.height / self.values.shape[0]
        x, y = math.floor(candidate.left * across), math.floor(candidate.top * down)
        right = min(math.ceil(candidate.right * across), self.width)
        bottom = min(math.ceil(candidate.bottom * down), self.height)
        return Box(x, y, right - x, bottom - y)


def turned_scan(scan: Scan, quarters: int) -> Scan:
    """A picture turned counterclockwise by so many quarters of a circle, 1 to 3."""
    sides = (scan.height, scan.width) if quarters % 2 else (scan.width, scan.height)
    return Scan(np.ascontiguousarray(np.rot90(scan.grey, quarters)), *sides)


def turned(ink: Ink, quarters: int) -> Ink:
    """Ink turned counterclockwise by so many quarters of a circle, 1 to 3."""
    sideways = quarters % 2 == 1
    width, height = (ink.height, ink.width) if sideways else (ink.width, ink.height)
    return Ink(
        np.ascontiguousarray(np.rot90(ink.values, quarters)),
        ink.threshold,
        width,
        height,
        tuple(LeftOut(_turned(each.box, ink, quarters), each.why) for each in ink.left_out),
        None if ink.ruling is None else np.ascontiguousarray(np.rot90(ink.ruling, quarters)),
    )


def _turned(box: Box, ink: Ink, quarters: int) -> Box:
    if quarters == 1:
        return Box(box.y, ink.width - box.right, box.height, box.width)
    if quarters == 2:
        return Box(ink.width - box.right, ink.height - box.bottom, box.width, box.height)
    return Box(ink.height - box.bottom, box.x, box.height, box.width)


def connect(mask: Mask, left: int = 0, top: int = 0) -> Connected:
    """What hangs together in a part of a picture whose first pixel lies at (`left`, `top`)."""
    if not mask.any():
        return UNCONNECTED
    box = bounds(mask)  # most pictures hold far less ink than paper
    # As bytes: of a mask of truth values, cc3d 4.1 labels some pieces wrongly, and if it is one
    # pixel wide it may raise RuntimeError.
    inside = np.ascontiguousarray(mask[box.place]).view(np.uint8)
    labels, count = cc3d.connected_components(inside, connectivity=8, return_N=True)
    return Connected(labels, left + box.x, top + box.y, count)


def as_grey(ink: Grey | Bytes) -> Grey:
    """Ink with values from 0 to 1."""
    full = np.float32(255 if ink.dtype == np.uint8 else 1)
    return np.asarray(ink / full, dtype=np.float32)


def bounds(mask: Mask) -> Box:
    """The smallest box around what is set; all of it if nothing is."""
    rows, columns = np.asarray(mask.any(axis=1)), np.asarray(mask.any(axis=0))
    x, y = int(columns.argmax()), int(rows.argmax())
    right = len(columns) - int(columns[::-1].argmax())
    bottom = len(rows) - int(rows[::-1].argmax())
    return Box(x, y, right - x, bottom - y)


def usual_height(candidates: Sequence[Candidate]) -> float:
    """The height, in the ink's pixels, that three of four candidates do not exceed.

    Dots and dust do not lower it, and one giant does not raise it.
    """
    heights = [each.height for each in candidates]
    return float(np.quantile(heights, 0.75)) if len(heights) > 1 else float(heights[0])
