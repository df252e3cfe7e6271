"""The costliest files that are accepted, of every type, by hand, on Linux:

    python -m tests.benchmarks.worst_files

Each is near a bound: of bytes, of pixels, of parts, of a JPEG's scans. A process of its own reads
it, so that its memory is that of the whole process. Exit status 1 when a bar is missed.
"""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from digitapp.config import MAX_BODY
from digitapp.vision.structure import MAX_LOSSY
from tests.drawings import png
from tests.vision.test_structure import (
    bmp_of_runs,
    gif_of_notes,
    jpeg_of_scans,
    jpeg_of_segments,
    png_of_chunks,
    webp_of_chunks,
)

MOST_S, MOST_MIB = 1.2, 512
"""Seconds of processor time, and memory of the process."""

TIMES = 3
"""Each is read so many times, and the quickest counts: other programs only make it slower."""

FINE = 10_000
"""As many parts as a file may have, less a few."""


def noise(width: int, height: int, mode: str, step: int = 8, grain: int = 0) -> Image.Image:
    """Blotches of `step` pixels, which are much ink; `grain` makes them costly to decode."""
    source = np.random.default_rng(1)
    shape = height // step, width // step, len(mode)
    blotches = source.integers(0, 256, shape, dtype=np.uint8).squeeze()
    image = Image.fromarray(blotches).resize((width, height))
    if not grain:
        return image
    values = np.asarray(image).astype(np.int16)
    values += source.integers(-grain, grain + 1, values.shape, dtype=np.int16)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def save(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def fitting(make: Callable[[int], bytes], most: int = MAX_BODY) -> bytes:
    """The file of the largest side that is no larger than `most`."""
    side = 4_000
    while len(data := make(side)) > most:
        side = side * 9 // 10
    return data


FILES: dict[str, Callable[[], bytes]] = {
    "PNG of 16 MP, 16 bits": lambda: save(
        Image.fromarray(np.asarray(noise(4_000, 4_000, "L")).astype(np.uint16) * 257), "PNG"
    ),
    "PNG of colours and alpha": lambda: fitting(
        lambda side: save(noise(side, side, "RGBA", 16, 6), "PNG", compress_level=1)
    ),
    "PNG of 16 MP, a palette": lambda: save(
        noise(4_000, 4_000, "L").convert("P"), "PNG", transparency=bytes(range(256))
    ),
    "PNG in many chunks": lambda: png_of_chunks(FINE - 9),
    "JPEG of 50 MP": lambda: fitting(
        lambda side: save(noise(2 * side, 3 * side // 2, "RGB"), "JPEG", quality=60, subsampling=0)
    ),
    "JPEG of 50 MP, fine": lambda: fitting(
        lambda side: save(noise(2 * side, 3 * side // 2, "RGB", 16, 6), "JPEG", quality=75)
    ),
    "JPEG of 14 MP, progressive": lambda: save(
        noise(4_300, 3_300, "RGB"), "JPEG", quality=90, subsampling=0, progressive=True
    ),
    "JPEG of 24 MP, progressive": lambda: save(
        noise(5_600, 4_200, "RGB"), "JPEG", quality=90, subsampling=2, progressive=True
    ),
    "JPEG of 16 MP, four inks": lambda: save(
        noise(4_000, 4_000, "RGB").convert("CMYK"), "JPEG", quality=60, subsampling=0
    ),
    "JPEG of many scans": lambda: jpeg_of_scans(2_000, 256),
    "JPEG in many segments": lambda: jpeg_of_segments(FINE - 99),
    "GIF of 16 MP": lambda: fitting(lambda side: save(noise(side, side, "L"), "GIF")),
    "GIF with many notes": lambda: gif_of_notes(FINE - 9),
    "BMP of 6.9 MP": lambda: fitting(lambda side: save(noise(side, side, "RGB"), "BMP")),
    "BMP of runs": lambda: bmp_of_runs(1_000, 490),
    "WebP, lossy": lambda: fitting(
        lambda side: save(noise(side, side, "RGB", 8, 8), "WEBP", quality=80, method=0), MAX_LOSSY
    ),
    "WebP, lossless": lambda: fitting(
        lambda side: save(noise(side, side, "RGB", 16, 12), "WEBP", lossless=True, method=0)
    ),
    "WebP in many chunks": lambda: webp_of_chunks(FINE - 9),
}


def read() -> None:
    """Read the standard input, and print seconds, MiB and what it says.

    This is what a process of its own does. A picture before it loads what is loaded once.
    """
    from digitapp import engine
    from digitapp.errors import DigitappError
    from digitapp.recognition import pipeline

    data, model = sys.stdin.buffer.read(), engine.load("litert")
    pipeline.recognize(png(7), model)
    taken = []
    for _ in range(TIMES):
        start = time.process_time()
        try:
            said = f"{len(pipeline.recognize(data, model).answer.symbols)} symbols"
        except DigitappError as error:
            said = error.code
        taken.append(time.process_time() - start)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(f"{min(taken):.2f} {int(status.split('VmHWM:')[1].split()[0]) // 1024} {said}")


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    if sys.argv[1:] == ["read"]:
        read()
        return 0
    print(f"{'':<30}{'MB':>7}{'s':>7}{'MiB':>6}")
    is_met = True
    for name, make in FILES.items():
        data = make()
        line = [sys.executable, "-m", "tests.benchmarks.worst_files", "read"]
        done = subprocess.run(line, input=data, capture_output=True, check=True)
        seconds, memory, said = done.stdout.decode().split(maxsplit=2)
        met = float(seconds) <= MOST_S and int(memory) <= MOST_MIB
        told = f"{said.strip()}{'' if met else '  MISSED'}"
        print(f"{name:<30}{len(data) / 1e6:>7.2f}{seconds:>7}{memory:>6}  {told}", flush=True)
        is_met = is_met and met
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
