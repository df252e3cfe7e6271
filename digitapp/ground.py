"""From a grey picture to ink: the ground and its light are taken away.

Whatever the picture was (a photo in shadow, white chalk, a drawing on nothing), what leaves this
module is ink on empty ground: 0 where there is none, the more the more it differs from the ground.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.marks import Bytes, Picture, Scan

Histogram = NDArray[np.int64]

TONE = 10
"""Greys of one tone differ by no more than this to either side, of 255."""

FLAT = 0.5
"""The ground is one tone when at least this share of the picture's border has it."""

MOSTLY = 0.7
"""Ink never fills more than this share; if it seems to, the border is not the ground."""

SHEET = 0.85
"""Ink that fills at least this share of its box is a sheet of paper, a screen or a frame."""

SMALLEST_SHEET = 0.1
"""Share of the picture that a sheet takes at least."""

STEP = 0.35
"""An edge is crisp that rises by this share of the threshold from one pixel to the next."""

CRISP = 0.85
"""Share of ink's edges that are crisp at least, on a ground of one tone."""

FAINT = 15
"""Ink that differs from its ground by less, of 255, is none: paper, dust, JPEG's blocks."""

NOISE = 4.0
"""Ink stands out by this many standard deviations of the ground's noise."""

PALE = 0.25
"""Ink paler than this share of the picture's dark ink is smear or anti-aliasing's last trace."""

COARSE = 96
"""Longer side in pixels of the copy on which uneven ground is estimated."""

WINDOW = 17
"""Side of a square, in the same pixels, that no stroke fills and the ground does; odd."""

ROOM = 128
"""Differences grow where the ground leaves less room than this, but noise not above twice."""


def find_ink(scan: Scan) -> Picture:
    """Take the ground away. Ink is what is on the ground's rarer side: dark or light."""
    ink, threshold = _on_its_ground(scan.grey)
    if sheet := _sheet(ink >= threshold):
        inner, lower = _on_its_ground(scan.grey[sheet])
        if 0 < np.count_nonzero(inner >= lower) < inner.size / 3:
            ink = np.zeros_like(ink)
            ink[sheet] = inner
            threshold = lower
    return Picture(ink, threshold, scan.width, scan.height)


def _on_its_ground(picture: Bytes) -> tuple[Bytes, int]:
    """Ink and threshold on a ground of one tone, or else on one that varies."""
    ground, share = _tone(_border(picture))
    if share >= FLAT:
        histogram = np.zeros(511, dtype=np.int64)
        histogram[255 - ground : 511 - ground] = Image.fromarray(picture).histogram()
        dark, threshold = _stand_out(histogram)
        level = np.uint8(ground)
        ink = level - np.minimum(picture, level) if dark else np.maximum(picture, level) - level
        mask = ink >= threshold
        share = np.count_nonzero(mask) / mask.size
        if 0 < share <= MOSTLY and _is_crisp(ink, mask, threshold):
            return ink, threshold
    difference = _even_out(picture)
    dark, threshold = _stand_out(np.bincount(difference.ravel() + 255, minlength=511))
    return np.maximum(-difference if dark else difference, 0).astype(np.uint8), threshold


def _is_crisp(ink: Bytes, mask: NDArray[np.bool_], threshold: int) -> bool:
    """Whether ink ends within a pixel or two, as strokes do and shadows do not.

    `mask` is where `ink` reaches `threshold`.
    """
    crisp = edges = 0
    for value, inside in ((ink, mask), (ink.T, mask.T)):
        ends = inside[:, 1:] != inside[:, :-1]
        one, other = value[:, 1:][ends], value[:, :-1][ends]
        steps = np.maximum(one, other) - np.minimum(one, other)
        crisp += int(np.count_nonzero(steps >= STEP * threshold))
        edges += len(steps)
    return crisp >= CRISP * edges


def _sheet(mask: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """What seems ink may be a sheet of paper that the digits stand on: a large filled rectangle.

    Returns the rows and columns within it, a little in from its edges.
    """
    if np.count_nonzero(mask) < SHEET * SMALLEST_SHEET * mask.size:
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


def _is_filled_rectangle(inside: NDArray[np.bool_]) -> bool:
    """Whether a mask, cropped to its ink, is full to its corners, and no 1 of a broad brush."""
    short, long = min(inside.shape), max(inside.shape)
    if short < 3 or short < 0.6 * long or inside.mean() < SHEET:
        return False
    corner = long // 30
    ends = [corner, -1 - corner]
    return bool(inside[np.ix_(ends, ends)].all())


def _border(picture: Bytes) -> Bytes:
    edge = max(min(picture.shape) // 50, 1)
    sides = picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def _tone(greys: Bytes) -> tuple[int, float]:
    """The commonest tone, and the share of `greys` that have it."""
    counts = np.bincount(greys, minlength=256)
    around = np.convolve(counts, np.ones(2 * TONE + 1, dtype=np.int64), mode="same")
    best = int(around.argmax())
    near = slice(max(best - TONE, 0), best + TONE + 1)
    middle = np.searchsorted(np.cumsum(counts[near]), around[best] / 2)
    return near.start + int(middle), float(around[best] / len(greys))


def _even_out(picture: Bytes) -> NDArray[np.int16]:
    """Difference from a ground that varies, as a share of the room it leaves: shadows vanish.

    The ground is the picture without what is narrower than a window: a closing where ink is dark,
    an opening where it is light (Serra, "Image analysis and mathematical morphology", 1982).
    """
    image = Image.fromarray(picture)
    small = image.copy()
    small.thumbnail((COARSE, COARSE), Image.Resampling.BOX)
    calm = np.asarray(small.filter(ImageFilter.GaussianBlur(1)))  # the most of noise lies high
    closed = ~_open(~calm) if _is_ink_dark(small) else _open(calm)
    smooth = Image.fromarray(closed).filter(ImageFilter.GaussianBlur(2))
    ground = np.asarray(smooth.resize(image.size, Image.Resampling.BILINEAR)).astype(np.float32)
    difference = picture - ground
    difference -= np.median(difference)
    room = np.where(difference < 0, ground, 255 - ground)
    shares = np.rint(difference * (255 / np.maximum(room, ROOM))).clip(-255, 255)
    return np.asarray(shares, dtype=np.int16)


def _is_ink_dark(small: Image.Image) -> bool:
    """Strokes are narrower than the ground between them, so they lie further from the local mean.

    The sign of the third moment tells to which side.
    """
    mean = np.asarray(small.filter(ImageFilter.GaussianBlur(COARSE / 12)), dtype=np.float32)
    return float(((np.asarray(small) - mean) ** 3).sum()) <= 0


def _open(grey: Bytes) -> Bytes:
    """Without what is lighter and narrower than WINDOW: the least around, then the most of that."""
    around = np.pad(grey, WINDOW - 1, mode="edge")  # before both, or slopes end in steps
    return _extreme(_extreme(around, np.minimum), np.maximum)


def _extreme(padded: Bytes, of: np.ufunc) -> Bytes:
    """The least or the most within WINDOW x WINDOW pixels."""
    for axis in (0, 1):
        padded = of.reduce(sliding_window_view(padded, WINDOW, axis), axis=-1)
    return padded


def _stand_out(histogram: Histogram) -> tuple[bool, int]:
    """Whether ink is darker than its ground, and by how much from its threshold on.

    `histogram` [511] counts the differences from the ground, -255 to 255.
    """
    dark, light = histogram[254::-1], histogram[256:]  # index i: a difference of i + 1
    floor = max(FAINT, round(NOISE * _noise(histogram)))
    is_dark = _energy(dark, floor) >= _energy(light, floor)
    strong = _quantile(dark if is_dark else light, floor, 0.9)
    return is_dark, max(floor, round(PALE * strong))


def _noise(histogram: Histogram) -> float:
    """Standard deviation of the ground's noise, as if normal.

    The median tells it, unless ink fills more than half, as in a tight crop: then the quarter does,
    as far as whole numbers let it.
    """
    sizes = histogram[255:].copy()
    sizes[1:] += histogram[254::-1]
    places = histogram.sum() * np.array((0.25, 0.5))
    quarter, median = np.searchsorted(np.cumsum(sizes), places)
    return float(min(1.4826 * median, 3.14 * (quarter + 1)))


def _energy(side: Histogram, floor: int) -> float:
    sizes = np.arange(1, 256, dtype=np.float64)
    return float((side * sizes**2)[floor - 1 :].sum())


def _quantile(side: Histogram, floor: int, share: float) -> int:
    """The size below which `share` of a side's differences from `floor` on lie."""
    counts = np.cumsum(side[floor - 1 :])
    return floor + int(np.searchsorted(counts, share * counts[-1])) if counts.size else floor
