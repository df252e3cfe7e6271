"""Draws `assets/samples/`, pictures to try the program on: `python build/make_samples.py`.

Each digit is a few points of ours; a pen goes along the curve through them, slower and broader
where it turns. Inks, backgrounds, sizes and slants differ as people's do.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent

FINE = 3
"""Drawn this many times larger, then made smaller: smooth edges."""

Point = complex
"""x + yj in a square of side 100, y downwards."""

STROKES: dict[int, list[list[Point]]] = {
    0: [[58 + 12j, 34 + 20j, 22 + 52j, 36 + 86j, 60 + 86j, 78 + 54j, 70 + 20j, 55 + 12j]],
    1: [[54 + 12j, 53 + 50j, 51 + 89j]],
    2: [
        [26 + 32j, 36 + 15j, 58 + 12j, 70 + 28j, 60 + 50j, 24 + 86j],
        [24 + 86j, 50 + 82j, 80 + 86j],
    ],
    3: [
        [28 + 20j, 48 + 11j, 66 + 20j, 62 + 38j, 42 + 47j],
        [42 + 47j, 66 + 54j, 70 + 74j, 50 + 89j, 24 + 80j],
    ],
    4: [
        [38 + 12j, 32 + 34j, 24 + 58j],
        [24 + 58j, 50 + 57j, 80 + 54j],
        [62 + 34j, 60 + 60j, 57 + 91j],
    ],
    5: [
        [36 + 14j, 34 + 30j, 31 + 46j],
        [31 + 46j, 54 + 40j, 70 + 56j, 62 + 80j, 42 + 89j, 25 + 82j],
        [36 + 14j, 54 + 15j, 74 + 12j],
    ],
    6: [[66 + 11j, 42 + 28j, 29 + 58j, 38 + 85j, 60 + 87j, 71 + 70j, 58 + 54j, 38 + 60j, 30 + 70j]],
    7: [
        [24 + 16j, 50 + 16j, 76 + 13j],
        [76 + 13j, 56 + 48j, 46 + 90j],
        [36 + 52j, 54 + 50j, 72 + 50j],
    ],
    8: [
        [
            68 + 21j,
            50 + 11j,
            35 + 24j,
            50 + 46j,
            69 + 68j,
            56 + 88j,
            36 + 82j,
            36 + 64j,
            54 + 44j,
            67 + 27j,
            67 + 19j,
        ]
    ],
    9: [
        [70 + 28j, 56 + 12j, 36 + 22j, 36 + 44j, 54 + 48j, 70 + 30j],
        [70 + 30j, 66 + 60j, 58 + 90j],
    ],
}


@dataclass(frozen=True)
class Sheet:
    """How a sample looks: colours, the pen's width in hundredths of a digit, slant, and size."""

    name: str
    digits: Sequence[int]
    ink: str = "#22252a"
    background: str = "#ffffff"
    pen: float = 9
    slant: float = 0
    side: int = 280  # pixels a digit


SHEETS = [
    Sheet("0.png", [0], ink="#1d3f8f", background="#fbf9f2"),
    Sheet("1.png", [1], ink="#222222", background="#ffffff", pen=6, slant=0.12),
    Sheet("2.png", [2], ink="#f4f4ee", background="#24352e", pen=10),
    Sheet("3.png", [3], ink="#8f1d2b", background="#f6efe2", pen=8, slant=-0.08),
    Sheet("4.png", [4], ink="#3a3a3a", background="#d9d4c7", pen=7, slant=0.1),
    Sheet("5.png", [5], ink="#ffffff", background="#000000", pen=13),
    Sheet("6.png", [6], ink="#14532d", background="#eef6ea", pen=6, slant=0.15),
    Sheet("7.png", [7], ink="#1b1b1b", background="#ffffff", pen=11),
    Sheet("8.png", [8], ink="#5b2a86", background="#fffbe6", pen=9, slant=0.06),
    Sheet("9.png", [9], ink="#ffd866", background="#2d2a2e", pen=8),
    Sheet(
        "number.png", [4, 0, 7, 1], ink="#1d3f8f", background="#fbf9f2", pen=8, slant=0.08, side=160
    ),
]


def main(folder: Path) -> None:
    """Write every sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in SHEETS:
        draw(sheet).save(folder / sheet.name, optimize=True)


def draw(sheet: Sheet) -> Image.Image:
    """The picture, RGB, the digits side by side with room around each."""
    side = sheet.side * FINE
    image = Image.new("RGB", (side * len(sheet.digits), side), sheet.background)
    pen = ImageDraw.Draw(image)
    scale = side / 130
    for column, digit in enumerate(sheet.digits):
        for stroke in STROKES[digit]:
            for point, turn in curve(stroke):
                x = column * side + (point.real + sheet.slant * (50 - point.imag) + 15) * scale
                y = (point.imag + 15) * scale
                radius = sheet.pen * scale * (0.42 + 0.12 * turn)
                pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=sheet.ink)
    return image.resize((image.width // FINE, sheet.side), Image.Resampling.BOX)


def curve(stroke: Sequence[Point], steps: int = 60) -> Iterator[tuple[Point, float]]:
    """Points of the Catmull-Rom curve through a stroke, each with how sharply it turns (0 to 1)."""
    ends = [2 * stroke[0] - stroke[1], *stroke, 2 * stroke[-1] - stroke[-2]]
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps + 1):
            t = step / steps
            yield spline(before, start, end, after, t), _turn(before, start, end, after, t)


def spline(before: Point, start: Point, end: Point, after: Point, t: float) -> Point:
    """The point at `t` (0 to 1) between `start` and `end`."""
    slope, bend = end - before, 2 * before - 5 * start + 4 * end - after
    return start + t / 2 * (slope + t * (bend + t * (3 * (start - end) + after - before)))


def _turn(before: Point, start: Point, end: Point, after: Point, t: float) -> float:
    """The turn at both points, in half circles, blended."""
    return (1 - t) * _angle(start - before, end - start) + t * _angle(end - start, after - end)


def _angle(first: Point, second: Point) -> float:
    return abs(math.remainder(_direction(second) - _direction(first), math.tau)) / math.pi


def _direction(step: Point) -> float:
    return math.atan2(step.imag, step.real)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "samples")
