"""Digits as a person might draw them, for tests: strokes of our own, drawn when they are needed."""

import io
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

Stroke = Sequence[tuple[float, float]]

STROKES: dict[int, list[Stroke]] = {
    0: [
        [(0.55, 0.12), (0.34, 0.2), (0.24, 0.5), (0.34, 0.8), (0.52, 0.88), (0.7, 0.78)]
        + [(0.77, 0.48), (0.7, 0.2), (0.55, 0.12)]
    ],
    1: [[(0.53, 0.12), (0.51, 0.5), (0.49, 0.88)]],
    2: [
        [(0.28, 0.3), (0.36, 0.15), (0.55, 0.12), (0.7, 0.22), (0.68, 0.4), (0.5, 0.62)]
        + [(0.27, 0.86), (0.5, 0.85), (0.76, 0.84)]
    ],
    3: [
        [(0.28, 0.2), (0.45, 0.12), (0.65, 0.17), (0.68, 0.33), (0.55, 0.45), (0.42, 0.48)]
        + [(0.6, 0.52), (0.71, 0.66), (0.62, 0.82), (0.45, 0.88), (0.26, 0.8)]
    ],
    4: [[(0.34, 0.12), (0.28, 0.52), (0.74, 0.52)], [(0.64, 0.2), (0.62, 0.55), (0.6, 0.9)]],
    5: [
        [(0.7, 0.13), (0.36, 0.14), (0.33, 0.45), (0.52, 0.42), (0.68, 0.52), (0.7, 0.7)]
        + [(0.58, 0.85), (0.4, 0.88), (0.27, 0.8)]
    ],
    6: [
        [(0.62, 0.1), (0.42, 0.28), (0.3, 0.55), (0.34, 0.8), (0.5, 0.89), (0.66, 0.8)]
        + [(0.67, 0.62), (0.52, 0.54), (0.36, 0.62)]
    ],
    7: [[(0.26, 0.15), (0.5, 0.15), (0.75, 0.14), (0.6, 0.45), (0.44, 0.88)]],
    8: [
        [(0.66, 0.22), (0.52, 0.12), (0.36, 0.2), (0.38, 0.36), (0.6, 0.54), (0.68, 0.72)]
        + [(0.55, 0.88), (0.36, 0.82), (0.33, 0.66), (0.5, 0.48), (0.65, 0.34), (0.66, 0.22)]
    ],
    9: [
        [(0.68, 0.3), (0.58, 0.14), (0.4, 0.16), (0.32, 0.34), (0.42, 0.48), (0.6, 0.44)]
        + [(0.68, 0.3), (0.66, 0.55), (0.6, 0.9)]
    ],
}
"""Each digit's strokes, points (x, y) in the unit square, y downwards."""


def draw(digit: int, side: int = 280, ink: int = 0, ground: int = 255) -> Image.Image:
    """A grey picture of one digit, [side, side], drawn with a pen of a twelfth of its side."""
    fine = side * 2
    image = Image.new("L", (fine, fine), ground)
    pen = ImageDraw.Draw(image)
    radius = fine / 24
    for stroke in STROKES[digit]:
        points = [(x * fine, y * fine) for x, y in stroke]
        for start, end in pairwise(points):
            pen.line([start, end], fill=ink, width=round(radius * 2))
        for x, y in points:  # round joints and ends
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=ink)
    return image.resize((side, side), Image.Resampling.BOX)


def encode(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def png(digit: int, side: int = 280) -> bytes:
    """A PNG file of one digit, dark on light."""
    return encode(draw(digit, side))
