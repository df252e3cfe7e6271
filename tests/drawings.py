"""Digits as a person might draw them, for tests: by the strokes of the self-test."""

import io
import math
import struct
import zlib
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

from digitapp.cli.selftest import STROKES

Colour = int | tuple[int, int, int]


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
    for stroke in STROKES[digit].split(";"):
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


def canvas_png(image: Image.Image) -> bytes:
    """A grey picture as the page sends it (`drawing/png.js`): no filters, deflate's fixed codes."""
    rows = b"".join(
        b"\0" + image.crop((0, y, image.width, y + 1)).tobytes() for y in range(image.height)
    )
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 8, zlib.Z_FIXED)
    data = packer.compress(rows) + packer.flush()
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", data), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
