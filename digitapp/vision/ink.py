"""From a grey picture to ink: the ground and its light are taken away.

Whatever the picture was (a photo in shadow, white chalk, a drawing on nothing), what leaves this
module is ink on empty ground: 0 where there is none, the more the more it differs from the ground.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.marks import Bytes, Picture, Scan

Histogram = NDArray[np.int64]
Mask = NDArray[np.bool_]

TONE = 10
"""Greys of one tone differ by no more than this to either side, of 255."""

FLAT = 0.5
"""The ground is one tone when at least this share of the picture's border has it."""

MOSTLY = 0.7
"""Ink never fills more than this share; if it seems to, the border is not the ground."""

SHEET = 0.85
"""Ink that fills at least this share of its box is a sheet of paper, a screen or a frame."""

STROKES = 0.4
"""Ink that fills less of the rows and columns that it is in is strokes at first sight."""

SMALLEST_SHEET = 0.1
"""Share of the picture that a sheet takes at least."""

RIM = 0.12
"""A frame's lines are within this share of its shorter side from its edges ..."""

RULED = 0.8
"""... and fill at least this share of a row or column of pixels there."""

INNERMOST = 0.3
"""What a frame holds is at least this share of the picture's longer side, both ways."""

WRITTEN = 0.2
"""Writing on a sheet or in a frame reaches over at least this share of its shorter side."""

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

STEP = 0.35
"""An edge is crisp that rises by this share of the threshold from one pixel to the next."""

CRISP = 0.85
"""Share of ink's edges that are crisp at least, on a ground of one tone."""

FIRM = 0.9
"""The same in a tight crop, whose two tones lie further apart."""

FEW = 0.2
"""A picture in which no more than this share differs from its corner is counted the quicker way."""

FAINT = 15
"""Ink that differs from its ground by less, of 255, is none: paper, dust, JPEG's blocks."""

NOISE = 4.0
"""Ink stands out by this many standard deviations of the ground's noise."""

PALE = 0.25
"""Ink paler than this share of the picture's dark ink is smear or anti-aliasing's last trace."""

CLEAR = 1.5
"""Dark ink exceeds the threshold this many times, or the ground is not of one tone."""

ALIKE = 0.1
"""Correlation of neighbouring pixels up to which a picture is noise; of heavily peppered digits it
is more."""

OUTLINE = 28
"""Neighbours that differ by FAINT or more around a digit in 28x28 pixels at least: the smallest of
MNIST-C have 30, paper has up to 26."""

CONTRAST = 64
"""Greys between the lightest and the darkest of a picture that is read as it is, at least."""

NO_INK = 256
"""A threshold that no ink reaches."""

SQUARES = np.arange(1, 256) ** 2
"""Of the differences that one side of a ground's histogram counts."""

SMALL = 64
"""A picture that is cut out tightly is small if its longer side has at most so many pixels."""

COARSE = 96
"""Longer side in pixels of the copy on which dark ink is told from light."""

WINDOW = 0.18
"""Side of a square that no stroke fills and the ground does, as a share of the longer side."""

BLOT = 0.7
"""Ink that fills a square of this share of the window is none."""

ROOM = 128
"""Differences grow where the ground leaves less room than this, but noise not above twice."""


@dataclass(frozen=True)
class Ink:
    """What differs from the ground, [rows, columns]; from `threshold` on it counts as ink."""

    values: Bytes
    threshold: int

    @cached_property
    def mask(self) -> Mask:
        """Where there is ink."""
        return np.asarray(self.values >= self.threshold)

    @cached_property
    def lines(self) -> tuple[Mask, Mask]:
        """Which rows and which columns hold ink."""
        return np.asarray(self.mask.any(axis=1)), np.asarray(self.mask.any(axis=0))

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of all ink; zeros where there is none."""
        rows, columns = self.lines
        if not rows.any():
            return 0, 0, 0, 0
        left, top = int(columns.argmax()), int(rows.argmax())
        right, bottom = int(columns[::-1].argmax()), int(rows[::-1].argmax())
        return left, top, len(columns) - right, len(rows) - bottom


def find_ink(scan: Scan) -> Picture:
    """Take the ground away. Ink is what is on the ground's rarer side: dark or light."""
    ink = _on_its_ground(scan.grey)
    if _is_dust(ink.mask):
        return Picture(ink.values, NO_INK, scan.width, scan.height)
    if inside := _sheet(ink) or _inside_frame(ink):
        inner = _on_its_ground(scan.grey[inside])
        if _is_written_on(inner):
            values = np.zeros_like(ink.values)
            values[inside] = inner.values
            ink = Ink(values, inner.threshold)
    ink = _without_lines(ink)
    return Picture(ink.values, ink.threshold, scan.width, scan.height)


def as_it_is(scan: Scan) -> Picture | None:
    """The picture with its ground and all, as light ink; None of one that shows nothing: noise,
    paper, light that slowly changes.
    """
    if _is_noise(scan.grey) or _is_smooth(scan.grey) or _is_pale(scan.grey):
        return None
    ink = ~scan.grey if _is_ink_dark(scan.grey) else scan.grey
    return Picture(ink, FAINT, scan.width, scan.height)


def _is_noise(grey: Bytes) -> bool:
    """Whether neighbours are no more alike than by chance: by their correlation, from -1 to 1."""
    values = grey.astype(np.float32) - np.float32(grey.mean())
    down, across = (values[1:] * values[:-1]).mean(), (values[:, 1:] * values[:, :-1]).mean()
    return float(down + across) / 2 <= ALIKE * float(np.square(values).mean())


def _is_smooth(grey: Bytes) -> bool:
    """Whether next to no neighbours differ as ink and ground do."""
    ends = (grey[1:], grey[:-1]), (grey[:, 1:], grey[:, :-1])
    steps = sum(np.count_nonzero(np.maximum(*end) - np.minimum(*end) >= FAINT) for end in ends)
    return bool(steps < OUTLINE)


def _is_pale(grey: Bytes) -> bool:
    """Whether light and dark, but for a hundredth of each, lie too near each other for writing."""
    low, high = np.quantile(grey, (0.01, 0.99))
    return bool(high - low < CONTRAST)


def _is_dust(mask: Mask) -> bool:
    """The same of ink and ground alone: whether ink has no more ink beside it than by chance.

    Nor at its corners: a thin pen's slanted line has it there alone.
    """
    share = np.count_nonzero(mask) / mask.size
    line, width = mask.ravel(), mask.shape[1]  # a row's end beside the next one's start is no harm
    beside, aslant = (1, width), (width - 1 or 1, width + 1)
    pairs = (
        sum(np.count_nonzero(line[step:] & line[:-step]) for step in steps) / 2 / mask.size
        for steps in (beside, aslant)
    )
    return all(pair - share**2 <= ALIKE * share * (1 - share) for pair in pairs)


def _is_written_on(ink: Ink) -> bool:
    """Whether there is ink on a sheet or in a frame, more than grain and less than a ground."""
    if not 0 < np.count_nonzero(ink.mask) < ink.mask.size / 3:
        return False
    left, top, right, bottom = ink.box
    return bool(max(right - left, bottom - top) - 1 >= WRITTEN * min(ink.mask.shape))


def _on_its_ground(picture: Bytes) -> Ink:
    """Ink on a ground of one tone, or else on one that varies."""
    if found := _on_one_tone(picture) or _in_tight_crop(picture):
        return found
    is_dark = _is_ink_dark(picture)
    found = _on_uneven_ground(~picture if is_dark else picture)
    if not _has_blot(found):
        return found
    # A sheet on a table outweighs what is written on it: then its other side has the ink.
    other = _on_uneven_ground(picture if is_dark else ~picture)
    return other if not _has_blot(other) and _is_crisper(other, found) else found


def _on_uneven_ground(picture: Bytes) -> Ink:
    """Ink where it is light and the ground varies."""
    difference = _even_out(picture)
    histogram = np.bincount(difference.ravel() + 255, minlength=511)
    threshold, _ = _threshold(histogram[256:], _floor(histogram))
    return Ink(np.maximum(difference, 0).astype(np.uint8), threshold)


def _is_crisper(one: Ink, other: Ink) -> bool:
    """Whether there is ink, and it ends more as strokes do than the other's."""
    return _is_written_on(one) and _crispness(one) > _crispness(other)


def _has_blot(ink: Ink) -> bool:
    """Whether ink fills a square that no stroke does."""
    side = round(BLOT * _window(ink.mask.shape))
    return bool(_extreme(ink.mask.view(np.uint8), side, np.minimum).any())


def _on_one_tone(picture: Bytes) -> Ink | None:
    """Ink if the ground has one tone and what differs from it looks like ink.

    The border tells the ground's tone, or where ink fills the border, as in a tight crop, the
    whole picture does.
    """
    counts = _histogram(picture)
    for some in (np.bincount(_border(picture), minlength=256), counts):
        ground, share = _tone(some)
        if share >= FLAT and (found := _on_tone(picture, counts, ground)):
            return found
    return None


def _histogram(picture: Bytes) -> Histogram:
    """How many pixels have each tone, [256]."""
    others = picture != picture[0, 0]
    if np.count_nonzero(others) > FEW * picture.size:
        return np.array(Image.fromarray(picture).histogram())
    counts = np.bincount(picture[others], minlength=256)  # as on most canvases: count the rest
    counts[picture[0, 0]] = picture.size - counts.sum()
    return counts


def _on_tone(picture: Bytes, counts: Histogram, ground: int) -> Ink | None:
    """The same for a given tone of the ground; `counts` [256] is the picture's histogram."""
    histogram = np.zeros(511, dtype=np.int64)
    histogram[255 - ground : 511 - ground] = counts
    is_dark, threshold, strong = _stand_out(histogram)
    if strong < CLEAR * threshold:
        return None
    level = np.uint8(ground)
    is_ink = picture < level if is_dark else picture > level
    ink = Ink((level - picture if is_dark else picture - level) * is_ink, threshold)
    if not 0 < np.count_nonzero(ink.mask) <= MOSTLY * picture.size or _crispness(ink) < CRISP:
        return None
    return None if _is_shadow(ink.mask) and not _sheet(ink) else ink


def _in_tight_crop(picture: Bytes) -> Ink | None:
    """Ink in a small picture that was cut out along it.

    So little ground is left there that nothing tells its light: two tones are all there is, parted
    where they differ most (Otsu, "A threshold selection method from gray-level histograms", 1979).
    """
    if max(picture.shape) > SMALL:
        return None
    level = _two_tones(_histogram(picture))
    is_light = picture > level
    mask = ~is_light if _is_ink_dark(picture) else is_light
    ends = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    if not all(end.any() for end in ends) or mask.all():
        return None
    ground, written = float(np.median(picture[~mask])), float(np.median(picture[mask]))
    values = np.clip((picture - ground) * np.sign(written - ground), 0, 255).astype(np.uint8)
    ink = Ink(values, round(abs(written - ground) / 2))
    return ink if ink.threshold >= FAINT and _crispness(ink) >= FIRM else None


def _two_tones(counts: Histogram) -> int:
    """The grey up to which a histogram [256] is the darker of two tones."""
    tones = np.arange(256)
    below, sums = np.cumsum(counts), np.cumsum(counts * tones)
    above = below[-1] - below
    parts = np.maximum(below * above, 1).astype(np.float64)
    between = (sums[-1] * below.astype(np.float64) - sums * float(below[-1])) ** 2 / parts
    return int(between.argmax())


def _crispness(ink: Ink) -> float:
    """The share of ink's outline where it ends within a pixel or two.

    Strokes do, shadows do not.
    """
    left, top, right, bottom = ink.box
    # With a pixel more to each side; the rest has no edges.
    around = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
    width = ink.mask[around].shape[1]
    line, mask = ink.values[around].ravel(), ink.mask[around].ravel()
    down, across = mask[width:] ^ mask[:-width], mask[1:] ^ mask[:-1]
    across[width - 1 :: width] = False  # a row's end is not beside the next one's start
    least = math.ceil(STEP * ink.threshold)
    crisp = _steps(line, width, least) & down, _steps(line, 1, least) & across
    outline = sum(map(np.count_nonzero, (down, across)))
    return sum(map(np.count_nonzero, crisp)) / outline if outline else 1.0


def _steps(line: Bytes, step: int, least: int) -> Mask:
    """Where pixels of a picture, row by row, differ by `least` or more from those `step` before."""
    one, other = line[step:], line[:-step]
    return np.asarray(np.maximum(one, other) - np.minimum(one, other) >= least)


def _sheet(ink: Ink) -> tuple[slice, slice] | None:
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


def _inside_frame(ink: Ink) -> tuple[slice, slice] | None:
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


def _without_lines(ink: Ink) -> Ink:
    """Ink without a ruled or squared paper's lines.

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
        return Ink(without, threshold)
    above = np.where(values > SPREAD * line, values, 0).astype(np.uint8)
    return Ink(above, round(max(strong / 2, SPREAD * line)))


def _without_ruling(ink: Bytes, threshold: int) -> Bytes:
    """Ink without straight lines from left to right at even distances, three at least.

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


def _border(picture: Bytes) -> Bytes:
    edge = max(min(picture.shape) // 50, 1)
    sides = picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def _tone(counts: Histogram) -> tuple[int, float]:
    """The commonest tone in a histogram [256], and the share that has it."""
    around = np.convolve(counts, np.ones(2 * TONE + 1, dtype=np.int64), mode="same")
    best = int(around.argmax())
    near = slice(max(best - TONE, 0), best + TONE + 1)
    middle = counts[near].cumsum().searchsorted(around[best] / 2)
    return near.start + int(middle), float(around[best] / counts.sum())


def _even_out(picture: Bytes) -> NDArray[np.int16]:
    """Difference from a ground that varies, as a share of the room it leaves: shadows vanish.

    Ink is light, its difference positive. The ground is the picture without what is narrower than
    a window: an opening (Serra, "Image analysis and mathematical morphology", 1982). It keeps a
    shadow's edge as sharp as it is.
    """
    calm = Image.fromarray(picture).filter(ImageFilter.BoxBlur(1))  # the most of noise lies high
    ground = _open(np.asarray(calm), _window(picture.shape)).astype(np.float32)
    difference = picture - ground
    difference -= np.median(difference)
    shares = np.rint(difference * (255 / np.maximum(255 - ground, ROOM))).clip(-255, 255)
    return np.asarray(shares, dtype=np.int16)


def _is_ink_dark(picture: Bytes) -> bool:
    """Strokes are narrower than the ground between them, so they lie further from the local mean.

    The sign of the third moment tells to which side.
    """
    small = Image.fromarray(picture)
    small.thumbnail((COARSE, COARSE), Image.Resampling.BOX)
    mean = np.asarray(small.filter(ImageFilter.GaussianBlur(COARSE / 12)), dtype=np.float32)
    return float(((np.asarray(small) - mean) ** 3).sum()) <= 0


def _window(shape: tuple[int, ...]) -> int:
    """Side of the square that no stroke fills and the ground does, in pixels; odd."""
    return round(max(shape) * WINDOW / 2) * 2 + 1


def _is_shadow(mask: Mask) -> bool:
    """Whether what seems ink fills a window in a corner of the picture, as no stroke does."""
    side = _window(mask.shape)
    ends = (0, slice(side)), (-1, slice(-side, None))
    return any(
        bool(mask[y, x]) and bool(mask[rows, columns].all())  # the corner itself tells most
        for y, rows in ends
        for x, columns in ends
    )


def _open(grey: Bytes, side: int) -> Bytes:
    """Without what is lighter and narrower than `side`: the least around, then the most of that.

    The most is taken one pixel further, so that edges which were softened leave no line.
    """
    around = np.pad(grey, side, mode="edge")  # before both, or slopes end in steps
    return _extreme(_extreme(around, side, np.minimum), side + 2, np.maximum)


def _extreme(padded: Bytes, side: int, of: np.ufunc) -> Bytes:
    """The least or the most within `side` x `side` pixels: each step doubles what one has seen."""
    seen = 1
    while seen < side:
        step = min(seen, side - seen)
        padded = of(padded[step:], padded[:-step])
        padded = of(padded[:, step:], padded[:, :-step])
        seen += step
    return padded


def _stand_out(histogram: Histogram) -> tuple[bool, int, int]:
    """Whether ink is darker than its ground, its threshold, and what dark ink has.

    `histogram` [511] counts the differences from the ground, -255 to 255.
    """
    dark, light = histogram[254::-1], histogram[256:]  # index i: a difference of i + 1
    floor = _floor(histogram)
    is_dark = _energy(dark, floor) >= _energy(light, floor)
    return is_dark, *_threshold(dark if is_dark else light, floor)


def _threshold(side: Histogram, floor: int) -> tuple[int, int]:
    """From which difference on it is ink, to one side of the ground, and what dark ink has."""
    strong = _quantile(side, floor, 0.9)
    return max(floor, round(PALE * strong)), strong


def _floor(histogram: Histogram) -> int:
    """The least difference that stands out from the ground's noise."""
    return max(FAINT, round(NOISE * _noise(histogram)))


def _noise(histogram: Histogram) -> float:
    """Standard deviation of the ground's noise, as if normal.

    The median tells it, unless ink fills more than half, as in a tight crop: then the quarter does,
    as far as whole numbers let it.
    """
    sizes = histogram[255:].copy()
    sizes[1:] += histogram[254::-1]
    within = sizes.cumsum()
    quarter, median = within.searchsorted((0.25 * within[-1], 0.5 * within[-1]))
    return float(min(1.4826 * median, 3.14 * (quarter + 1)))


def _energy(side: Histogram, floor: int) -> float:
    return float(side[floor - 1 :] @ SQUARES[floor - 1 :])


def _quantile(side: Histogram, floor: int, share: float) -> int:
    """The size below which `share` of a side's differences from `floor` on lie."""
    counts = np.cumsum(side[floor - 1 :])
    return floor + int(np.searchsorted(counts, share * counts[-1])) if counts.size else floor
