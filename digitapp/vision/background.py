"""The background of a picture, plain or uneven, and what stands out from it as foreground."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.vision.levels import (
    FAINT,
    Foreground,
    Histogram,
    commonest_tone,
    histogram,
    noise_floor,
    stand_out,
    threshold_of,
    two_tones,
)
from digitapp.vision.paper import sheet
from digitapp.vision.types import Bytes, Mask

FLAT = 0.5
"""The background is plain if at least this share of the picture's border has one tone."""

MOSTLY = 0.7
"""Ink never fills more than this share; if it seems to, the border is not the background."""

WRITTEN = 0.2
"""Writing on a sheet or in a frame spans at least this share of its shorter side."""

STEP = 0.35
"""An edge is crisp if it rises by this share of the threshold from one pixel to the next."""

CRISP = 0.85
"""On a plain background at least this share of the ink's edges is crisp."""

FIRM = 0.9
"""The same in a tight crop, whose two tones lie further apart."""

CLEAR = 1.5
"""On a plain background strong ink is at least this many times the threshold."""

SMALL = 64
"""A tight crop has at most so many pixels along its longer side."""

COARSE = 96
"""Dark ink is told from light on a copy whose longer side has so many pixels."""

WINDOW = 0.18
"""Side of a square that the background fills and no stroke does, as a share of the longer side."""

BLOT = 0.7
"""What fills a square of this share of the window is no ink."""

ROOM = 128
"""Differences are stretched where the background leaves less room than 255, at most to twice."""


def foreground(picture: Bytes) -> Foreground:
    """The ink of a grey picture: on a plain background, or else on one that varies."""
    if found := _on_plain_background(picture) or _in_tight_crop(picture):
        return found
    is_dark = is_ink_dark(picture)
    found = _on_uneven_background(~picture if is_dark else picture)
    if not _has_blot(found):
        return found
    # A sheet on a table outweighs the writing on it: then the ink is on the other side of grey.
    other = _on_uneven_background(picture if is_dark else ~picture)
    return other if not _has_blot(other) and _is_crisper(other, found) else found


def is_written_on(ink: Foreground) -> bool:
    """Whether a sheet or a frame holds writing: more than grain and less than a background."""
    if not 0 < np.count_nonzero(ink.mask) < ink.mask.size / 3:
        return False
    left, top, right, bottom = ink.box
    return bool(max(right - left, bottom - top) - 1 >= WRITTEN * min(ink.mask.shape))


def _on_plain_background(picture: Bytes) -> Foreground | None:
    """The ink if the background has one tone and what differs from it looks like ink.

    The border tells the background's tone. Where ink fills the border, as in a tight crop, the
    whole picture does.
    """
    counts = histogram(picture)
    for some in (np.bincount(_border(picture), minlength=256), counts):
        background, share = commonest_tone(some)
        if share >= FLAT and (found := _on_tone(picture, counts, background)):
            return found
    return None


def _on_tone(picture: Bytes, counts: Histogram, background: int) -> Foreground | None:
    """The same for a given tone of the background; `counts` [256] is the picture's histogram."""
    histogram = np.zeros(511, dtype=np.int64)
    histogram[255 - background : 511 - background] = counts
    is_dark, threshold, strong = stand_out(histogram)
    if strong < CLEAR * threshold:
        return None
    level = np.uint8(background)
    is_ink = picture < level if is_dark else picture > level
    ink = Foreground((level - picture if is_dark else picture - level) * is_ink, threshold)
    if not 0 < np.count_nonzero(ink.mask) <= MOSTLY * picture.size or _crispness(ink) < CRISP:
        return None
    return None if _is_shadow(ink.mask) and not sheet(ink) else ink


def _in_tight_crop(picture: Bytes) -> Foreground | None:
    """The ink of a small picture that was cut out along it.

    So little background is left there that nothing tells its light. Two tones are all there is, and
    they are split where they differ most (Otsu, "A threshold selection method from gray-level
    histograms", 1979).
    """
    if max(picture.shape) > SMALL:
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


def _on_uneven_background(picture: Bytes) -> Foreground:
    """The ink of a picture whose background varies and whose ink is light."""
    difference = _even_out(picture)
    histogram = np.bincount(difference.ravel() + 255, minlength=511)
    threshold, _ = threshold_of(histogram[256:], noise_floor(histogram))
    return Foreground(np.maximum(difference, 0).astype(np.uint8), threshold)


def _is_crisper(one: Foreground, other: Foreground) -> bool:
    """Whether `one` holds writing whose edges are crisper than the other's."""
    return is_written_on(one) and _crispness(one) > _crispness(other)


def _has_blot(ink: Foreground) -> bool:
    """Whether ink fills a square that no stroke does."""
    side = round(BLOT * _window(ink.mask.shape))
    return bool(_extreme(ink.mask.view(np.uint8), side, np.minimum).any())


def _crispness(ink: Foreground) -> float:
    """The share of the ink's outline where it ends within a pixel or two.

    Strokes end like that, shadows do not.
    """
    left, top, right, bottom = ink.box
    # One pixel more on each side holds all edges.
    around = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
    width = ink.mask[around].shape[1]
    line, mask = ink.values[around].ravel(), ink.mask[around].ravel()
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


def _border(picture: Bytes) -> Bytes:
    edge = max(min(picture.shape) // 50, 1)
    sides = picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def _even_out(picture: Bytes) -> NDArray[np.int16]:
    """The difference from a background that varies, so that shadows vanish.

    It is a share of the room up to white that the background leaves. Ink is light here and its
    difference positive. The background is the picture without what is narrower than a window: an
    opening (Serra, "Image analysis and mathematical morphology", 1982), which keeps a shadow's edge
    sharp.
    """
    calm = Image.fromarray(picture).filter(ImageFilter.BoxBlur(1))  # else noise lifts the maximum
    background = _open(np.asarray(calm), _window(picture.shape)).astype(np.float32)
    difference = picture - background
    difference -= np.median(difference)
    shares = np.rint(difference * (255 / np.maximum(255 - background, ROOM))).clip(-255, 255)
    return np.asarray(shares, dtype=np.int16)


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


def _is_shadow(mask: Mask) -> bool:
    """Whether the mask fills a window in a corner of the picture. No stroke does."""
    side = _window(mask.shape)
    ends = (0, slice(side)), (-1, slice(-side, None))
    return any(
        bool(mask[y, x]) and bool(mask[rows, columns].all())  # the corner alone rules most out
        for y, rows in ends
        for x, columns in ends
    )


def _open(grey: Bytes, side: int) -> Bytes:
    """The picture without what is lighter than its surroundings and narrower than `side`.

    An opening: the minimum of each neighbourhood, then the maximum of those. The maximum reaches
    one pixel further, so that soft edges leave no line.
    """
    around = np.pad(grey, side, mode="edge")  # padded once, or slopes end in steps
    return _extreme(_extreme(around, side, np.minimum), side + 2, np.maximum)


def _extreme(padded: Bytes, side: int, of: np.ufunc) -> Bytes:
    """The minimum or maximum within `side` x `side` pixels: each step doubles the reach."""
    seen = 1
    while seen < side:
        step = min(seen, side - seen)
        padded = of(padded[step:], padded[:-step])
        padded = of(padded[:, step:], padded[:, :-step])
        seen += step
    return padded
