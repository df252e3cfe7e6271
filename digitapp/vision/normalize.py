"""A candidate becomes what a network reads: 28x28 as MNIST's makers did it, or a line image.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
Proc. IEEE 86 (1998), section III.A; the exact rounding as rebuilt by Yadav and Bottou, "Cold case:
the lost MNIST digits" (2019): fit the ink box into 20x20 by area coverage, keep the aspect, and
put it into 28x28 so that its centre of mass comes nearest to the middle.

In a line image the ink is as high as a digit that touches another is in MNIST's scale. The line
network's window of 28x28 pixels slides along it from end to end.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.engine import SIDE
from digitapp.vision.types import Grey

INNER = 20
"""Side of the box that the ink fills, in pixels."""

FINE = 4
"""Stroke width is measured and mended on a picture this many times finer than the CNN's."""

THIN = 1.5
"""Strokes thinner than this, in pixels of the CNN's input, are widened: 99 % of MNIST's are not."""

WIDENED = 2.0
"""What thin strokes are widened to, in the same pixels; MNIST's median is 2.4."""

LINE_HEIGHT = 24
"""Height of the ink of a line image in pixels; a window's other rows are background."""

SIZES = ((1.1, 1.0), (1.0, 1.1), (0.92, 0.92), (1.1, 1.1))
"""A candidate's other sizes: columns and rows of the input for one of theirs.

With the mean over them 7 more of 181 open pictures that are no digits are rejected, and 4 more of
4,000 digits are right.
"""

STRIDE = 2
"""Columns from one window of a line image to the next."""

BLOCK = 16
"""The room for a line image's ink is a multiple of so many columns: then few widths occur."""

LONGEST = 12 * LINE_HEIGHT
"""Most columns of ink in a line image. Nobody writes a longer number, in heights, in one go."""


def normalize(ink: Grey) -> Grey:
    """Bring a candidate's ink to the input of the network for single candidates.

    Args:
        ink: [height, width] of at least 1x1, 0 = background, 1 = ink, already cropped to its box.

    Returns:
        [28, 28] float32 from 0 to 1 in steps of 1/255, so that the bytes shown to people are
        exactly what the CNN sees.
    """
    return (np.rint(center(reduced(ink, INNER)) * 255) / 255).astype(np.float32)


def reduced(ink: Grey, side: int) -> Grey:
    """Scale ink so that its longer side is `side` pixels, with strokes as thick as MNIST's."""
    if stroke_width(ink) * side / max(ink.shape) < THIN:
        ink = widen(ink, side)
    return _level(fit(ink, side))


def fit(ink: Grey, side: int) -> Grey:
    """Scale ink so that its longer side is `side` pixels: area coverage down, bilinear up."""
    height, width = ink.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(ink).resize(size, method), dtype=np.float32)


def stroke_width(ink: Grey) -> float:
    """Mean stroke width in pixels: twice the area over the outline's length.

    A long stroke of width w and length l has area w*l and an outline of about 2*l.
    """
    area = float(ink.sum())
    across, down = ink[:, 1:] - ink[:, :-1], ink[1:] - ink[:-1]
    rim = ink[0].sum() + ink[-1].sum() + ink[:, 0].sum() + ink[:, -1].sum()  # the outer edge
    edges = np.abs(across, out=across).sum() + np.abs(down, out=down).sum() + rim
    # A slanted edge is counted by both differences: pi/4 is the mean ratio over all directions.
    outline = float(edges) * math.pi / 4
    return 2 * area / outline if outline > 0 else 0.0


def widen(ink: Grey, side: int) -> Grey:
    """Widen thin strokes to WIDENED; the ink comes back FINE times as large as `side`."""
    fine = _level(fit(ink, side * FINE))
    reach = max(round((WIDENED * FINE - stroke_width(fine)) / 2), 0)
    wide = np.pad(fine, reach)
    for _ in range(reach):
        wide = _dilate(wide)
    return wide


def center(small: Grey) -> Grey:
    """Put at most 20x20 pixels of ink into 28x28, its centre of mass nearest to the middle."""
    height, width = small.shape
    top = min(max(math.floor(SIDE / 2 + 1 - _middle(small.sum(axis=1))), 0), SIDE - height)
    left = min(max(math.floor(SIDE / 2 + 1 - _middle(small.sum(axis=0))), 0), SIDE - width)
    full = np.zeros((SIDE, SIDE), dtype=np.float32)
    full[top : top + height, left : left + width] = small
    return full


def batch(inks: list[Grey]) -> NDArray[np.float32]:
    """Normalise several candidates into the CNN's batch, [N, 28, 28, 1]."""
    result = np.empty((len(inks), SIDE, SIDE, 1), dtype=np.float32)
    for index, ink in enumerate(inks):
        result[index, ..., 0] = normalize(ink)
    return result


def line_image(ink: Grey) -> Grey:
    """Bring a candidate's ink to the input of the line network.

    Args:
        ink: [height, width] of at least 1x1, 0 = background, 1 = ink, already cropped to its box.

    Returns:
        [28, 28 + BLOCK * n] float32 from 0 to 1. The window that begins at column x has its middle
        on the ink's column x.
    """
    small = reduced(ink, max(LINE_HEIGHT, columns(ink)))
    height, width = small.shape
    room = -(-width // BLOCK) * BLOCK
    result = np.zeros((SIDE, SIDE + room), dtype=np.float32)
    top, left = (SIDE - height) // 2, SIDE // 2
    result[top : top + height, left : left + width] = small
    return result


def columns(ink: Grey) -> int:
    """How many columns a candidate's ink takes in a line image."""
    height, width = ink.shape
    scaled: int = round(width * LINE_HEIGHT / height)
    return max(scaled, 1)


def _middle(profile: NDArray[np.float32]) -> float:
    """Centre of mass of ink summed along one axis, in pixels from the first one's edge."""
    total = profile.sum(dtype=np.float64)
    places = np.arange(len(profile)) + 0.5
    return float((places * profile).sum() / total) if total else len(profile) / 2


def _level(ink: Grey) -> Grey:
    """Stretch ink to the full range: area coverage leaves a thin pen's line pale."""
    inked = np.sort(ink[ink > 0.02 * ink.max()])
    peak = float(inked[int(0.9 * len(inked))]) if len(inked) else 0.0
    return np.clip(ink / peak, 0, 1).astype(np.float32) if 0 < peak < 1 else ink


def _dilate(ink: Grey) -> Grey:
    """Widen ink by one pixel on each side (a cross of five pixels)."""
    wide = ink.copy()
    np.maximum(wide[1:], ink[:-1], out=wide[1:])
    np.maximum(wide[:-1], ink[1:], out=wide[:-1])
    np.maximum(wide[:, 1:], ink[:, :-1], out=wide[:, 1:])
    np.maximum(wide[:, :-1], ink[:, 1:], out=wide[:, :-1])
    return wide


def resized(image: Grey) -> Grey:
    """An image [28, 28, 1] in other sizes, see SIZES, [4, 28, 28, 1]."""
    picture, middle = Image.fromarray(image[..., 0]), SIDE / 2
    found = []
    for across, down in SIZES:
        matrix = (across, 0, middle * (1 - across), 0, down, middle * (1 - down))
        affine, bilinear = Image.Transform.AFFINE, Image.Resampling.BILINEAR
        found.append(np.asarray(picture.transform(picture.size, affine, matrix, bilinear)))
    return np.stack(found)[..., np.newaxis]
