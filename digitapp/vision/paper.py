"""What paper adds to a picture and nobody wrote: a sheet's edge, a frame, ruled lines."""

import math

import numpy as np

from digitapp.vision.levels import Foreground
from digitapp.vision.types import Bytes, Mask

SHEET = 0.85
"""Foreground that fills at least this share of its box is a sheet of paper, a screen or a frame."""

STROKES = 0.4
"""Foreground that fills less of the rows and columns that it is in is strokes at first sight."""

SMALLEST_SHEET = 0.1
"""Share of the picture that a sheet takes at least."""

RIM = 0.12
"""A frame's lines are within this share of its shorter side from its edges ..."""

RULED = 0.8
"""... and fill at least this share of a row or column of pixels there."""

INNERMOST = 0.3
"""What a frame holds is at least this share of the picture's longer side, both ways."""

STRIPS = 8
"""A printed line fills a row of pixels in each of so many parts of the picture, side by side."""

SPREAD = 1.3
"""No part of a printed line is darker than its usual tone by more than this factor."""

DARKER = 2.0
"""What is written is darker than the lines by at least this factor, or cannot be told from them."""

EVEN = 0.3
"""Ruled lines are as thin, and their distances as alike, as this share of the distance."""

FEWEST = 0.0005
"""Share of the picture that writing fills at least."""


def sheet(ink: Foreground) -> tuple[slice, slice] | None:
    """What seems ink may be a sheet of paper that the digits stand on: a large filled rectangle.

    Returns the rows and columns within it, a little in from its edges.
    """
    mask = ink.mask
    count = np.count_nonzero(mask)
    if count < SHEET * SMALLEST_SHEET * mask.size:
        return None
    if count < STROKES * math.prod(map(np.count_nonzero, ink.lines)):
        return None
    rows, columns = (np.flatnonzero(mask.mean(axis=axis) > 0.2) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    inside = mask[top:bottom, left:right]
    if inside.size < SMALLEST_SHEET * mask.size or not _is_filled_rectangle(inside):
        return None
    inset = max(min(inside.shape) // 25, 1)
    return slice(top + inset, bottom - inset), slice(left + inset, right - inset)


def inside_frame(ink: Foreground) -> tuple[slice, slice] | None:
    """The rows and columns within a rectangle that is drawn around all the rest."""
    mask = ink.mask
    left, top, right, bottom = ink.box
    if right == 0:
        return None
    box = mask[top:bottom, left:right]
    depths = []
    for side in (box, box[::-1], box.T, box.T[::-1]):
        depths.append(_line_depth(side))
        if not depths[-1]:  # as on most pictures
            return None
    inset = [depth + max(depth // 2, 1) for depth in depths]  # its soft edge is not ink
    below, beyond = max(bottom - inset[1], 0), max(right - inset[3], 0)  # -1 would be the last one
    inside = slice(top + inset[0], below), slice(left + inset[2], beyond)
    return inside if min(mask[inside].shape) >= INNERMOST * max(mask.shape) else None


def without_lines(ink: Foreground) -> Foreground:
    """Foreground without a ruled or squared paper's lines.

    Lines paler than what is written go by their tone, others by their place.
    """
    values, threshold = ink.values, ink.threshold
    line = min(_line_tone(values, threshold), _line_tone(values.T, threshold))
    if line == math.inf:
        return ink
    written = values[values > SPREAD * line]
    strong = float(np.quantile(written, 0.9)) if len(written) > FEWEST * values.size else 0.0
    if strong < DARKER * line:
        without = _without_ruling(_without_ruling(values, threshold).T, threshold).T
        return Foreground(without, threshold)
    above = np.where(values > SPREAD * line, values, 0).astype(np.uint8)
    return Foreground(above, round(max(strong / 2, SPREAD * line)))


def _line_depth(mask: Mask) -> int:
    """Rows from the top to the end of a line along it; 0 where there is no such line."""
    rim = mask[: max(round(RIM * min(mask.shape)), 1)]
    if np.count_nonzero(rim[0]) / len(rim[0]) < RULED:
        return 0
    return int(np.flatnonzero(rim.mean(axis=1) >= RULED)[-1]) + 1


def _is_filled_rectangle(inside: Mask) -> bool:
    """Whether a mask, cropped to its ink, is full to its corners, and no 1 of a broad brush."""
    short, long = min(inside.shape), max(inside.shape)
    if short < 3 or short < 0.6 * long or inside.mean() < SHEET:
        return False
    corner = long // 30
    ends = [corner, -1 - corner]
    return bool(inside[np.ix_(ends, ends)].all())


def _without_ruling(ink: Bytes, threshold: int) -> Bytes:
    """Foreground without straight lines from left to right at even distances, three at least.

    What crosses a line stays: where there is ink on both sides of it.
    """
    is_line = (ink >= threshold).mean(axis=1) >= RULED
    edges = np.flatnonzero(np.diff(is_line, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]  # the row after a line is its end
    if len(starts) < 3 or np.ptp(np.diff(starts)) > max(EVEN * np.diff(starts).mean(), 2):
        return ink
    if (ends - starts).max() > max(EVEN * np.diff(starts).mean(), 1):
        return ink
    result = ink.copy()
    for start, end in zip(starts, ends, strict=True):
        reach = max((end - start) // 2, 1) if end - start > 1 else 0  # soft edges, but of thin ones
        first, last = max(start - reach, 0), min(end + reach, len(ink))
        above, below = ink[max(first - 1, 0)], ink[min(last, len(ink) - 1)]
        is_inside = first > 0 and last < len(ink)
        result[first:last] = np.minimum(above, below) if is_inside else 0
    return result


def _line_tone(ink: Bytes, threshold: int) -> float:
    """The tone of lines that cross the picture from left to right, straight or nearly.

    Without such lines it is infinite.
    """
    width = ink.shape[1] // STRIPS
    if not ((ink[:, 0] >= threshold).any() and (ink[:, -1] >= threshold).any() and width):
        return math.inf
    strips = ink[:, : width * STRIPS].reshape(len(ink), STRIPS, width)
    is_full = (strips >= threshold).mean(axis=2) > 0.9
    palest = np.where(is_full, strips.mean(axis=2), np.inf).min(axis=0)
    return float(np.median(palest)) if np.isfinite(palest).all() else math.inf
