"""Typefaces: other people's hands, fetched once and opened.

`typefaces.txt` lists them: handwriting, among it what schools of many countries teach, and scripts
of the world in even strokes. They are used to train, never shipped.
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import ImageFont

from train.data.npm import Package, find

SIZE = 96
"""Height in pixels of a typeface's line."""

LARGEST = 2_000_000
"""A file with more bytes holds thousands of signs that are nothing like a digit: left out."""


@dataclass(frozen=True)
class Typeface:
    """One typeface's files, and the signs that each of them draws."""

    name: str
    fonts: tuple[ImageFont.FreeTypeFont, ...]
    drawn: tuple[frozenset[str], ...]

    def signs(self) -> frozenset[str]:
        """All that it can draw."""
        return frozenset().union(*self.drawn)

    def draw(self, sign: str) -> NDArray[np.float32]:
        """A sign's ink [height, width] from 0 to 1, at SIZE pixels to the line."""
        font = next(
            font for font, drawn in zip(self.fonts, self.drawn, strict=True) if sign in drawn
        )
        mask = font.getmask(sign, mode="L")
        ink = np.frombuffer(bytes(mask), dtype=np.uint8).reshape(mask.size[::-1])
        return ink.astype(np.float32) / np.float32(255)


def load(folder: Path | None = None) -> list[tuple[str, Typeface]]:
    """Every typeface with its kind, "hand" or "script": from `folder`, or fetched where it lacks.

    Raises:
        TrainError: a file is missing or is not the one that is listed, or npm fails.
    """
    kinds, packages = zip(*listed(), strict=True)
    paths = find(packages, folder)
    faces = [open_package(package, path) for package, path in zip(packages, paths, strict=True)]
    return list(zip(kinds, faces, strict=True))


def listed() -> list[tuple[str, Package]]:
    """The kind and the package of each line of `typefaces.txt`."""
    lines = (Path(__file__).parent / "typefaces.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return [(kind, Package(f"@fontsource/{name}", *which)) for kind, name, *which in rows]


def open_package(package: Package, path: Path) -> Typeface:
    """The typeface in a package's file."""
    fonts, drawn = [], []
    for content in _files(path):
        font = ImageFont.truetype(io.BytesIO(content), SIZE)
        fonts.append(font)
        drawn.append(frozenset(sign for sign in _characters(content) if _is_drawn(font, sign)))
    return Typeface(package.name, tuple(fonts), tuple(drawn))


def _files(package: Path) -> Iterator[bytes]:
    """The files of regular weight, one for each alphabet."""
    with tarfile.open(package) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.size < LARGEST else None
            if file and member.name.endswith("-400-normal.woff"):
                yield file.read()


def _characters(content: bytes) -> Iterator[str]:
    with TTFont(io.BytesIO(content)) as font:
        yield from map(chr, font.getBestCmap())


def _is_drawn(font: ImageFont.FreeTypeFont, sign: str) -> bool:
    return sign.isprintable() and min(font.getmask(sign, mode="L").size) > 2
