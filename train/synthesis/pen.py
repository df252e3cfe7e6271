"""Digits that our own pen writes: glyphs, varied as hands vary, drawn and normalised.

They bring the styles that MNIST's American hands do not show: the flagged and barred 1, the
crossed 7, the open 4, the 5 in two strokes, the slashed 0, the looped 2.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digitapp.vision.normalize import INNER, normalize
from digitapp.vision.types import Grey, bounds
from train.synthesis.glyphs import DIGITS, Points, smooth, strokes

SHEET = 112
"""Side in pixels of the sheet that is drawn on, four times the CNN's input."""

CLASSES = (0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9)
"""The digits in turn. The 1 comes twice: its forms differ most from MNIST's."""

WIDEST = 9.0
"""Widest brush in pixels of the CNN's input."""

FULL = 1.5
"""Strokes have run together if a square of this many stroke widths is full of ink."""

FILLED = 0.8 * SHEET
"""Longer side of a sign on the sheet, in its pixels; the CNN's input gives it INNER."""

Random = np.random.Generator


def digits(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw `count` digits: images [count, 28, 28, 1] from 0 to 1, labels [count]."""
    random = np.random.default_rng(seed)
    labels = np.resize(CLASSES, count)
    images = [write(pick(DIGITS[int(label)], random), random, label == 1) for label in labels]
    return np.stack(images)[..., np.newaxis], labels.astype(np.int64)


def slashed(digits: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Zeros with a slash or a bar, [count, 28, 28, 1]; `digits` [N, 28, 28, 1] are zeros."""
    random = np.random.default_rng((seed, 3))
    return np.stack(
        [_slashed(digits[i, ..., 0], random) for i in random.integers(0, len(digits), count)]
    )


def _slashed(zero: Grey, random: Random) -> Grey:
    """A zero with a line through its middle, from edge to edge, shorter or longer."""
    side = int(SHEET * random.uniform(0.45, 1.0))  # a long line needs room
    small = Image.fromarray(np.rint(zero * 255).astype(np.uint8))
    large = Image.new("L", (SHEET, SHEET))
    place = ((SHEET - side) // 2,) * 2
    large.paste(small.resize((side, side), Image.Resampling.BICUBIC), place)
    box = bounds(np.asarray(large) > 100)
    middle = np.array((box.x + box.width / 2, box.y + box.height / 2)) + random.normal(0, 4, 2)
    angle = random.choice(
        (random.uniform(0.5, 1.5), random.uniform(-0.25, 0.25), random.uniform(-1.2, -0.5)),
        p=(0.8, 0.12, 0.08),
    )
    half = np.array((np.cos(angle) * box.width, -np.sin(angle) * box.height)) / 2
    half *= random.uniform(0.6, 1.4) if random.random() < 0.5 else random.uniform(1.4, 2.6)
    ends = [tuple(float(each) for each in middle + side * half) for side in (-1, 1)]
    width = max(round(float(random.normal(9, 2.5))), 3)
    ImageDraw.Draw(large).line(ends, fill=255, width=width)
    soft = large.filter(ImageFilter.GaussianBlur(1.5))
    return normalize(
        crop(np.asarray(soft, dtype=np.float32) / np.float32(255) * (np.asarray(soft) > 25))
    )[..., np.newaxis]


def pick(glyphs: Sequence[str], random: Random) -> str:
    """One of the ways to write a sign."""
    return glyphs[int(random.integers(len(glyphs)))]


def write(glyph: str, random: Random, solid: bool = False) -> Grey:
    """One sign by one imagined hand, [28, 28].

    Loops stay open. A `solid` sign has no loops, so that a brush of any width may write it.
    """
    return trace([smooth(_shake(points, random)) for points in strokes(glyph)], random, solid)


def trace(curves: Sequence[Points], random: Random, solid: bool = False) -> Grey:
    """Strokes, each [N, 2] from 0 to 100, as one imagined hand writes them; see `write`."""
    curves = place(_hand(curves, random))
    if solid and random.random() < 0.4:
        ink = draw(curves, float(random.uniform(1.2, WIDEST)) * FILLED / INNER)
    else:
        ink = draw_open(curves, float(random.lognormal(np.log(2.4), 0.4)) * FILLED / INNER)
    return normalize(coarsen(ink, random) if random.random() < 0.25 else ink)


def draw_open(curves: Sequence[Points], width: float) -> Grey:
    """Draw with a pen of this width, or with the widest that keeps loops open: no 0 is a blot."""
    ink = draw(curves, width)
    while width > 3 and _is_full(ink, FULL * width):
        width *= 0.85
        ink = draw(curves, width)
    return ink


def _is_full(ink: Grey, side: float) -> bool:
    """Whether any square of `side` pixels is full of ink."""
    sheet = Image.fromarray(np.pad(ink * 255, 1).astype(np.uint8))
    return bool(np.asarray(sheet.filter(ImageFilter.BoxBlur((side - 1) / 2))).max() >= 250)


def coarsen(ink: Grey, random: Random) -> Grey:
    """Ink as a coarse scanner gives it: few pixels, ragged edges, no greys."""
    side = int(random.integers(20, 40))
    height, width = ink.shape
    size = (
        max(1, round(width * side / max(ink.shape))),
        max(1, round(height * side / max(ink.shape))),
    )
    small = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))
    rough = small + random.normal(0, random.uniform(0.05, 0.3), small.shape)
    return (rough > 0.5).astype(np.float32) if (rough > 0.5).any() else small


def _shake(points: Points, random: Random) -> Points:
    """Move control points a little, one stroke as a whole, and its ends along its path."""
    corner = np.all(np.diff(points, axis=0, prepend=np.nan) == 0, axis=1)
    moves = random.normal(0, 4.5, points.shape)
    moves[corner] = moves[np.flatnonzero(corner) - 1]  # both points of a corner move together
    shaken = points + moves + random.normal(0, 2.5, 2)
    for end, inner in ((0, 1), (-1, -2)):
        shaken[end] += (shaken[end] - shaken[inner]) * random.normal(0, 0.12)
    return shaken


def _hand(curves: Sequence[Points], random: Random) -> list[Points]:
    """Slant, proportion, turn and a slow bend, the same for all strokes of a sign."""
    angle = random.normal(0, 0.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, -random.normal(0.12, 0.22)], [0, 1]])
    proportion = np.diag([np.exp(random.normal(-0.38, 0.28)), 1.0])
    matrix = turn @ slant @ proportion
    wave, phase = random.normal(0, 3.5, (2, 2)), random.uniform(0, 2 * np.pi, (2, 2))
    bent = []
    for curve in curves:
        bend = np.stack([wave[i] @ np.sin(curve / 40 + phase[i]).T for i in range(2)], axis=-1)
        bent.append((curve - 50 + bend) @ matrix.T)
    return bent


def place(curves: list[Points], side: float = FILLED) -> list[Points]:
    """Scale and shift strokes so that they fill the middle of the sheet."""
    every = np.concatenate(curves)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = side / max(float((high - low).max()), 1.0)
    return [(curve - (low + high) / 2) * scale + SHEET / 2 for curve in curves]


def draw(curves: Sequence[Points], width: float) -> Grey:
    """Ink of strokes with round ends, [SHEET, SHEET], `width` in its pixels."""
    sheet = Image.new("L", (SHEET, SHEET))
    pencil = ImageDraw.Draw(sheet)
    radius = width / 2
    for curve in curves:
        path = [(float(x), float(y)) for x, y in curve]
        pencil.line(path, fill=255, width=max(round(width), 1), joint="curve")
        for x, y in (path[0], path[-1]):
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    ink = np.asarray(sheet, dtype=np.float32) / np.float32(255)
    return crop(ink)


def crop(ink: Grey) -> Grey:
    """Ink cut to its bounding box."""
    box = bounds(ink > 0)
    return ink[box.y : box.bottom, box.x : box.right]
