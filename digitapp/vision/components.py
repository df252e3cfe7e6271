"""From ink to marks in reading order.

Ink that hangs together is a piece; pieces that belong to one digit are joined (the bar of a 5, a
broken line); specks are dropped; marks stand in rows from the top, in each row from the left.
"""

import math
from dataclasses import dataclass, replace

import cc3d
import numpy as np
from numpy.typing import NDArray

from digitapp.marks import Box, Bytes, Grey, Mark, Picture

SPECK = 0.12
"""A piece whose longer side is less than this share of the largest piece's is dirt."""

EDGE = 0.15
"""A piece along the picture's edge, thinner than this share of the largest one's side, is dirt."""

FRAME = 0.12
"""A frame's lines lie within this share of its shorter side from its edges."""

LINE = 0.05
"""A printed line's box is thinner than this share of its length."""

SOFT = 0.5
"""Ink from this share of the threshold on is a stroke's soft edge; below, it is ground."""

SMALLEST = 4
"""A mark whose longer side is less, in the ink's pixels, is paper's grain: no digit is so small."""

CLEAR = 1.5
"""A stroke's darkest ink exceeds the threshold this many times."""

NEAR = 0.08
"""What lies between a small piece and a large one, as a share of the large one's size, if they
belong together; and between two whose boxes overlap, as the strokes of a 4 do."""

TOUCHING = 0.04
"""The same for two pieces of similar size, as a broken line's."""

LOW = 0.35
"""A mark lower than this share of the usual height founds no row: it is a dot or a dash."""

BESIDE = 0.25
"""What a mark that stands beside a row, but lower, shares of its own height with the row."""

SEVERAL = 8
"""Marks from which on a page's slope can be told, and what does not belong to it."""

GIANT = 3.0
"""A mark higher than this many usual ones does not belong to a page."""

NEXT = 3.0
"""The next mark of a row is no further than this, in heights."""

MAX_PIECES = 1_000
"""More pieces than this are a texture, not writing: there is nothing to read.

Every piece is compared with every other, so this bounds time and memory as well.
"""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Ink that hangs together, cropped to what there is of it.

    `labels` [rows, columns] is 0 on the ground, else a piece's number; its first pixel lies at
    (`left`, `top`) of the picture. Row i of `boxes` [N, (left, top, right, bottom)], in the
    picture's pixels, is the piece `numbers[i]`. `count` pieces there are with those that are dirt.
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


NO_PIECES = Pieces(
    np.empty((0, 0), np.uint16), 0, 0, np.empty(0, np.int64), np.empty((0, 4), np.int64), 0
)


def segment(picture: Picture, one_digit: bool = False) -> list[list[Mark]]:
    """Marks in rows; with `one_digit` all ink is one mark. Empty when there is nothing to read."""
    pieces = find_pieces(picture.ink >= picture.threshold)
    if not 0 < len(pieces.numbers) <= MAX_PIECES:
        return []
    groups = [np.arange(len(pieces.numbers))] if one_digit else join(pieces)
    marks = [_mark(picture, pieces, group) for group in groups]
    return _on_a_page(order([mark for mark in marks if not _is_grain(mark, picture.threshold)]))


def whole(picture: Picture) -> Mark:
    """All of a picture as one mark, its empty border too."""
    return Mark(Box(0, 0, picture.width, picture.height), _unit(picture.ink))


def _on_a_page(rows: list[list[Mark]]) -> list[list[Mark]]:
    """Rows without what is no writing beside so many marks: a sheet's edge, a dash by itself."""
    heights = [mark.box.height for row in rows for mark in row]
    if len(heights) < SEVERAL:
        return rows
    usual = usual_height(heights)
    fitting = [[mark for mark in row if mark.box.height <= GIANT * usual] for row in rows]
    return [row for row in fitting if any(mark.box.height >= LOW * usual for mark in row)]


def mark_at(picture: Picture, ink: Grey | Bytes, left: int, top: int) -> Mark:
    """The mark whose ink is in `ink`, from 0 to 1 or to 255, with or without ground around it.

    Its first pixel lies at (left, top) of the segmented picture.
    """
    inside = _trim(ink > 0)
    left, top = left + inside.x, top + inside.y
    box = _enlarge(Box(left, top, inside.width, inside.height), picture)
    return Mark(box, _unit(ink[inside.y : inside.bottom, inside.x : inside.right]), left, top)


def _is_grain(mark: Mark, threshold: int) -> bool:
    """Whether it is too small for a digit, or nowhere clearly above what noise reaches."""
    return max(mark.ink.shape) < SMALLEST or bool(mark.ink.max() * 255 < CLEAR * threshold)


def find_pieces(mask: NDArray[np.bool_]) -> Pieces:
    """Connected ink (diagonals connect), without specks."""
    if not mask.any():
        return NO_PIECES
    around = _trim(mask)  # on most pictures far smaller
    inside = np.ascontiguousarray(mask[around.y : around.bottom, around.x : around.right])
    labels, count = cc3d.connected_components(inside.view(np.uint8), connectivity=8, return_N=True)
    boxes = _boxes(labels, count) + np.array((around.x, around.y) * 2)
    every = Pieces(labels, around.x, around.y, np.arange(1, count + 1), boxes, count)
    return every if count == 1 else _without_dirt(every, mask.shape)


def _without_dirt(every: Pieces, shape: tuple[int, ...]) -> Pieces:
    """Pieces without a frame around them, specks and lines; `shape` is the picture's."""
    numbers = every.numbers
    if _is_frame(every):
        numbers = np.delete(numbers, _sizes(every.boxes).argmax())
    numbers = numbers[~_is_dirt(every.boxes[numbers - 1], shape)]
    return replace(every, numbers=numbers, boxes=every.boxes[numbers - 1])


def _boxes(labels: NDArray[np.unsignedinteger], count: int) -> NDArray[np.int64]:
    """The box of each piece in an array that is cropped to them, [count, 4] as in Pieces."""
    if count == 1:  # as on most canvases: spare the statistics
        return np.array([[0, 0, labels.shape[1], labels.shape[0]]])
    bounds = cc3d.statistics(labels, no_slice_conversion=True)["bounding_boxes"][1:]
    # top, bottom, left, right; the last row and column are within the box
    return np.asarray(bounds[:, [2, 0, 3, 1]] + np.array((0, 0, 1, 1)))


def join(pieces: Pieces) -> list[NDArray[np.int64]]:
    """Groups of rows of `pieces.boxes`, each of which belongs to one digit."""
    leader = np.arange(len(pieces.boxes))
    if len(leader) == 1:
        return [leader]
    together, perhaps, reach = _belong_together(pieces.boxes)
    for pairs, is_sure in ((together, True), (perhaps, False)):
        for first, second in np.argwhere(np.triu(pairs, 1)):
            if leader[first] != leader[second] and (
                is_sure or _are_near(pieces, first, second, int(reach[first, second]))
            ):
                leader[leader == leader[second]] = leader[first]
    return [np.flatnonzero(leader == number) for number in np.unique(leader)]


def _are_near(pieces: Pieces, first: int, second: int, reach: int) -> bool:
    """Whether no more than `reach` pixels lie between two pieces, across and down."""
    reach += 1
    one, other = pieces.boxes[first], pieces.boxes[second]
    left, top = np.maximum(np.maximum(one[:2], other[:2]) - reach, 0)
    right, bottom = np.minimum(one[2:], other[2:]) + reach
    labels = pieces.within(left, top, right, bottom)
    near = _spread(labels == pieces.numbers[first], reach)
    return bool((near & (labels == pieces.numbers[second])).any())


def _spread(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """A mask grown by `reach` pixels to all sides: each pixel counts what lies around it."""
    side = 2 * reach + 1
    sums = np.pad(mask, ((reach + 1, reach), (reach + 1, reach))).astype(np.int32)
    sums = sums.cumsum(axis=0).cumsum(axis=1)
    around = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return around > 0


def order(marks: list[Mark]) -> list[list[Mark]]:
    """Rows from the top, each from the left: a mark is in a row if its middle lies within it.

    Dots and dashes found no row, but go to the nearest one, if one is near.
    """
    if len(marks) < 2:
        return [marks] if marks else []
    usual = usual_height([mark.box.height for mark in marks])
    high = [mark for mark in marks if mark.box.height >= LOW * usual]
    low = [mark for mark in marks if mark.box.height < LOW * usual]
    slope = _slope(high)
    rows = _rows(high, slope)
    strays: list[Mark] = []
    for mark in low:
        nearest = min(rows, key=lambda row: abs(_mean_level(row, slope) - _level(mark, slope)))
        is_near = abs(_mean_level(nearest, slope) - _level(mark, slope)) < usual
        (nearest if is_near else strays).append(mark)
    rows += _rows(strays, slope)
    rows.sort(key=lambda row: _mean_level(row, slope))
    return [sorted(row, key=lambda mark: mark.box.x + mark.box.width / 2) for row in rows]


def usual_height(heights: list[int]) -> float:
    """What three of four marks do not exceed: dots and dust do not count, nor does a giant."""
    return float(np.quantile(heights, 0.75)) if len(heights) > 1 else float(heights[0])


def _rows(marks: list[Mark], slope: float) -> list[list[Mark]]:
    """Rows from the top, the marks of each in no order."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: _level(mark, slope)):
        if rows and (
            _level(mark, slope) < _mean_bottom(rows[-1], slope) or _goes_on(rows[-1], mark, slope)
        ):
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return rows


def _goes_on(row: list[Mark], mark: Mark, slope: float) -> bool:
    """Whether a mark that lies lower is beside all of a row, and still beside it in height."""
    left, right = min(each.box.x for each in row), max(each.box.right for each in row)
    is_beside = mark.box.x >= right or mark.box.right <= left
    lowest = max(_level(each, slope) + each.box.height / 2 for each in row)
    shared = lowest - (_level(mark, slope) - mark.box.height / 2)
    highest = max(each.box.height for each in row)
    return is_beside and shared >= BESIDE * mark.box.height and mark.box.height < 2 * highest


def _slope(marks: list[Mark]) -> float:
    """How much the rows of a page fall, pixels a pixel: the median from each mark to the next one.

    With few marks chance would decide, and the rows are taken to be level.
    """
    if len(marks) < SEVERAL:
        return 0.0
    boxes = np.array([(mark.box.x, mark.box.y, mark.box.right, mark.box.bottom) for mark in marks])
    x, y, height = boxes[:, ::2].mean(axis=1), boxes[:, 1::2].mean(axis=1), np.diff(boxes[:, 1::2])
    right, down = np.subtract.outer(x, x).T, np.subtract.outer(y, y).T  # [from, to]
    away = np.where((right > 0) & (np.abs(down) < height), right, np.inf)
    nearest = away.argmin(axis=1)
    has_next = np.flatnonzero(away.min(axis=1) < NEXT * height[:, 0])
    if not len(has_next):
        return 0.0
    pairs = has_next, nearest[has_next]
    return float(np.median(down[pairs] / right[pairs]))


def _level(mark: Mark, slope: float) -> float:
    """How far down a mark's middle is, once the rows are level."""
    box = mark.box
    return box.y + box.height / 2 - slope * (box.x + box.width / 2)


def _mean_level(row: list[Mark], slope: float) -> float:
    return sum(_level(mark, slope) for mark in row) / len(row)


def _mean_bottom(row: list[Mark], slope: float) -> float:
    return _mean_level(row, slope) + sum(mark.box.height for mark in row) / len(row) / 2


def _sizes(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The longer side of each box."""
    return np.asarray(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))


def _is_dirt(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """[N]: specks, and what looks in at the picture's edge: a line along it, a neighbour's foot."""
    left, top, right, bottom = boxes.T
    size = _sizes(boxes)
    largest = size.max(initial=0)
    thin = np.minimum(right - left, bottom - top) < EDGE * largest
    upright = bottom - top > right - left
    along_side = ((left == 0) | (right == shape[1])) & (
        thin & upright | (size < 2 * EDGE * largest)
    )
    along_end = ((top == 0) | (bottom == shape[0])) & (
        thin & ~upright | (size < 2 * EDGE * largest)
    )
    dirt = size < SPECK * largest
    if _is_cropped(boxes, shape):
        return np.asarray(dirt & ~dirt.all())
    dirt |= along_side | along_end
    return np.asarray((dirt & ~dirt.all()) | _are_lines(boxes, shape))


def _are_lines(boxes: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
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


def _is_frame(pieces: Pieces) -> bool:
    """Whether the largest piece is a rectangle drawn around the others: ink along its box alone."""
    largest = int(_sizes(pieces.boxes).argmax())
    piece = pieces.within(*pieces.boxes[largest]) == largest + 1
    rim = round(FRAME * min(piece.shape))
    if rim < 1 or piece[rim:-rim, rim:-rim].any():
        return False
    sides = piece[:rim].any(0), piece[-rim:].any(0), piece[:, :rim].any(1), piece[:, -rim:].any(1)
    return all(side.mean() > 0.9 for side in sides)


def _belong_together(
    boxes: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
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
    overlapping = shared > 0.3 * np.minimum.outer(width * height, width * height)
    flat = width > height
    stacked = (
        (across > 0.25 * np.minimum.outer(width, width))
        & (down > -0.25 * large)
        & (flat | flat[:, np.newaxis])
    )
    fragment = small < 0.4 * large
    crossing = (across > 0) & (down > 0)
    reach = np.where(fragment | crossing, np.maximum(NEAR * large, 1), TOUCHING * large)
    perhaps = np.maximum(-across, -down) <= reach
    return overlapping | stacked, perhaps, reach.astype(np.int64)


def _mark(picture: Picture, pieces: Pieces, group: NDArray[np.int64]) -> Mark:
    """The pieces' ink, cropped, with the soft edges around it and without other marks' ink."""
    boxes = pieces.boxes[group]
    rows, columns = picture.ink.shape
    left, top = max(int(boxes[:, 0].min()) - 1, 0), max(int(boxes[:, 1].min()) - 1, 0)
    right = min(int(boxes[:, 2].max()) + 1, columns)
    bottom = min(int(boxes[:, 3].max()) + 1, rows)
    ink = picture.ink[top:bottom, left:right]
    soft = ink * (ink >= math.ceil(SOFT * picture.threshold))
    if len(group) < pieces.count:
        soft[_others(pieces, group, left, top, ink.shape)] = 0
    return mark_at(picture, soft, left, top)


def _others(
    pieces: Pieces, group: NDArray[np.int64], left: int, top: int, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Where within a box of `shape` at (left, top) other pieces than the group's are."""
    labels = pieces.within(left, top, left + shape[1], top + shape[0])
    is_other = np.ones(pieces.count + 1, dtype=np.bool_)
    is_other[[0, *pieces.numbers[group]]] = False
    others = np.zeros(shape, dtype=np.bool_)
    x, y = max(pieces.left - left, 0), max(pieces.top - top, 0)
    others[y : y + labels.shape[0], x : x + labels.shape[1]] = is_other.take(labels)
    return others


def _trim(ink: NDArray[np.bool_]) -> Box:
    """The box of what is not empty."""
    rows, columns = np.asarray(ink.any(axis=1)), np.asarray(ink.any(axis=0))
    x, y = int(columns.argmax()), int(rows.argmax())
    right = len(columns) - int(columns[::-1].argmax())
    bottom = len(rows) - int(rows[::-1].argmax())
    return Box(x, y, right - x, bottom - y)


def _unit(ink: Grey | Bytes) -> Grey:
    """Ink from 0 to 1."""
    full = np.float32(255 if ink.dtype == np.uint8 else 1)
    return np.asarray(ink / full, dtype=np.float32)


def _enlarge(box: Box, picture: Picture) -> Box:
    """From the ink's pixels to the upright picture's."""
    across = picture.width / picture.ink.shape[1]
    down = picture.height / picture.ink.shape[0]
    x, y = math.floor(box.x * across), math.floor(box.y * down)
    right = min(math.ceil(box.right * across), picture.width)
    bottom = min(math.ceil(box.bottom * down), picture.height)
    return Box(x, y, right - x, bottom - y)
