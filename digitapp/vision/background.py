"""A plain background, and what stands out from it as foreground."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from digitapp.vision.levels import (
    FAINT,
    Foreground,
    Histogram,
    commonest_tone,
    histogram,
    stand_out,
    two_tones,
)
from digitapp.vision.types import Box, Bytes, Mask, connect

FLAT = 0.5
"""The background is plain if at least this share of the picture's border has one tone."""

MOSTLY = 0.7
"""Ink never fills more than this share; if it seems to, the border is not the background."""

STEP = 0.35
"""An edge is crisp if it rises by this share of the threshold from one pixel to the next."""

CRISP = 0.85
"""On a plain background at least this share of the ink's edges is crisp."""

FIRM = 0.9
"""The same in a tight crop, whose two tones lie further apart."""

CLEAR = 1.5
"""On a plain background strong ink is at least this many times the threshold."""

TIGHT = 64
"""A tight crop has at most so many pixels along its longer side."""

PALE = 6
"""What differs by so much from a plain background, of 255, is more than a picture's compression."""

EDGE = 3
"""What lies within so many pixels of ink is its soft edge."""

SMEAR = 0.12
"""What is pale and reaches over this share of the picture's longer side is a line, or writing."""

MOST = 200
"""More pale pieces than this are a texture."""

GRAIN = 0.0005
"""At most this share of a picture is pale and no edge of ink: dust, a smear."""

COARSE = 96
"""Dark ink is told from light on a copy whose longer side has so many pixels."""

WINDOW = 0.18
"""Side of a square that the background fills and no stroke does, as a share of the longer side."""


def on_plain_background(picture: Bytes, around: Box) -> Foreground | None:
    """The ink of a picture that is a drawing, a clean scan or a small crop; None of all others.

    `around` is what `levels.varied` says of it.
    """
    return _on_plain_background(picture, around) or _in_tight_crop(picture)


def _on_plain_background(picture: Bytes, around: Box) -> Foreground | None:
    """The ink if the background has one tone and what differs from it looks like ink.

    The border tells the background's tone. Where ink fills the border, as in a tight crop, the
    whole picture does.
    """
    counts = histogram(picture, around)
    for background, share in _tones(picture, around, counts):
        if share >= FLAT and (found := _on_tone(picture, around, counts, background)):
            return found
    return None


def _tones(picture: Bytes, around: Box, counts: Histogram) -> Iterator[tuple[int, float]]:
    """The commonest tone of the border and then of all, and the share of pixels that have it."""
    edge = max(min(picture.shape) // 50, 1)
    rows, columns = picture.shape
    ends = around.x, around.y, columns - around.right, rows - around.bottom
    if min(ends) >= edge:  # as on most canvases
        yield int(picture[0, 0]), 1.0
    else:
        yield commonest_tone(np.bincount(_border(picture, edge), minlength=256))
    yield commonest_tone(counts)


def _on_tone(picture: Bytes, around: Box, counts: Histogram, background: int) -> Foreground | None:
    """The same for a given tone of the background; `counts` [256] is the picture's histogram."""
    histogram = np.zeros(511, dtype=np.int64)
    histogram[255 - background : 511 - background] = counts
    is_dark, threshold, strong = stand_out(histogram)
    if strong < CLEAR * threshold:
        return None
    if background != picture[0, 0]:
        around = Box(0, 0, picture.shape[1], picture.shape[0])
    part, level = np.ascontiguousarray(picture[around.place]), np.uint8(background)
    is_ink = part < level if is_dark else part > level
    ink = Foreground((level - part if is_dark else part - level) * is_ink, threshold)
    if not 0 < np.count_nonzero(ink.mask) <= MOSTLY * picture.size or _crispness(ink) < CRISP:
        return None
    values = np.zeros_like(picture)
    values[around.place] = ink.values
    if _is_shadow(values, threshold) or _has_pale_ink(part, background, ink, picture.shape):
        return None
    return Foreground(values, threshold, around)


def _has_pale_ink(part: Bytes, background: int, ink: Foreground, shape: tuple[int, ...]) -> bool:
    """Whether there is something paler than ink and apart from it, such as ruled lines.

    `part` is that of a picture of `shape` in which all ink is.
    """
    pale = part <= background - PALE
    if background + PALE <= 255:  # not on white
        pale |= part >= background + PALE
    others = pale.ravel() & ~_grown(ink.mask)
    if np.count_nonzero(others) <= GRAIN * math.prod(shape):  # as on most canvases
        return False
    found = connect(others.reshape(part.shape))
    if found.count > MOST:
        return True
    sides = found.boxes[:, 2:] - found.boxes[:, :2] - 1
    return bool(sides.max() >= SMEAR * max(shape))


def _grown(mask: Mask) -> Mask:
    """A mask, row by row, and what lies near it; that one row meets the next does no harm."""
    line = mask.ravel()
    for step in (1, mask.shape[1]):
        for reach in (step, step * (EDGE - 1)):
            near = line.copy()
            near[reach:] |= line[:-reach]
            near[:-reach] |= line[reach:]
            line = near
    return line


def _in_tight_crop(picture: Bytes) -> Foreground | None:
    """The ink of a small picture that was cut out along it.

    So little background is left there that nothing tells its light. Two tones are all there is, and
    they are split where they differ most (Otsu, "A threshold selection method from gray-level
    histograms", 1979).
    """
    if max(picture.shape) > TIGHT:
        return None
    level = two_tones(histogram(picture))
    is_light = picture > level
    mask = ~is_light if is_ink_dark(picture) else is_light
    ends = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    if not all(end.any() for end in ends) or mask.all():
        return None
    paper, written = float(np.median(picture[~mask])), float(np.median(picture[mask]))
    values = np.clip((picture - paper) * np.sign(written - paper), 0, 255).astype(np.uint8)
    ink = Foreground(values, round(abs(written - paper) / 2))
    return ink if ink.threshold >= FAINT and _crispness(ink) >= FIRM else None


def _crispness(ink: Foreground) -> float:
    """The share of the ink's outline where it ends within a pixel or two.

    Strokes end like that, shadows do not.
    """
    width = ink.mask.shape[1]
    line, mask = ink.values.ravel(), ink.mask.ravel()
    down, across = mask[width:] ^ mask[:-width], mask[1:] ^ mask[:-1]
    across[width - 1 :: width] = False  # the end of a row is not beside the start of the next
    least = math.ceil(STEP * ink.threshold)
    crisp = _steps(line, width, least) & down, _steps(line, 1, least) & across
    outline = sum(map(np.count_nonzero, (down, across)))
    return sum(map(np.count_nonzero, crisp)) / outline if outline else 1.0


def _steps(line: Bytes, step: int, least: int) -> Mask:
    """Where pixels of a picture, row by row, differ by `least` or more from those `step` before."""
    one, other = line[step:], line[:-step]
    return np.asarray(np.maximum(one, other) - np.minimum(one, other) >= least)


def _border(picture: Bytes, edge: int) -> Bytes:
    sides = picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def is_ink_dark(picture: Bytes) -> bool:
    """Whether ink is darker than the background.

    Strokes are narrower than the background between them, so they lie further from the local mean.
    The sign of the third moment tells to which side.
    """
    small = Image.fromarray(picture)
    small.thumbnail((COARSE, COARSE), Image.Resampling.BOX)
    mean = np.asarray(small.filter(ImageFilter.GaussianBlur(COARSE / 12)), dtype=np.float32)
    return float(((np.asarray(small) - mean) ** 3).sum()) <= 0


def _window(shape: tuple[int, ...]) -> int:
    """Side of the square that no stroke fills and the background does, in pixels; odd."""
    return round(max(shape) * WINDOW / 2) * 2 + 1


def _is_shadow(values: Bytes, threshold: int) -> bool:
    """Whether ink fills a window in a corner of the picture. No stroke does."""
    side = _window(values.shape)
    ends = (0, slice(side)), (-1, slice(-side, None))
    return any(
        # The corner alone rules most out.
        bool(values[y, x] >= threshold) and bool((values[rows, columns] >= threshold).all())
        for y, rows in ends
        for x, columns in ends
    )
