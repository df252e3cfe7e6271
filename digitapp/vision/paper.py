"""What paper adds to a picture and nobody wrote: a sheet's edge, a frame, ruled lines."""

import math

import numpy as np

from digitapp.vision.levels import Foreground
from digitapp.vision.types import Bytes, Mask

SHEET = 0.85
"""What fills at least this share of its box is a sheet of paper, a screen or a frame."""

STROKES = 0.4
"""What fills less of its rows and columns is strokes: no need to look further for a sheet."""

SMALLEST_SHEET = 0.1
"""A sheet takes at least this share of the picture."""

RIM = 0.12
"""A frame's lines lie within this share of its shorter side from its edges."""

RULED = 0.8
"""A line fills at least this share of a row or column of pixels."""

INNERMOST = 0.3
"""A frame's inside is at least this share of the picture's longer side, both ways."""

STRIPS = 8
"""A printed line fills a row of pixels in each of so many parts of the picture, side by side."""

SPREAD = 1.3
"""No part of a printed line is darker than this many times its usual tone."""

DARKER = 2.0
"""Writing can be told from lines by its tone if it is at least this many times as dark."""

EVEN = 0.3
"""Ruled lines are thinner than this share of their distance, and distances vary by less."""

FEWEST = 0.0005
"""Writing fills at least this share of the picture."""


def sheet(ink: Foreground) -> tuple[slice, slice] | None:
    """The inside of a sheet of paper that was taken for ink, a large filled rectangle, or None.

    Returns its rows and columns, without a little along its edges.
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
    """The rows and columns inside a rectangle that is drawn around everything else, or None."""
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
    """The ink without the lines of ruled or squared paper.

    Lines that are paler than the writing are known by their tone, others by their place.
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
    """How many rows from the top a line along it ends; 0 where there is no such line."""
    rim = mask[: max(round(RIM * min(mask.shape)), 1)]
    if np.count_nonzero(rim[0]) / len(rim[0]) < RULED:
        return 0
    return int(np.flatnonzero(rim.mean(axis=1) >= RULED)[-1]) + 1


def _is_filled_rectangle(inside: Mask) -> bool:
    """Whether a mask, cropped to its ink, is full to its corners and too wide for a 1."""
    short, long = min(inside.shape), max(inside.shape)
    if short < 3 or short < 0.6 * long or inside.mean() < SHEET:
        return False
    corner = long // 30
    ends = [corner, -1 - corner]
    return bool(inside[np.ix_(ends, ends)].all())


def _without_ruling(ink: Bytes, threshold: int) -> Bytes:
    """The ink without straight lines from left to right: three or more at even distances.

    Where there is ink on both sides of a line, a stroke crosses it and stays.
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
        reach = max((end - start) // 2, 1) if end - start > 1 else 0  # thin lines have no soft edge
        first, last = max(start - reach, 0), min(end + reach, len(ink))
        above, below = ink[max(first - 1, 0)], ink[min(last, len(ink) - 1)]
        is_inside = first > 0 and last < len(ink)
        result[first:last] = np.minimum(above, below) if is_inside else 0
    return result


def _line_tone(ink: Bytes, threshold: int) -> float:
    """The tone of lines that cross the picture from left to right, straight or nearly so.

    It is infinite where there are none.
    """
    width = ink.shape[1] // STRIPS
    if not ((ink[:, 0] >= threshold).any() and (ink[:, -1] >= threshold).any() and width):
        return math.inf
    strips = ink[:, : width * STRIPS].reshape(len(ink), STRIPS, width)
    is_full = (strips >= threshold).mean(axis=2) > 0.9
    palest = np.where(is_full, strips.mean(axis=2), np.inf).min(axis=0)
    return float(np.median(palest)) if np.isfinite(palest).all() else math.inf
