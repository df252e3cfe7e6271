"""From ink to candidates.

Connected ink is a component. Components that belong to one digit are joined to a candidate: the bar
of a 5, a broken line. Specks, frames and lines along the edge are dropped.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitapp.vision.types import Box, Candidate, Connected, Ink, LeftOut, Mask, as_grey

SPECK = 0.04
"""A component whose longer side is less than this share of the usual one's is dirt.

The point of a pen is about as wide as its stroke, which is seldom finer than that.
"""

THIN = 0.15
"""A component along the picture's edge is dirt if it is thinner than this share of the largest
one's longer side. A frame's lines lie within this share of its shorter side from its edges.

Without the first 5 fewer open pictures are right, without the second 3 of 400 on ruled paper.
"""

LINE = 0.05
"""A printed line's box is thinner than this share of its length.

Without it 33 more characters of the open pictures are wrong. With 0.15 it is 28 fewer, but the 1s
of a number that is cropped above and below are taken for lines.
"""

SHARED = 0.25
"""What components of one digit share of their boxes' area or width. Those that are stacked lie no
further apart than this share of the larger one.

Without overlapping ones 5 fewer open pictures are right, without stacked ones 35 (the bar of a 5).
"""

SOFT = 0.5
"""Ink from this share of the threshold on is a stroke's soft edge; below, it is background.

With all ink around strokes 3 fewer open pictures are right, with no soft edge 2 fewer.
"""

SMALLEST = 4
"""A candidate whose longer side has fewer of the ink's pixels is paper's grain.

Without it 20 more of 60 empty sheets with dust on them are read as digits.
"""

CLEAR = 1.5
"""A stroke's darkest ink is at least this many times the threshold.

Without it 19 fewer open pictures are right, with 1.1 14 fewer, with 2.0 2 fewer.
"""

NEAR = 0.08
"""The gap between a small component and a large one of the same digit, as a share of the large
one's size, and that between two whose boxes overlap, as the strokes of a 4 do.

With TOUCHING for all, 8 fewer open pictures are right.
"""

TOUCHING = 0.04
"""The same for two components of similar size, as a broken line's.

With NEAR for all, 5 more of 1,200 composed numbers are wrong. With neither, 26 fewer open pictures
are right.
"""

POINT = 0.09
"""Beside digits so small that a point has fewer, it may be this share of the usual component.

Grain alone has no digits beside it: the usual component has SMALLEST pixels then at least.
"""

MAX_COMPONENTS = 1_000
"""More components than this are a texture, not writing: there is nothing to read.

Every component is compared with every other: 1,000 of them take 0.14 s, 4,000 take 2.4 s.
"""


class Found(NamedTuple):
    """The candidates of a picture, and the ink that is none."""

    candidates: list[Candidate]
    left_out: list[LeftOut]


Dirt = tuple[NDArray[np.int64], str]
"""A component's box, (left, top, right, bottom), and why it is left out."""


@dataclass(frozen=True, slots=True)
class Components:
    """Ink that hangs together, cropped to what there is of it.

    `labels` [rows, columns] is 0 on the background, else a component's number; its first pixel lies
    at (`left`, `top`) of the picture. Row i of `boxes` [N, (left, top, right, bottom)], in the
    picture's pixels, is the component `numbers[i]`. `count` counts those that are dirt too.
    """

    labels: NDArray[np.unsignedinteger]
    left: int
    top: int
    numbers: NDArray[np.int64]
    boxes: NDArray[np.int64]
    count: int

    def within(self, left: int, top: int, right: int, bottom: int) -> NDArray[np.unsignedinteger]:
        """The labels in a box of the picture, as far as there is ink."""
        left, top = max(left - self.left, 0), max(top - self.top, 0)
        return self.labels[top : max(bottom - self.top, 0), left : max(right - self.left, 0)]


NO_COMPONENTS = Components(
    np.empty((0, 0), np.uint16), 0, 0, np.empty(0, np.int64), np.empty((0, 4), np.int64), 0
)


def find(ink: Ink, one_digit: bool = False) -> Found:
    """The candidates in no order, and what is none; with `one_digit` all ink is one candidate."""
    components, dirt = find_components(ink.connected, ink.values.shape)
    left_out = [LeftOut(_place(ink, box.tolist()), why) for box, why in dirt]
    if len(components.numbers) > MAX_COMPONENTS:
        around = [*components.boxes[:, :2].min(axis=0), *components.boxes[:, 2:].max(axis=0)]
        return Found([], [*left_out, LeftOut(_place(ink, around), "beyond-limit")])
    if not len(components.numbers):
        return Found([], left_out)
    groups = [np.arange(len(components.numbers))] if one_digit else join(components)
    every = [_candidate(ink, components, group) for group in groups]
    smallest = _smallest(_usual(_sizes(components.boxes)))
    is_grain = [_is_grain(each, ink.threshold, smallest) for each in every]
    grain = [each for each, is_one in zip(every, is_grain, strict=True) if is_one]
    left_out += [LeftOut(ink.box(each), "speck") for each in grain]
    return Found(
        [each for each, is_one in zip(every, is_grain, strict=True) if not is_one], left_out
    )


def _place(ink: Ink, box: Sequence[int]) -> Box:
    """Where a component's box is, in pixels of the upright picture."""
    left, top, right, bottom = map(int, box)
    return ink.box(Candidate(np.empty((bottom - top, right - left), np.float32), left, top))


def _smallest(usual: float) -> float:
    """How many pixels a candidate's longer side has at least, beside components of that size."""
    return SMALLEST if usual < SMALLEST else min(SMALLEST, POINT * usual)


def _is_grain(candidate: Candidate, threshold: int, smallest: float) -> bool:
    """Whether it is too small for a digit, or nowhere clearly above what noise reaches."""
    size = max(candidate.height, candidate.width)
    return size < smallest or bool(candidate.ink.max() * 255 < CLEAR * threshold)


def find_components(ink: Connected, shape: tuple[int, ...]) -> tuple[Components, list[Dirt]]:
    """The components without dirt, and the dirt; `shape` is the picture's."""
    if not ink.count:
        return NO_COMPONENTS, []
    numbers = np.arange(1, ink.count + 1)
    every = Components(ink.labels, ink.left, ink.top, numbers, ink.boxes, ink.count)
    return (every, []) if ink.count == 1 else _without_dirt(every, shape)


def _without_dirt(every: Components, shape: tuple[int, ...]) -> tuple[Components, list[Dirt]]:
    """Components without a frame around them, specks and lines; `shape` is the picture's."""
    numbers = every.numbers
    dirt: list[Dirt] = []
    if _is_frame(every):
        largest = int(_sizes(every.boxes).argmax())
        dirt.append((every.boxes[largest], "ruling"))
        numbers = np.delete(numbers, largest)
    is_dirt = _is_dirt(every.boxes[numbers - 1], shape)
    small = SPECK * _usual(_sizes(every.boxes))
    dirt += [
        (box, "speck" if _sizes(box[np.newaxis])[0] < small else "ruling")
        for box in every.boxes[numbers[is_dirt] - 1]
    ]
    numbers = numbers[~is_dirt]
    return replace(every, numbers=numbers, boxes=every.boxes[numbers - 1]), dirt


def join(components: Components) -> list[NDArray[np.int64]]:
    """Groups of rows of `components.boxes`, each of which belongs to one digit."""
    leader = np.arange(len(components.boxes))
    if len(leader) == 1:
        return [leader]
    together, perhaps, reach = _belong_together(components.boxes)
    for pairs, is_sure in ((together, True), (perhaps, False)):
        for first, second in np.argwhere(np.triu(pairs, 1)):
            if leader[first] != leader[second] and (
                is_sure or _are_near(components, first, second, int(reach[first, second]))
            ):
                leader[leader == leader[second]] = leader[first]
    return [np.flatnonzero(leader == number) for number in np.unique(leader)]


def _are_near(components: Components, first: int, second: int, reach: int) -> bool:
    """Whether no more than `reach` pixels lie between two components, across and down."""
    reach += 1
    one, other = components.boxes[first], components.boxes[second]
    left, top = np.maximum(np.maximum(one[:2], other[:2]) - reach, 0)
    right, bottom = np.minimum(one[2:], other[2:]) + reach
    labels = components.within(left, top, right, bottom)
    near = _spread(labels == components.numbers[first], reach)
    return bool((near & (labels == components.numbers[second])).any())


def _spread(mask: Mask, reach: int) -> Mask:
    """A mask grown by `reach` pixels to all sides: each pixel counts what lies around it."""
    side = 2 * reach + 1
    sums = np.pad(mask, ((reach + 1, reach), (reach + 1, reach))).astype(np.int32)
    sums = sums.cumsum(axis=0).cumsum(axis=1)
    around = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return around > 0


def _sizes(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The longer side of each box."""
    return np.asarray(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))


def _is_dirt(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> Mask:
    """[N]: specks, and what looks in at the picture's edge: a line along it, a neighbour's foot."""
    left, top, right, bottom = boxes.T
    size = _sizes(boxes)
    largest = size.max(initial=0)
    thin = np.minimum(right - left, bottom - top) < THIN * largest
    upright = bottom - top > right - left
    along_side = ((left == 0) | (right == shape[1])) & (
        thin & upright | (size < 2 * THIN * largest)
    )
    along_end = ((top == 0) | (bottom == shape[0])) & (
        thin & ~upright | (size < 2 * THIN * largest)
    )
    dirt = size < SPECK * _usual(size)
    if _is_cropped(boxes, shape):
        return np.asarray(dirt & ~dirt.all())
    dirt |= along_side | along_end
    return np.asarray((dirt & ~dirt.all()) | _are_lines(boxes, shape))


def _usual(size: NDArray[np.int64]) -> float:
    """The size that half of all ink's length belongs to: neither dust nor one giant sets it."""
    ordered = np.sort(size)
    lengths = ordered.cumsum()
    return float(ordered[lengths.searchsorted(lengths[-1] / 2)]) if len(size) else 0.0


def _are_lines(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> Mask:
    """[N]: a ruled paper's lines: thin, from one edge of the picture to the other, two at least."""
    left, top, right, bottom = boxes.T
    is_thin = np.minimum(right - left, bottom - top) < LINE * _sizes(boxes)
    crosses = (left == 0) & (right == shape[1]) | (top == 0) & (bottom == shape[0])
    lines = is_thin & crosses
    return np.asarray(lines & (np.count_nonzero(lines) > 1))


def _is_cropped(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> bool:
    """Whether ink reaches all four edges: cut out so tightly, 101 has its 1s along them."""
    ends = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    return ends == (0, 0, shape[1], shape[0])


def _is_frame(components: Components) -> bool:
    """Whether the largest component is a rectangle around the others: ink along its box alone."""
    largest = int(_sizes(components.boxes).argmax())
    mask = components.within(*components.boxes[largest]) == largest + 1
    rim = round(THIN * min(mask.shape))
    if rim < 1 or mask[rim:-rim, rim:-rim].any():
        return False
    sides = mask[:rim].any(0), mask[-rim:].any(0), mask[:, :rim].any(1), mask[:, -rim:].any(1)
    return all(side.mean() > 0.9 for side in sides)


def _belong_together(
    boxes: NDArray[np.int64],
) -> tuple[Mask, Mask, NDArray[np.int64]]:
    """[N, N] each: pairs that one digit has for sure, overlapping or stacked; pairs that it has
    if they nearly touch; and what is near, in pixels.
    """
    left, top, right, bottom = boxes.T
    width, height = right - left, bottom - top
    size = _sizes(boxes)
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)  # < 0: a gap
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    large, small = np.maximum.outer(size, size), np.minimum.outer(size, size)
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    overlapping = shared > SHARED * np.minimum.outer(width * height, width * height)
    flat = width > height
    stacked = (
        (across > SHARED * np.minimum.outer(width, width))
        & (down > -SHARED * large)
        & (flat | flat[:, np.newaxis])
    )
    fragment = (small < 0.4 * large) & (across > 0)  # beside a digit it may be a point
    crossing = (across > 0) & (down > 0)
    reach = np.where(fragment | crossing, np.maximum(NEAR * large, 1), TOUCHING * large)
    perhaps = (np.maximum(-across, -down) <= reach) & ((small >= 0.4 * large) | fragment)
    return overlapping | stacked, perhaps, reach.astype(np.int64)


def _candidate(ink: Ink, components: Components, group: NDArray[np.int64]) -> Candidate:
    """The group's ink with the soft edges around it and without other candidates' ink."""
    lefts, tops, rights, bottoms = zip(*components.boxes[group].tolist(), strict=True)
    rows, columns = ink.values.shape
    left, top = max(min(lefts) - 1, 0), max(min(tops) - 1, 0)
    right, bottom = min(max(rights) + 1, columns), min(max(bottoms) + 1, rows)
    values = ink.values[top:bottom, left:right]
    soft = values * (values >= math.ceil(SOFT * ink.threshold))
    if len(group) < components.count:
        soft[_others(components, group, left, top, values.shape)] = 0
    # A component fills its box, so that only the pixel around it may hold nothing.
    x, y = int(not soft[:, 0].any()), int(not soft[0].any())
    inside = soft[y : -1 if not soft[-1].any() else None, x : -1 if not soft[:, -1].any() else None]
    return Candidate(as_grey(inside), left + x, top + y)


def _others(
    components: Components, group: NDArray[np.int64], left: int, top: int, shape: tuple[int, ...]
) -> Mask:
    """Where other components than the group's are, within a box of `shape` at (left, top)."""
    labels = components.within(left, top, left + shape[1], top + shape[0])
    is_other = np.ones(components.count + 1, dtype=np.bool_)
    is_other[[0, *components.numbers[group]]] = False
    others = np.zeros(shape, dtype=np.bool_)
    x, y = max(components.left - left, 0), max(components.top - top, 0)
    others[y : y + labels.shape[0], x : x + labels.shape[1]] = is_other.take(labels)
    return others
