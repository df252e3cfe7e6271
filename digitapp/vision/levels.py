"""Levels of grey: what stands out from the background's noise, and from which difference on.

The histograms [511] count differences from the background, -255 to 255.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.vision.types import Box, Bytes, Mask

TONE = 10
"""Greys of one tone differ by at most this to either side, of 255."""

FAINT = 15
"""What differs from the background by less, of 255, is no ink: paper, dust, JPEG's blocks."""

NOISE = 4.0
"""Ink stands out by this many standard deviations of the background's noise."""

PALE = 0.25
"""What is paler than this share of the picture's dark ink is smear or anti-aliasing."""

FEW = 0.2
"""If at most this share of a picture has another tone than its corner and ink, those are counted.

The two tones, which most pixels of a drawing have, cost next to nothing.
"""

SQUARES = np.arange(1, 256) ** 2
"""The squares of the differences that one side of a histogram counts."""

Histogram = NDArray[np.int64]


@dataclass(frozen=True)
class Foreground:
    """How much pixels differ from the background, [rows, columns]; ink is from `threshold` on.

    `around`, if it is known, is a part of the picture outside of which there is no ink.
    """

    values: Bytes
    threshold: int
    around: Box | None = None

    @cached_property
    def mask(self) -> Mask:
        """Where there is ink."""
        return np.asarray(self.values >= self.threshold)


def varied(picture: Bytes) -> Box:
    """What is around all pixels that differ from the first one, and one pixel more on each side.

    Of a drawing it is a part, of a photo all. The steps that follow need to see no more.
    """
    rows, columns = picture.shape
    others = picture != picture[0, 0]
    # On a whole sheet Pillow finds the box in half of the time that `types.bounds` takes.
    found = Image.fromarray(others.view(np.uint8)).getbbox()
    left, top, right, bottom = found or (0, 0, columns, rows)
    x, y = max(left - 1, 0), max(top - 1, 0)
    return Box(x, y, min(right + 1, columns) - x, min(bottom + 1, rows) - y)


def histogram(picture: Bytes, around: Box | None = None) -> Histogram:
    """How many pixels have each tone, [256]; all outside `around` have the first one's."""
    inside = picture if around is None else picture[around.place]
    corner = int(picture[0, 0])
    ink = 0 if corner >= 128 else 255
    is_ink = inside == ink
    others = ~(is_ink | (inside == corner))
    if np.count_nonzero(others) > FEW * picture.size:
        return np.array(Image.fromarray(picture).histogram())
    counts = np.bincount(inside[others], minlength=256)
    counts[ink] = np.count_nonzero(is_ink)
    counts[corner] = picture.size - counts.sum()
    return counts


def two_tones(counts: Histogram) -> int:
    """The grey that splits a histogram [256] into a darker and a lighter tone (Otsu's method)."""
    tones = np.arange(256)
    below, sums = np.cumsum(counts), np.cumsum(counts * tones)
    above = below[-1] - below
    parts = np.maximum(below * above, 1).astype(np.float64)
    between = (sums[-1] * below.astype(np.float64) - sums * float(below[-1])) ** 2 / parts
    return int(between.argmax())


def commonest_tone(counts: Histogram) -> tuple[int, float]:
    """The commonest tone in a histogram [256], and the share of pixels that have it."""
    around = np.convolve(counts, np.ones(2 * TONE + 1, dtype=np.int64), mode="same")
    best = int(around.argmax())
    near = slice(max(best - TONE, 0), best + TONE + 1)
    middle = counts[near].cumsum().searchsorted(around[best] / 2)
    return near.start + int(middle), float(around[best] / counts.sum())


def stand_out(histogram: Histogram) -> tuple[bool, int, int]:
    """Whether ink is darker than its background, its threshold, and how much strong ink differs.

    `histogram` [511] counts the differences from the background, -255 to 255.
    """
    dark, light = histogram[254::-1], histogram[256:]  # index i: a difference of i + 1
    floor = noise_floor(histogram)
    is_dark = _energy(dark, floor) >= _energy(light, floor)
    return is_dark, *threshold_of(dark if is_dark else light, floor)


def threshold_of(side: Histogram, floor: int) -> tuple[int, int]:
    """The difference from which on it is ink, and how much strong ink differs.

    `side` [255] counts the differences to one side of the background, 1 to 255.
    """
    strong = _quantile(side, floor, 0.9)
    return max(floor, round(PALE * strong)), strong


def noise_floor(histogram: Histogram) -> int:
    """The least difference that stands out from the background's noise."""
    return max(FAINT, round(NOISE * _noise(histogram)))


def _noise(histogram: Histogram) -> float:
    """Standard deviation of the background's noise, as if it were normal.

    The median tells it. Where ink fills more than half, as in a tight crop, the first quarter does.
    """
    sizes = histogram[255:].copy()
    sizes[1:] += histogram[254::-1]
    within = sizes.cumsum()
    quarter, median = within.searchsorted((0.25 * within[-1], 0.5 * within[-1]))
    return float(min(1.4826 * median, 3.14 * (quarter + 1)))


def _energy(side: Histogram, floor: int) -> float:
    return float(side[floor - 1 :] @ SQUARES[floor - 1 :])


def _quantile(side: Histogram, floor: int, share: float) -> int:
    """The difference below which `share` of a side's differences lie, those under `floor` aside."""
    counts = side[floor - 1 :].cumsum()
    return floor + int(counts.searchsorted(share * counts[-1])) if counts.size else floor
