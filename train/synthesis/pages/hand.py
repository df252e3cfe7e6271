"""One person's writing: digits, letters and signs with one pen and one slant."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from digitapp.vision.types import Grey
from train.data.mnist import Split
from train.synthesis import hershey
from train.synthesis.glyphs import DIGITS, LETTERS, SIGNS, Points, smooth, strokes
from train.synthesis.pages.sheet import SCALE
from train.synthesis.pen import Random, crop, pick

PLACED: dict[str, tuple[str, ...]] = {
    ".": (
        "10,97 11,99",
        "8,95 12,99",
        "8,92 12,96 14,99 9,98 8,94",
        "5,94 18,97",
        "10,90 8,99",
        "6,92 14,90 15,98 7,99 6,92",
        "14,82 5,98",
        "12,78 3,97",
        "11,83 8,100",
        "5,84 11,98",
        "8,55 11,57",
        "6,68 15,70",
        "12,88 4,96",
        "5,88 12,96",
    ),
    ",": (
        "12,92 14,102 6,116",
        "12,94 4,118",
        "8,92 14,92 14,100 6,114",
        "14,88 12,100 2,112",
        "10,85 6,112",
        "6,92 12,88 15,96 8,97 15,97 4,118",
    ),
    "-": ("0,55 45,52", "0,60 25,58", "0,50 20,55 60,48", "0,58 70,50", "0,48 15,54 40,50 55,55"),
    "/": (
        "50,-10 0,110",
        "35,0 0,105",
        "60,5 0,100",
        "30,-20 0,125",
        "70,0 30,55 0,100",
        "45,-5 30,50 0,115",
        "90,5 0,100",
        "60,15 0,95",
        "75,25 0,100",
        "45,25 0,108",
        "95,20 45,55 0,98",
    ),
    ":": (
        "8,40 9,42 | 8,88 9,90",
        "8,35 12,40 | 6,85 10,90",
        "4,38 20,36 | 3,84 18,86",
        "10,28 9,36 | 8,80 7,88",
        "8,50 12,54 | 8,86 12,90",
        "6,40 13,38 14,46 7,47 6,40 | 6,82 13,80 14,88 7,89 6,82",
    ),
    "+": (
        "25,28 25,80 | 0,54 50,54",
        "30,20 28,90 | 0,55 60,52",
        "45,35 42,75 | 0,58 95,50",
        "0,52 55,50 | 30,25 26,85",
        "30,15 24,95 | 5,60 50,48",
        "20,30 22,80! 60,45! 0,58",
        "28,22 24,88! 0,64! 62,54",
        "34,20 28,70 18,84 0,66 30,58 66,56",
        "0,60 85,55 | 48,35 40,80",
    ),
    "=": (
        "0,42 45,42 | 0,66 45,65",
        "0,45 60,40 | 2,62 60,60",
        "0,38 55,36 | 0,72 60,74",
        "5,48 50,44 | 0,64 40,62",
        "0,40 50,44! 5,62! 55,64",
    ),
    "%": (
        "60,0 5,100 | 15,5 5,15 15,28 26,15 15,5 | 55,70 45,82 55,95 66,82 55,70",
        "70,5 0,98 | 18,8 12,10 14,16 | 58,85 54,90 60,92",
        "20,5 5,18 18,32 30,18 20,5 | 75,0 10,100 | 70,65 55,80 68,98 82,80 70,65",
        "28,8 10,12 8,30 28,32 32,12! 90,5! 15,100 | 80,62 62,70 65,92 85,90 84,66",
        "24,4 6,10 8,34 28,30 24,4 | 66,2 30,98 | 72,62 56,72 60,96 80,88 72,62",
        "25,10 5,20 15,38 35,22 25,10 80,2! 5,98! 60,75 50,88 70,98 82,80 62,74",
    ),
    "x": ("0,45 45,95 | 45,45 0,95", "0,40 20,60 45,98 | 48,42 22,65 0,98"),
    "(": ("30,-8 5,25 5,75 30,108",),
    ")": ("0,-8 25,25 25,75 0,108",),
    "$": ("60,20 30,8 8,25 30,48 55,65 50,88 5,85 | 32,-8 28,108",),
    "€": ("70,12 40,0 15,40 25,85 65,95 | 0,42 50,40 | 0,60 48,58",),
    "÷": ("0,55 50,53 | 24,32 26,34 | 25,75 27,78",),
    "'": ("5,-5 2,18",),
}
"""How signs are written beside a digit, which fills 0 to 100 down; by our own hand."""

COPIED = 0.07, 0.15
"""Width of the strokes of MNIST's digits, as a share of their height: of the signs beside them."""

LEAN = 0.06
"""Standard deviation of how much one hand's 1s lean, in pixels across for each one up."""

FINE, BROAD = 0.15, 0.1
"""Shares of the hands that draw with a hair-fine pen, about one pixel of the page wide, and with a
brush.
"""


class Surface(Protocol):
    """What a hand writes on."""

    def stroke(self, path: Points, width: float) -> None:
        """A pen's stroke along a path [N, 2]."""

    def paste(self, ink: Grey, left: int, top: int) -> None:
        """Ink [height, width] from 0 to 1."""


class _Style(NamedTuple):
    """What all symbols of a hand share; lengths are shares of a digit's height."""

    matrix: np.ndarray
    slant: float
    pen: float
    shake: float
    jitter: float
    gap: float
    from_mnist: bool
    is_fine: bool


class Hand:
    """Writes onto a sheet with one pen.

    Args:
        random: decides on everything.
        digits: MNIST's digits; half of the hands copy them, the others draw glyphs.
    """

    def __init__(self, random: Random, digits: Split) -> None:
        self._random, self._digits = random, digits
        angle, slant = random.normal(0, 0.04), random.normal(0.12, 0.18)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shape = np.array([[np.exp(random.normal(-0.45, 0.22)), -slant], [0, 1]])
        from_mnist = bool(random.random() < 0.5)
        self._style = _Style(
            matrix=turn @ shape,
            slant=float(slant),
            pen=float(random.uniform(*COPIED)) if from_mnist else _pen(random),
            shake=float(random.uniform(1.5, 5.0)),
            jitter=float(random.uniform(0.0, 0.08)),
            gap=float(random.normal(0.18, 0.14)),
            from_mnist=from_mnist,
            is_fine=bool(not from_mnist and random.random() < FINE),
        )
        self._by_label = [np.flatnonzero(digits.labels == digit) for digit in range(10)]

    def write(self, sheet: Surface, text: str, left: float, base: float, height: float) -> float:
        """Write a text whose digits stand on `base`; returns where it ends.

        `left`, `base` and `height` are in the sheet's pixels. A space is a gap between words.
        """
        for symbol in text:
            if symbol == " ":
                left += height * float(self._random.uniform(0.5, 1.2))
                continue
            size = height * float(np.exp(self._random.normal(0, self._style.jitter)))
            foot = base + height * float(self._random.normal(0, self._style.jitter / 2))
            left = self._one(sheet, symbol, left, foot, size)
            left += height * (self._style.gap + float(self._random.normal(0, 0.06)))
        return left

    def scrawl(self, sheet: Surface, left: float, base: float, height: float) -> float:
        """Something that is no digit: a drawn letter of any alphabet, a sign, a scribble."""
        kind = self._random.random()
        if kind < 0.5:
            every = hershey.glyphs()
            curves = [each.copy() for each in every[int(self._random.integers(len(every)))]]
        elif kind < 0.8:
            curves = self._curves(pick(SIGNS, self._random))
        else:
            steps = self._random.normal(0, 25, (int(self._random.integers(5, 25)), 2))
            path = np.cumsum(steps, axis=0)
            curves = [smooth(path) if self._random.random() < 0.5 else path]
        every_point = np.concatenate(curves)
        low, high = every_point.min(axis=0), every_point.max(axis=0)
        scale = 100 / max(float((high - low).max()), 1.0)
        placed = [(curve - (low[0], high[1])) * scale + (0, 100) for curve in curves]
        return self._draw(sheet, placed, left, base, height)

    def _one(self, sheet: Surface, symbol: str, left: float, base: float, height: float) -> float:
        if symbol.isdigit() and self._style.from_mnist:
            return self._paste(sheet, int(symbol), left, base, height)
        if symbol.isdigit():
            curves = self._curves(pick(DIGITS[int(symbol)], self._random))
        elif symbol in PLACED:
            curves = self._moved(self._curves(pick(PLACED[symbol], self._random)))
        else:
            curves = self._curves(pick(LETTERS[symbol], self._random))
        return self._draw(sheet, curves, left, base, height)

    def _curves(self, glyph: str) -> list[Points]:
        """A glyph's strokes with shaken control points."""
        return [smooth(self._shaken(points)) for points in strokes(glyph)]

    def _moved(self, curves: list[Points]) -> list[Points]:
        """A sign's strokes larger or smaller, turned and moved a little: no two hands agree."""
        random = self._random
        middle = np.concatenate(curves).mean(axis=0)
        angle, sizes = random.normal(0, 0.12), np.exp(random.normal(0, (0.3, 0.22)))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shift = np.add(middle, (0, random.normal(0, 5)))
        return [((curve - middle) * sizes) @ turn.T + shift for curve in curves]

    def _shaken(self, points: Points) -> Points:
        extent = float(np.ptp(points, axis=0).max())
        amount = self._style.shake * min(extent / 60, 1.0)  # a dot stays a dot
        moves = self._random.normal(0, amount, points.shape)
        corner = np.all(np.diff(points, axis=0, prepend=np.nan) == 0, axis=1)
        moves[corner] = moves[np.flatnonzero(corner) - 1]
        return points + moves

    def _draw(
        self, sheet: Surface, curves: Sequence[Points], left: float, base: float, height: float
    ) -> float:
        scale = height / 100
        leant = [(curve - (0, 100)) @ self._style.matrix.T * scale for curve in curves]
        start = min(float(curve[:, 0].min()) for curve in leant)
        pen = self._style.pen * height
        if self._style.is_fine:
            pen = min(pen, SCALE * float(self._random.uniform(0.6, 1.6)))
        placed = [np.add(curve, (left - start, base)) for curve in leant]
        for curve in placed:
            sheet.stroke(curve, pen)
        return max(float(curve[:, 0].max()) for curve in placed) + pen / 2

    def _paste(self, sheet: Surface, digit: int, left: float, base: float, height: float) -> float:
        """One of MNIST's digits, enlarged; its edges stay as crisp as a pen's."""
        chosen = int(self._random.choice(self._by_label[digit]))
        small = crop(self._digits.images[chosen, ..., 0])
        scale = height / max(small.shape[0], 14)  # a flat one is not blown up
        size = max(round(small.shape[1] * scale), 2), max(round(small.shape[0] * scale), 2)
        large = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC))
        if digit == 1:  # every image is by another writer, and a 1 that leans alone is a slash
            large = _leaning(large, self._style.slant + float(self._random.normal(0, LEAN)))
        ink = _crisp(np.asarray(large, dtype=np.float32), scale, self._random)
        sheet.paste(ink, round(left), round(base) - len(ink))
        return left + float(ink.shape[1])


def _pen(random: Random) -> float:
    """A pen's width, as a share of a digit's height."""
    if random.random() < BROAD:
        return float(random.uniform(0.14, 0.3))
    return float(np.clip(random.lognormal(np.log(0.085), 0.5), 0.012, 0.3))


def _leaning(ink: Grey, lean: float) -> Grey:
    """A stroke that is sheared until it leans so many pixels to the right for each one up."""
    rows, across = np.indices(ink.shape)
    weights = ink / max(float(ink.sum()), 1e-6)
    middle = float((rows * weights).sum())
    down = rows - middle
    own = -float((across * down * weights).sum()) / max(float((down**2 * weights).sum()), 1e-6)
    more = lean - own
    margin = round(abs(more) * len(ink)) + 1
    wide = Image.fromarray(np.pad(ink, ((0, 0), (margin, margin))))
    inverse = (1, more, -more * middle, 0, 1, 0)  # where each pixel comes from
    sheared = wide.transform(wide.size, Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)
    return crop(np.asarray(sheared, dtype=np.float32).clip(0, 1))


def _crisp(ink: Grey, scale: float, random: Random) -> Grey:
    """Edges that are one pixel wide again, and strokes a little wider or thinner."""
    middle = float(random.uniform(0.35, 0.6))
    steep = max(scale * 0.6, 1.0)
    crisp: Grey = np.clip((ink - middle) * steep + 0.5, 0, 1).astype(np.float32)
    return crisp
