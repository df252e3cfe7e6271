"""How long reading takes beside another checkout of the program, by hand:

    python -m tests.benchmarks.beside CHECKOUT

Both read the same pictures in processes of their own, in turns, so that a busy machine slows both.
Each turn's quickest of several readings counts, and of those the median over the turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.benchmarks.pages import photo
from tests.drawings import draw, encode

TURNS, READINGS = 5, 12
"""Turns of each checkout, and readings of each picture in a turn."""

HERE = Path(__file__).resolve().parent.parent.parent

CHILD = """
import json, sys, time
from digitapp import engine
from digitapp.recognition.pipeline import recognize
networks, readings, times = engine.load("litert"), int(sys.argv[1]), {}
for path in sys.argv[2:]:
    data = open(path, "rb").read()
    recognize(data, networks)
    taken = []
    for _ in range(readings):
        start = time.perf_counter()
        recognize(data, networks)
        taken.append(time.perf_counter() - start)
    times[path] = min(taken) * 1000
print(json.dumps(times))
"""


def sheet(numbers: int = 24) -> bytes:
    """A ruled sheet of 768 pixels with numbers of three digits, a little noisy."""
    random = np.random.default_rng(1)
    page = Image.new("L", (768, 576), 235)
    pen = ImageDraw.Draw(page)
    for y in range(90, 576, 80):
        pen.line((0, y, 768, y + 6), fill=150, width=2)
    for number in range(numbers):
        row, column = divmod(number, 4)
        for place in range(3):
            digit = draw((number + 3 * place) % 10, 48)
            page.paste(
                digit,
                (40 + column * 180 + place * 40, 40 + row * 80),
                Image.eval(digit, lambda v: 255 - v),
            )
    grey = np.asarray(page) + random.normal(0, 4, (576, 768))
    return encode(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)))


def pictures() -> dict[str, bytes]:
    """What is read."""
    return {
        "drawing": encode(draw(5, 280)),
        "number": encode(
            Image.fromarray(np.hstack([np.asarray(draw(d, 120)) for d in (4, 7, 2, 9)]))
        ),
        "sheet": sheet(),
        "photo": photo(),
    }


def times(checkout: Path, files: list[str]) -> dict[str, float]:
    """Milliseconds for each picture, by the program in a checkout."""
    command = [sys.executable, "-c", CHILD, str(READINGS), *files]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    run = subprocess.run(
        command, env=environment, cwd=checkout, check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return {Path(name).stem: value for name, value in found.items()}


def main() -> int:
    """Print each picture's time here, there, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="another checkout of the program")
    other = parser.parse_args().checkout.resolve()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, data in pictures().items():
            files.append(str(Path(folder) / f"{name}.png"))
            Path(files[-1]).write_bytes(data)
        turns = [(times(HERE, files), times(other, files)) for _ in range(TURNS)]
    for name in turns[0][0]:
        here, there = (statistics.median(turn[side][name] for turn in turns) for side in (0, 1))
        print(f"{name:8} {here:8.2f} ms here {there:8.2f} ms there   ratio {here / there:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
