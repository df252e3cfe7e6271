"""How fast a pile is read, and taken up again after kills, by hand:

    python -m tests.benchmarks.batch [FOLDER]...

It reads 5,000 PNG files of the folders, or as many drawn digits. What Pillow alone takes to decode
them, with as many processes, is the baseline. All take turns, and medians are compared. Then the
command is killed ten times in the middle and resumed. Exit status 1 when a bar is missed.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.drawings import png

COUNT, TURNS, KILLS, JOBS = 5_000, 3, 10, 2

BESIDE_PILLOW, BESIDE_ONE, BESIDE_COMMAND = 0.35, 1.85, 0.95
"""Two jobs over Pillow alone and over one job, and `Reader.map` over the command, in pictures a
second."""

REST = 1.3
"""The last run after the kills takes at most so many times what its share of the pictures needs."""

MAP = """
import sys, digitapp
jobs, paths = int(sys.argv[1]), open(sys.argv[2]).read().splitlines()
with digitapp.Reader(jobs) as reader:
    print(sum(each.answer is not None for each in reader.map(paths)))
"""


def drawn(folder: Path) -> list[Path]:
    """COUNT files of drawn digits, of several sizes."""
    kinds = [png(digit, side) for digit in range(10) for side in (28, 90, 180, 280, 400)]
    paths = [folder / f"{number}.png" for number in range(COUNT)]
    for number, path in enumerate(paths):
        path.write_bytes(kinds[number % len(kinds)])
    return paths


def found(folders: list[Path]) -> list[Path]:
    """COUNT of the folders' PNG files, the same each time."""
    paths = sorted(path for folder in folders for path in folder.rglob("*.png"))
    return sorted(random.Random(1).sample(paths, min(COUNT, len(paths))))  # noqa: S311


def decode(path: Path) -> bool:
    """What Pillow does at least."""
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, SyntaxError):
        return False
    return True


def recognize(manifest: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the command."""
    command = [sys.executable, "-m", "digitapp", "recognize", "--manifest", str(manifest)]
    return subprocess.Popen([*command, "--out", str(out), *options])


def seconds(run: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def lines(out: Path) -> list[dict[str, object]]:
    """The answers, without what differs each time."""
    every = [json.loads(line) for line in out.read_text().splitlines()]
    return [{name: part for name, part in each.items() if name != "elapsed_ms"} for each in every]


def killed(manifest: Path, folder: Path, whole: Path, took_s: float) -> tuple[bool, float]:
    """Whether kills change nothing, and how long the last run took over what it had to do."""
    out = folder / "killed.jsonl"
    kept = True
    for _ in range(KILLS):
        process = recognize(manifest, out, "--jobs", str(JOBS), "--resume")
        time.sleep(random.uniform(0.2, took_s / 8))  # noqa: S311
        before = out.read_bytes() if out.exists() else b""
        process.kill()
        process.wait()
        kept = kept and out.read_bytes().startswith(before)
    read = out.read_bytes()[:-1].count(b"\n") + 1
    rest_s = seconds(lambda: recognize(manifest, out, "--jobs", str(JOBS), "--resume").wait())
    needed = took_s * (1 - read / len(manifest.read_text().splitlines()))
    print(f"killed {KILLS} times, {read:,} read by then; the rest took {rest_s:.1f} s")
    return kept and lines(out) == lines(whole), rest_s / max(needed, 0.5)


def main() -> int:
    """Print the rates and the bars; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="How fast a pile is read.")
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    folders = parser.parse_args().folders
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = found(folders) if folders else drawn(folder)
        manifest = folder / "manifest.txt"
        manifest.write_text("".join(f"{path}\n" for path in paths))
        rates = measured(paths, manifest, folder)
        for name, rate in rates.items():
            print(f"{name:<24}{rate:>8,.0f} pictures a second")
        took_s = len(paths) / rates["two jobs"]
        is_same, rest = killed(manifest, folder, folder / "two jobs.jsonl", took_s)
    bars = (
        ("two jobs / Pillow alone", rates["two jobs"] / rates["Pillow alone"], BESIDE_PILLOW, True),
        ("two jobs / one job", rates["two jobs"] / rates["one job"], BESIDE_ONE, True),
        ("Reader.map / two jobs", rates["Reader.map"] / rates["two jobs"], BESIDE_COMMAND, True),
        ("the rest / what it needs", rest, REST, False),
        ("lines as without kills", float(is_same), 1.0, True),
    )
    met = [_meets(*bar) for bar in bars]
    return 0 if all(met) else 1


def measured(paths: list[Path], manifest: Path, folder: Path) -> dict[str, float]:
    """Pictures a second of each way, the median of TURNS."""
    program = [sys.executable, "-c", MAP, str(JOBS), str(manifest)]

    def command(name: str, jobs: int) -> None:
        out = folder / f"{name}.jsonl"
        out.unlink(missing_ok=True)
        recognize(manifest, out, "--jobs", str(jobs)).wait()

    taken: dict[str, list[float]] = {}
    with multiprocessing.get_context("spawn").Pool(JOBS) as pool:
        pool.map(decode, paths[:100])
        ways: dict[str, Callable[[], object]] = {
            "Pillow alone": lambda: pool.map(decode, paths, chunksize=50),
            "one job": lambda: command("one job", 1),
            "two jobs": lambda: command("two jobs", JOBS),
            "Reader.map": lambda: subprocess.run(program, check=True, stdout=subprocess.DEVNULL),
        }
        for _ in range(TURNS):
            for name, way in ways.items():
                taken.setdefault(name, []).append(seconds(way))
    return {name: len(paths) / statistics.median(times) for name, times in taken.items()}


def _meets(name: str, value: float, bar: float, at_least: bool) -> bool:
    met = value >= bar if at_least else value <= bar
    sign = ">=" if at_least else "<="
    print(f"{name:<34}{value:>8.2f}  ({sign} {bar:g}: {'met' if met else 'MISSED'})")
    return met


if __name__ == "__main__":
    sys.exit(main())
