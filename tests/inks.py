"""Ink as tests look at it: where a picture has it, and how alike two masks are."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp import ground, imaging
from digitapp.marks import Picture
from tests.drawings import coverage, encode

SIDE = 96
"""Side of most pictures here, in pixels."""

Mask = NDArray[np.bool_]


def read(data: bytes) -> Picture:
    """A file's ink, as the pipeline finds it."""
    return ground.find_ink(imaging.load(data))


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
