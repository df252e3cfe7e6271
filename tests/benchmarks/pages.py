"""How the time grows with a picture's ink and digits: `python -m tests.benchmarks.pages`, by hand.

Each page is read several times and the quickest counts. The network alone, on as many candidates,
is the baseline. Exit status 1 when a bar is missed.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from digitapp import engine
from digitapp.engine import SIDE, Engine
from digitapp.recognition import pipeline
from tests.drawings import draw, encode, run_together

COUNTS = (1, 10, 100, 400, 1_000)
"""Digits of the drawn pages."""

CELL = (30, 40)
"""Width and height of a digit's place on them, in pixels."""

PAGE_MS, PHOTO_MS, WORST_MS = 120, 200, 1_200
"""A drawn page of 100 digits, a photo of as many, and the worst picture may take so long."""

GROWTH = 1.5
"""A candidate of the largest page takes at most so many times as long as one of a page of 100."""


def page(count: int) -> bytes:
    """So many drawn digits in a square."""
    columns = int(np.ceil(count**0.5))
    sheet = Image.new("L", (columns * CELL[0], columns * CELL[1]), 255)
    for number in range(count):
        row, column = divmod(number, columns)
        sheet.paste(draw(number % 10, 28), (column * CELL[0], row * CELL[1]))
    return encode(sheet)


def pairs(rows: int, columns: int) -> bytes:
    """Rows of two digits each that touch."""
    sheet = Image.new("L", (columns * 70, rows * 45), 255)
    for row in range(rows):
        for column in range(columns):
            number = run_together(f"{(row + column) % 10}{column % 10}", 3, 36)
            sheet.paste(number, (column * 70, row * 45))
    return encode(sheet)


def photo() -> bytes:
    """A hundred digits on a sheet in uneven light: 12 megapixels with noise, a JPEG."""
    random = np.random.default_rng(1)
    sheet = Image.new("L", (4_000, 3_000), 255)
    for number in range(100):
        row, column = divmod(number, 10)
        sheet.paste(draw(number % 10, 200), (300 + column * 340, 250 + row * 250))
    light = np.add.outer(np.linspace(0.8, 1, 3_000), np.linspace(0, -0.2, 4_000))
    grey = (40 + np.asarray(sheet) * 0.7) * light + random.normal(0, 4, (3_000, 4_000))
    return encode(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)), "JPEG", quality=90)


def scribbles(side: int = 30) -> bytes:
    """Hundreds of candidates that are no digits: bars across each other."""
    random = np.random.default_rng(1)
    sheet = np.full((side * 33 + 10, side * 33 + 10), 255, dtype=np.uint8)
    for place in range(side * side):
        top, left = (33 * part + 3 for part in divmod(place, side))
        for _ in range(4):
            down, across = random.integers(0, 22, 2)
            sheet[top + down, left : left + 24] = sheet[top : top + 24, left + across] = 0
    return encode(Image.fromarray(sheet))


def quickest_ms(read: Callable[[], object], times: int = 5) -> float:
    """The least of several times, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        read()
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken)


def measure(name: str, data: bytes, model: Engine) -> float:
    """Print a picture's line; its time in milliseconds."""
    reading = pipeline.recognize(data, model)
    count = len(reading.answer.symbols)
    batch = np.array(reading.inputs, dtype=np.float32).reshape(-1, SIDE, SIDE, 1)
    alone = quickest_ms(lambda: model.probabilities(batch))
    taken = quickest_ms(lambda: pipeline.recognize(data, model))
    each = f"{taken / max(count, 1):>8.2f}{taken / max(alone, 0.01):>10.1f}"
    print(f"{name:<34}{count:>7}{taken:>9.0f}{each}")
    return taken


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    model = engine.load("litert")
    print(f"{'':<34}{'digits':>7}{'ms':>9}{'a digit':>8}{'x network':>10}")
    drawn = {count: measure(f"{count} drawn digits", page(count), model) for count in COUNTS}
    measure("100 pairs that touch", pairs(10, 10), model)
    worst = max(
        measure("400 pairs that touch", pairs(20, 20), model),
        measure("900 scribbles", scribbles(), model),
    )
    shot = measure("12-megapixel photo of 100 digits", photo(), model)
    growth = drawn[1_000] / 1_000 / (drawn[100] / 100)
    print()
    bars = (
        ("100 drawn digits, ms", drawn[100], PAGE_MS),
        ("the photo, ms", shot, PHOTO_MS),
        ("the worst, ms", worst, WORST_MS),
        ("a digit of 1,000 over one of 100", growth, GROWTH),
    )
    met = [_meets(*bar) for bar in bars]
    return 0 if all(met) else 1


def _meets(name: str, value: float, bar: float) -> bool:
    met = value <= bar
    print(f"{name:<34}{value:>8.2f}  (<= {bar:g}: {'met' if met else 'MISSED'})")
    return met


if __name__ == "__main__":
    sys.exit(main())
