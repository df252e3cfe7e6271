"""How many answers stay when pictures are changed, by hand:

    python -m tests.benchmarks.robustness FOLDER... [--sample N] [--only NAME] [--errors]

A picture's own answer is the measure, right or wrong: what is counted is whether it changes.
Prints the share per change, and over those that the program promises to bear; 1 below the bar.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

from digitapp import engine
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.recognition.pipeline import recognize
from tests.changes import CHANGES, NAMED
from tests.drawings import encode

BAR = 0.99
"""Share of answers that stay, over all changes that the program promises to bear."""

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"}


def files(folders: list[Path], sample: int | None) -> list[Path]:
    """The pictures in the folders, or as many of them, always the same ones."""
    paths = [path for folder in folders for path in sorted(folder.iterdir())]
    pictures = [path for path in paths if path.suffix.lower() in SUFFIXES]
    if sample is None or sample >= len(pictures):
        return pictures
    return random.Random(1).sample(pictures, sample)  # noqa: S311


def upright(path: Path) -> Image.Image:
    """A picture as RGB: turned as its camera says, on white."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def read(data: bytes, with_engine: Engine) -> str:
    """What is read, or the error's code: that too must stay."""
    try:
        return recognize(data, with_engine).text
    except DigitappError as error:
        return error.code


def changed(paths: list[Path], names: list[str]) -> Iterator[tuple[str, Path, str, str]]:
    """Each change with each picture whose answer it changes: before and after."""
    with_engine = engine.load("litert")
    for path in paths:
        image = upright(path)
        before = read(encode(image), with_engine)
        for name in names:
            after = read(CHANGES[name](image), with_engine)
            if after != before:
                yield name, path, before, after


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.robustness")
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--sample", type=int, metavar="N", help="take N of the pictures")
    parser.add_argument("--only", choices=CHANGES, metavar="NAME", help="apply one change")
    parser.add_argument("--errors", action="store_true", help="list each answer that changes")
    return parser.parse_args()


def main() -> int:
    """Print the table; 1 when the changes that are promised miss their bar."""
    options = arguments()
    names = [options.only] if options.only else list(CHANGES)
    paths = files(options.folders, options.sample)
    if not paths:
        print("There is no picture in these folders.", file=sys.stderr)
        return 2
    lost = dict.fromkeys(names, 0)
    for name, path, before, after in changed(paths, names):
        lost[name] += 1
        if options.errors:
            print(f"{name}: {path} {before!r} -> {after!r}")
    for name in names:
        promised = "promised" if name in NAMED else ""
        print(f"{name:26} {1 - lost[name] / len(paths):.4f} {promised}")
    named = [name for name in names if name in NAMED]
    if not named:
        return 0
    stay = 1 - sum(lost[name] for name in named) / len(named) / len(paths)
    print(f"{'all that is promised':26} {stay:.4f} of {len(paths)} pictures (at least {BAR})")
    return 0 if stay >= BAR else 1


if __name__ == "__main__":
    raise SystemExit(main())
