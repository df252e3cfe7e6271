"""A sheet to draw on: writing and ruling in layers of their own.

It is drawn at twice the page's resolution. Beside what a pen leaves, each layer has a mask of what
the ink network shall find: there a hair-fine line is at least one pixel of the page wide.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from digitapp.vision.types import Grey

SCALE = 2
"""The sheet's pixels to one of the page."""

LEAST = 1.2 * SCALE
"""Lines are at least so wide in a mask, in the sheet's pixels."""

ROUND = 5
"""Joints of lines that are so wide, in the sheet's pixels, are rounded: it takes time."""


class Layer:
    """Lines of one kind: as they are drawn, and as they shall be found.

    Args:
        width: of both, in pixels.
        height: likewise; None makes them square.
    """

    def __init__(self, width: int, height: int | None = None) -> None:
        size = (width, height or width)
        self.drawn, self.found = Image.new("L", size), Image.new("L", size)
        self._pens = ImageDraw.Draw(self.drawn), ImageDraw.Draw(self.found)

    def line(self, path: NDArray[np.float64], width: float) -> None:
        """Draw a path [N, 2] of x and y with round ends."""
        low, high = path.min(axis=0) - width, path.max(axis=0) + width
        if (high < 0).any() or (low > self.drawn.size).any():
            return
        points = [(x, y) for x, y in path.tolist()]
        paler = round(255 * min(width, 1.0))  # a line finer than a pixel is a paler one
        _draw(self._pens[0], points, width, paler)
        _draw(self._pens[1], points, max(width, LEAST), 255)

    def paste(self, ink: Grey, left: int, top: int) -> None:
        """Add ink [height, width] from 0 to 1."""
        patch = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
        box = (left, top, left + patch.width, top + patch.height)
        for sheet in (self.drawn, self.found):
            sheet.paste(ImageChops.lighter(sheet.crop(box), patch), box)


class Sheet:
    """A square sheet of `side` pixels with layers for writing and ruling."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.writing, self.ruling = Layer(side), Layer(side)

    def stroke(self, path: NDArray[np.float64], width: float) -> None:
        """A pen's stroke."""
        self.writing.line(path, width)

    def paste(self, ink: Grey, left: int, top: int) -> None:
        """Writing as an image."""
        self.writing.paste(ink, left, top)

    def rule(self, path: NDArray[np.float64], width: float) -> None:
        """A ruled line."""
        self.ruling.line(path, width)


def _draw(
    pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float, ink: int
) -> None:
    """A line with round ends, and round joints where they show."""
    pen.line(points, ink, max(round(width), 1), "curve" if width >= ROUND else None)
    radius = width / 2
    for x, y in (points[0], points[-1]) if radius >= 1 else ():
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), ink)
