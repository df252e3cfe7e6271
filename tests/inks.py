"""Ink as tests look at it: where a picture has it, and how alike two masks are."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.vision import decode, ink
from digitapp.vision.types import Grey, Picture
from tests.drawings import coverage, encode

SIDE = 96
"""Side of most pictures here, in pixels."""

Mask = NDArray[np.bool_]


def read(data: bytes) -> Picture:
    """A file's ink, as the pipeline finds it."""
    return ink.find_ink(decode.load(data))


def mask(picture: Picture) -> Mask:
    """What counts as ink."""
    return np.asarray(picture.ink >= picture.threshold)


def ink_of(image: Image.Image, format: str = "PNG", **options: object) -> Mask:
    return mask(read(encode(image, format, **options)))


def likeness(one: Mask, other: Mask) -> float:
    """Shared ink over all ink, 0 to 1."""
    assert one.shape == other.shape
    return float((one & other).sum() / max((one | other).sum(), 1))


def drawn(digit: int = 7, side: int = SIDE) -> Mask:
    """The ink as it was drawn."""
    return np.asarray(coverage(digit, side)) >= 128


def bridged(
    *widths: int, height: int = 36, gap: int = 6, bridge: int = 3
) -> tuple[Grey, list[float]]:
    """Full blocks side by side, each joined to the next by a thin bridge halfway down.

    And the columns of their middles.
    """
    ink = np.zeros((height, sum(widths) + gap * (len(widths) - 1)), dtype=np.float32)
    ink[height // 2 : height // 2 + bridge] = 1
    left, middles = 0, []
    for width in widths:
        ink[:, left : left + width] = 1
        middles.append(left + width / 2)
        left += width + gap
    return ink, middles


def slanted() -> tuple[Grey, NDArray[np.int64], NDArray[np.int64]]:
    """Two slanted strokes, joined, and where in each row the gap between them begins and ends."""
    ink = np.zeros((36, 40), dtype=np.float32)
    starts = 8 - np.arange(36) // 6  # each six rows one column to the left
    for row, start in enumerate(starts):
        ink[row, start : start + 10] = ink[row, start + 14 : start + 26] = 1
    ink[20:22] = 1  # what joins them
    return ink, starts + 10, starts + 14
