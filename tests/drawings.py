"""Digits as a person might draw them, for tests: strokes of our own, drawn when they are needed."""

import io
from itertools import pairwise

from PIL import Image, ImageDraw

STROKES: dict[int, list[str]] = {
    0: ["55,12 34,20 24,50 34,80 52,88 70,78 77,48 70,20 55,12"],
    1: ["53,12 51,50 49,88"],
    2: ["28,30 36,15 55,12 70,22 68,40 50,62 27,86 50,85 76,84"],
    3: ["28,20 45,12 65,17 68,33 55,45 42,48 60,52 71,66 62,82 45,88 26,80"],
    4: ["34,12 28,52 74,52", "64,20 62,55 60,90"],
    5: ["70,13 36,14 33,45 52,42 68,52 70,70 58,85 40,88 27,80"],
    6: ["62,10 42,28 30,55 34,80 50,89 66,80 67,62 52,54 36,62"],
    7: ["26,15 50,15 75,14 60,45 44,88"],
    8: ["66,22 52,12 36,20 38,36 60,54 68,72 55,88 36,82 33,66 50,48 65,34 66,22"],
    9: ["68,30 58,14 40,16 32,34 42,48 60,44 68,30 66,55 60,90"],
}
"""Each digit's strokes: points "x,y" in percent of the picture's side, y downwards."""


def draw(digit: int, side: int = 280, ink: int = 0, ground: int = 255) -> Image.Image:
    """A grey picture of one digit, [side, side], drawn with a pen of a twelfth of its side."""
    fine = side * 2
    image = Image.new("L", (fine, fine), ground)
    pen = ImageDraw.Draw(image)
    radius = fine / 24
    for stroke in STROKES[digit]:
        points = [(x * fine / 100, y * fine / 100) for x, y in _points(stroke)]
        for start, end in pairwise(points):
            pen.line([start, end], fill=ink, width=round(radius * 2))
        for x, y in points:  # round joints and ends
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=ink)
    return image.resize((side, side), Image.Resampling.BOX)


def _points(stroke: str) -> list[tuple[int, int]]:
    pairs = (point.split(",") for point in stroke.split())
    return [(int(x), int(y)) for x, y in pairs]


def encode(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png(digit: int, side: int = 280) -> bytes:
    """A PNG file of one digit, dark on light."""
    return encode(draw(digit, side))
