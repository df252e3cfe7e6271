"""Sheets as people fill them, for tests: numbers with signs, tables, forms. Dark on white."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.drawings import coverage

PEN = 1 / 12
"""A stroke's width, in digits' heights."""

SIGNS: dict[str, tuple[float, tuple[tuple[tuple[float, float], ...], ...]]] = {
    ".": (0.25, (((0.1, 0.85),),)),
    ",": (0.3, (((0.15, 0.82), (0.05, 1.0)),)),
    ":": (0.25, (((0.1, 0.4),), ((0.1, 0.75),))),
    "-": (0.5, (((0.05, 0.5), (0.4, 0.5)),)),
    "+": (0.6, (((0.05, 0.5), (0.45, 0.5)), ((0.25, 0.3), (0.25, 0.7)))),
    "=": (0.6, (((0.05, 0.4), (0.45, 0.4)), ((0.05, 0.6), (0.45, 0.6)))),
    "/": (0.5, (((0.35, 0.1), (0.0, 0.9)),)),
}
"""A sign's width, and its strokes (points), in digits' heights. A dot is a stroke of one point."""

DIGIT, BLANK = 0.7, 0.9
"""The width of a digit and of a blank in them."""


def lines(*texts: str, side: int = 100) -> Image.Image:
    """Lines of digits, signs and blanks; digits are drawn in cells that are `side` pixels high."""
    width = max(_length(text) for text in texts) + 1
    image = Image.new("L", (round(width * side), round((1.5 * len(texts) + 0.5) * side)), 255)
    for place, text in enumerate(texts):
        put(image, text, side // 2, round((1.5 * place + 0.5) * side), side)
    return image


def put(image: Image.Image, text: str, x: float, y: float, side: int) -> None:
    """Write a line onto a picture; (x, y) is its top left corner."""
    for each in text:
        if each.isdigit():
            image.paste(0, (round(x) - side // 6, round(y)), coverage(int(each), side))
        elif each in SIGNS:
            for stroke in SIGNS[each][1]:
                _draw(image, [(x + right * side, y + down * side) for right, down in stroke], side)
        x += _width(each) * side


def table(*rows: Sequence[str], cell: tuple[int, int] = (200, 120), tone: int = 150) -> Image.Image:
    """A ruled table with a number in each cell, (width, height) in pixels; lines of this tone."""
    (wide, high), margin, side = cell, 40, 70
    right, bottom = margin + wide * len(rows[0]), margin + high * len(rows)
    image = Image.new("L", (right + margin, bottom + margin), 255)
    pen = ImageDraw.Draw(image)
    for x in range(margin, right + 1, wide):
        pen.line([(x, margin), (x, bottom)], fill=tone, width=2)
    for y in range(margin, bottom + 1, high):
        pen.line([(margin, y), (right, y)], fill=tone, width=2)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            left = margin + column * wide + (wide - _length(text) * side) / 2
            put(image, text, left, margin + row * high + (high - side) / 2, side)
    return image


def form(text: str, cell: int = 90, tone: int = 150) -> Image.Image:
    """A form's row of boxes with a digit in each; boxes are `cell` pixels wide, of this tone."""
    image = Image.new("L", (cell * (len(text) + 2), cell * 3), 255)
    pen = ImageDraw.Draw(image)
    for place, digit in enumerate(text, 1):
        pen.rectangle((place * cell, cell, (place + 1) * cell, 2 * cell), outline=tone, width=2)
        ink = coverage(int(digit), cell - 20)
        image.paste(0, (place * cell + 10, cell + 10), ink)
    return image


def scribble(image: Image.Image, x: int, y: int, side: int) -> None:
    """A knot that is nothing that can be read."""
    turns = [0.4 * step for step in range(60)]
    points = [
        (x + side * (0.5 + 0.5 * math.sin(1.7 * t)), y + side * (0.5 + 0.5 * math.cos(2.3 * t)))
        for t in turns
    ]
    ImageDraw.Draw(image).line(points, fill=0, width=max(round(side * PEN / 2), 1))


def photographed(image: Image.Image, seed: int = 3) -> Image.Image:
    """The sheet on grey paper in light that falls to one side, with a camera's grain."""
    random = np.random.default_rng(seed)
    light = np.linspace(225, 140, image.width)[np.newaxis, :]
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float64) / 255
    grain = random.normal(0, 4, (image.height, image.width))
    return Image.fromarray((light * (0.25 + 0.75 * soft) + grain).clip(0, 255).astype(np.uint8))


PAPERS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "drawn": lambda image: image,
    "photographed": photographed,
}
"""How a sheet comes into the program."""


def _length(text: str) -> float:
    return sum(map(_width, text))


def _width(each: str) -> float:
    return DIGIT if each.isdigit() else SIGNS[each][0] if each in SIGNS else BLANK


def _draw(image: Image.Image, points: list[tuple[float, float]], side: int) -> None:
    pen, radius = ImageDraw.Draw(image), side * PEN / 2
    pen.line(points, fill=0, width=round(2 * radius))
    for x, y in points:  # a dot is a bit larger than the pen
        end = radius * (1.2 if len(points) == 1 else 1.0)
        pen.ellipse([x - end, y - end, x + end, y + end], fill=0)
