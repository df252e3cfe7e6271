"""Digits as a person might draw them, for tests: strokes of our own, drawn when they are needed."""

import io
import math
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

Colour = int | tuple[int, int, int]

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


def draw(
    digit: int,
    side: int = 280,
    ink: Colour = 0,
    background: Colour = 255,
    pen: float = 1 / 12,
    turn: float = 0.0,
) -> Image.Image:
    """A picture of one digit, [side, side]: grey, or RGB where the colours are.

    `pen` is the stroke's width as a share of the side, `turn` in degrees against the clock.
    """
    image = Image.new("L" if isinstance(background, int) else "RGB", (side, side), background)
    image.paste(ink, (0, 0, side, side), coverage(digit, side, pen, turn))
    return image


def write(*rows: str, side: int = 100, ink: Colour = 0, background: Colour = 255) -> Image.Image:
    """Rows of digits, each in a cell of its own, [side, side]; a blank leaves its cell empty."""
    mode = "L" if isinstance(background, int) else "RGB"
    image = Image.new(mode, (side * max(map(len, rows)), side * len(rows)), background)
    for row, text in enumerate(rows):
        for column, digit in enumerate(text):
            if digit != " ":
                cell = draw(int(digit), side, ink, background)
                image.paste(cell, (column * side, row * side))
    return image


def run_together(text: str, overlap: int, side: int = 100) -> Image.Image:
    """A number whose digits' boxes overlap by so many pixels: its ink touches. Dark on white."""
    digits = [coverage(int(digit), side) for digit in text]
    boxes = [digit.getbbox() or (0, 0, 0, 0) for digit in digits]
    width = sum(right - left for left, _, right, _ in boxes)
    ink = Image.new("L", (width + side, side), 0)
    place = side // 4
    for digit, (left, _, right, _) in zip(digits, boxes, strict=True):
        moved = Image.new("L", ink.size, 0)
        moved.paste(digit.crop((left, 0, right, side)), (place, 0))
        ink = ImageChops.lighter(ink, moved)
        place += right - left - overlap
    return ImageChops.invert(ink)


def coverage(digit: int, side: int, pen: float = 1 / 12, turn: float = 0.0) -> Image.Image:
    """How much of each pixel the digit's ink covers, [side, side], 0 to 255."""
    fine = side * 2
    image = Image.new("L", (fine, fine), 0)
    canvas = ImageDraw.Draw(image)
    radius = fine * pen / 2
    for stroke in STROKES[digit]:
        points = [_place(x, y, fine, turn) for x, y in _points(stroke)]
        for start, end in pairwise(points):
            canvas.line([start, end], fill=255, width=max(round(radius * 2), 1))
        for x, y in points:  # round joints and ends
            canvas.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    return image.resize((side, side), Image.Resampling.BOX)


def _place(x: int, y: int, side: int, turn: float) -> tuple[float, float]:
    """A stroke's point in pixels, turned about the picture's middle."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    right, down = x / 100 - 0.5, y / 100 - 0.5
    return (0.5 + right * cos + down * sin) * side, (0.5 - right * sin + down * cos) * side


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
