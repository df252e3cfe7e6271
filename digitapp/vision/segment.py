"""What the ink network says about a picture: where there is writing, and where there is ruling."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from digitapp.engine import STEP
from digitapp.vision.types import Bytes, Grey

Look = Callable[[Grey], Grey]

SHORTEST = 112
"""A smaller picture is enlarged by a whole factor, at least to this longer side: the network has
learned digits of 9 to 230 pixels on pages of 256."""

FEWEST = 2 * STEP
"""A picture for the network has at least so many pixels on a side: it looks that far around."""

TILE = 768
"""A larger copy is read in tiles of at most so many pixels a side, to bound memory (200 MB)."""

OVERLAP = 64
"""What neighbouring tiles share: the network sees less at a tile's edge, so half of it is cut."""


def segment(grey: Bytes, look: Look, longest: int) -> tuple[Bytes, Bytes]:
    """The probabilities of writing and of ruling, 0 to 255, on a copy of the picture.

    Args:
        grey: the picture, [rows, columns].
        look: the network, `Engine.ink`.
        longest: of the copy's sides.

    Returns:
        Two arrays of the copy's size: the picture's own, or a reduced or enlarged one.
    """
    copy = _resized(grey, longest)
    found = np.empty((*copy.shape, 2), dtype=np.uint8)
    for top, bottom in _spans(copy.shape[0]):
        for left, right in _spans(copy.shape[1]):
            tile = _probabilities(copy[top:bottom, left:right], look)
            # An inner edge is cut; the tile before has it.
            y, x = (OVERLAP // 2 if start else 0 for start in (top, left))
            found[top + y : bottom, left + x : right] = tile[y:, x:]
    return found[..., 0], found[..., 1]


def _resized(grey: Bytes, longest: int) -> Bytes:
    height, width = grey.shape
    side = max(height, width)
    if side > longest:
        size = (max(round(each * longest / side), 1) for each in (width, height))
    elif side < SHORTEST:
        size = (each * -(-SHORTEST // side) for each in (width, height))
    else:
        return grey
    image = Image.fromarray(grey).resize(tuple(size), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """The tiles along a side: where each starts and ends."""
    start = 0
    while length - start > TILE:
        yield start, start + TILE
        start += TILE - OVERLAP
    yield start, length


def _probabilities(tile: Bytes, look: Look) -> Bytes:
    """The network's answer for a tile, which is filled up along its edges, [h, w, 2]."""
    height, width = tile.shape
    down, across = (max(-(-each // STEP) * STEP, FEWEST) - each for each in tile.shape)
    filled = np.pad(tile, ((0, down), (0, across)), mode="edge")
    found = look(filled.astype(np.float32) / np.float32(255))[:height, :width]
    return np.asarray(found * np.float32(255) + np.float32(0.5), dtype=np.uint8)
