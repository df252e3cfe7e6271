"""What is on paper and nobody wrote: lines, boxes, rings, frames."""

from collections.abc import Iterator

import cc3d
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.vision.types import Box, Connected, LeftOut, Mask

MOST = 1_000
"""More components than these are not compared: the network is asked. 1,000 take 15 ms."""

LONG = 1.6
"""A line is at least so many times as long as the usual component."""

WIDE = 1.1
"""What is wider than high, by this factor, may be a line, or digits on one, or just a dash."""

BAND, COVERED = 0.2, 0.9
"""A bar covers at least this share of a component's columns, within this share of its rows."""

SLOPE = 0.1
"""A band has at least this share of a component's columns as rows: a bar may rise by 5 degrees."""

THIN = 0.04
"""A line's mean thickness, area over length, is at most this share of its length."""

CELL = 6
"""Pieces of a line that lie less than two cells of so many pixels apart are one."""

SPECK = 0.015
"""What is smaller than this share of the picture's longer side is nothing that anybody misses."""


def is_ruled(ink: Connected, shape: tuple[int, ...]) -> bool:
    """Whether ink may hold a line, a box, a ring or a frame; digits written as one may seem so.

    It costs less than asking the network, and it need not be right: the network is asked then.
    `shape` is the picture's.
    """
    tall, wide = ink.labels.shape
    if tall == shape[0] or wide == shape[1]:
        return True  # something crosses the picture, or a crop is too tight to tell
    if ink.count == 1:  # as on most canvases
        return wide >= WIDE * tall and _has_bar(ink.labels > 0)
    return ink.count > MOST or _are_ruled(ink)


def _are_ruled(ink: Connected) -> bool:
    """The same of several components."""
    width, height = (ink.boxes[:, 2:] - ink.boxes[:, :2]).T
    longer = np.maximum(height, width)
    usual = np.median(longer)
    is_thin = (longer >= LONG * usual) & (ink.areas <= THIN * longer**2)
    is_wide = (width >= WIDE * height) & (longer >= 0.5 * usual)
    return bool(
        is_thin.any()
        or any(_has_bar(ink.own(int(number))) for number in np.flatnonzero(is_wide))
        or _encloses(ink.boxes)
    )


def _has_bar(own: Mask) -> bool:
    """Whether a component's ink reaches from left to right within a band of rows."""
    band = min(round(max(BAND * own.shape[0], SLOPE * own.shape[1], 1)), own.shape[0])
    counts = np.pad(own, ((1, 0), (0, 0))).cumsum(axis=0)
    covered = (counts[band:] > counts[:-band]).mean(axis=1)
    return bool((covered >= COVERED).any())


def _encloses(boxes: NDArray[np.int64]) -> bool:
    """Whether a component's box, [N, (left, top, right, bottom)], holds another's."""
    inner, outer = boxes[:, np.newaxis], boxes
    within = (inner[..., :2] > outer[..., :2]) & (inner[..., 2:] < outer[..., 2:])
    return bool(within.all(axis=-1).any())


def left_out(mask: Mask, width: int, height: int) -> tuple[LeftOut, ...]:
    """Where there is ruling, a box for each line or grid, on a picture of `width` x `height`."""
    scale = width / mask.shape[1], height / mask.shape[0]
    least = SPECK * max(mask.shape)
    boxes = (box for box in _lines(mask) if max(box.width, box.height) >= least)
    return tuple(LeftOut(box.scaled(*scale), "ruling") for box in boxes)


def _lines(mask: Mask) -> Iterator[Box]:
    """The box of each line, whose pieces may lie a little apart."""
    fill = [(0, -side % CELL) for side in mask.shape]
    filled = np.pad(mask, fill)
    rows, columns = (side // CELL for side in filled.shape)
    cells = filled.reshape(rows, CELL, columns, CELL).any(axis=(1, 3))
    grown = Image.fromarray(cells.view(np.uint8)).filter(ImageFilter.MaxFilter(3))  # closes gaps
    labels, count = cc3d.connected_components(np.array(grown), connectivity=8, return_N=True)
    labels = (labels * cells).repeat(CELL, axis=0).repeat(CELL, axis=1) * filled
    found = cc3d.statistics(labels, no_slice_conversion=True)["bounding_boxes"]
    for top, bottom, left, right in found[1 : count + 1, :4].tolist():
        yield Box(left, top, right - left + 1, bottom - top + 1)
