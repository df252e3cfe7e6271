"""Ink as tests look at it: where a picture has it, and how alike two masks are."""

from functools import cache

import numpy as np
from PIL import Image

from digitapp.engine import Engine, load
from digitapp.vision import components, decode, layout
from digitapp.vision.ink import find_ink
from digitapp.vision.types import Bytes, Candidate, Ink, Mask
from tests.drawings import coverage, encode

SIDE = 96
"""Side of most pictures here, in pixels."""


@cache
def engine() -> Engine:
    """The default engine."""
    return load("litert")


def read(data: bytes) -> Ink:
    """A file's ink, as the pipeline finds it."""
    return find_ink(decode.decode(data), engine())


def mask(ink: Ink) -> Mask:
    """What counts as ink."""
    return np.asarray(ink.values >= ink.threshold)


def ink_of(image: Image.Image, format: str = "PNG", **options: object) -> Mask:
    return mask(read(encode(image, format, **options)))


def as_ink(values: Bytes, scale: int = 1) -> Ink:
    """Ink of these values; the upright picture is `scale` times as large."""
    return Ink(values, 64, values.shape[1] * scale, values.shape[0] * scale)


def rows(ink: Ink, one_digit: bool = False) -> list[list[Candidate]]:
    """The candidates in rows, as the pipeline finds them."""
    return layout.rows(components.find(ink, one_digit).candidates)[0]


def likeness(one: Mask, other: Mask) -> float:
    """Shared ink over all ink, 0 to 1."""
    assert one.shape == other.shape
    return float((one & other).sum() / max((one | other).sum(), 1))


def drawn(digit: int = 7, side: int = SIDE) -> Mask:
    """The ink as it was drawn."""
    return np.asarray(coverage(digit, side)) >= 128
