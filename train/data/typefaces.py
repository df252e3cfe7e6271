"""Digits and letters in other people's hands: typefaces, fetched once, each with its hash checked.

`typefaces.txt` lists them: handwriting, among it what schools of many countries teach, and scripts
of the world in even strokes. They are used to train, never shipped.
"""

import io
import tarfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageFont

from digitapp.marks import Grey
from digitapp.normalize import normalize
from train.alphabets import LATIN
from train.pen import Random, coarsen, crop

URL = "https://registry.npmjs.org/@fontsource/{name}/-/{name}-{version}.tgz"

SIZE = 96
"""Height in pixels of a typeface's line."""

LARGEST = 2_000_000
"""A file with more bytes holds thousands of signs that are nothing like a digit: left out."""

ALIKE = 0.85
"""Letters whose softened pictures correlate more than this with a digit's are left out."""

FEWEST = 10
"""A typeface with fewer letters of other scripts has none worth the name."""

SCRIPTS = 0.4
"""Share of the letters that are of other scripts than the Latin one."""

COARSE = 0.1
"""Share of the signs that are as a coarse scanner gives them."""

DIGITS = "0123456789"

LEFT_OUT = ("LATIN", "CJK", "MICRO", "OHM", "FULLWIDTH", "SCRIPT", "FEMININE", "MASCULINE")
"""Letters with such names are no other script's, or hardly ever like a digit."""

Pictures = NDArray[np.float32]

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Typeface:
    """One typeface's files, and the letters that each of them draws."""

    name: str
    fonts: tuple[ImageFont.FreeTypeFont, ...]
    drawn: tuple[frozenset[str], ...]

    def signs(self) -> frozenset[str]:
        """All that it can draw."""
        return frozenset().union(*self.drawn)

    def ink(self, sign: str) -> Grey:
        """A sign's ink, cropped, at SIZE pixels to the line."""
        font = next(
            font for font, drawn in zip(self.fonts, self.drawn, strict=True) if sign in drawn
        )
        mask = font.getmask(sign, mode="L")
        ink = np.frombuffer(bytes(mask), dtype=np.uint8).reshape(mask.size[::-1])
        return crop(ink.astype(np.float32) / np.float32(255))


@dataclass(frozen=True)
class Typefaces:
    """All of them: what writes digits and Latin letters, and (typeface, letters) of each script."""

    hands: tuple[Typeface, ...]
    scripts: tuple[tuple[Typeface, str], ...]


def load(folder: Path | None = None) -> Typefaces:
    """Fetch what is not in `folder` (by default Keras' cache) yet, and open all of it.

    Raises:
        ValueError: a file is not the one that is listed.
    """
    opened = [
        (kind, _open(name, _fetch(name, version, sha256, folder)))
        for kind, name, version, sha256 in _listed()
    ]
    hands = tuple(face for kind, face in opened if kind == "hand" and set(DIGITS) <= face.signs())
    shapes = np.stack([_shape(face.ink(digit)) for face in hands for digit in DIGITS])
    scripts = [(face, _letters(face, shapes)) for _, face in opened]
    return Typefaces(
        hands, tuple((face, letters) for face, letters in scripts if len(letters) >= FEWEST)
    )


def digits(count: int, seed: int, faces: Typefaces) -> tuple[Pictures, NDArray[np.int64]]:
    """Draw `count` digits: images [count, 28, 28, 1] from 0 to 1, labels [count]."""
    random = np.random.default_rng((seed, 1))
    labels = np.resize(np.arange(10), count)
    images = [_write(_any(faces.hands, random), str(label), random) for label in labels]
    return np.stack(images)[..., np.newaxis], labels.astype(np.int64)


def letters(count: int, seed: int, faces: Typefaces) -> Pictures:
    """Draw `count` letters, [count, 28, 28, 1] from 0 to 1."""
    random = np.random.default_rng((seed, 2))
    return np.stack([_letter(faces, random) for _ in range(count)])[..., np.newaxis]


def _letter(faces: Typefaces, random: Random) -> Grey:
    if random.random() < SCRIPTS:
        face, signs = _any(faces.scripts, random)
        return _write(face, _any(signs, random), random)
    return _write(_any(faces.hands, random), _any(LATIN, random), random)


def _any(choices: Sequence[Choice], random: Random) -> Choice:
    return choices[int(random.integers(len(choices)))]


def _write(face: Typeface, sign: str, random: Random) -> Grey:
    """A sign as a hand like the typeface's might write it, [28, 28]."""
    ink = _brush(_lean(face.ink(sign), random), random)
    return normalize(coarsen(ink, random) if random.random() < COARSE else ink)


def _lean(ink: Grey, random: Random) -> Grey:
    """Turned by some degrees, slanted, narrowed or widened."""
    angle, slant = random.normal(0, 0.08), random.normal(0, 0.15)
    across, down = np.exp(random.normal(0, 0.15, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[across, slant], [0, down]])
    room = round(max(ink.shape) * 0.6)
    padded = np.pad(ink, room)
    middle = np.array(padded.shape[::-1]) / 2
    shift = middle - matrix @ middle
    rows = (matrix[0, 0], matrix[0, 1], shift[0], matrix[1, 0], matrix[1, 1], shift[1])
    image = Image.fromarray(padded)
    return crop(
        np.asarray(
            image.transform(image.size, Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR)
        )
    )


def _brush(ink: Grey, random: Random) -> Grey:
    """Written with a broader or a finer pen, mostly a little of either."""
    steps = round(random.normal(0.5, 1.3))
    if steps == 0:
        return ink
    sheet = Image.fromarray(np.rint(np.pad(ink, 6) * 255).astype(np.uint8))
    kind = ImageFilter.MaxFilter if steps > 0 else ImageFilter.MinFilter
    for _ in range(min(abs(steps), 2)):
        sheet = sheet.filter(kind(3))
    changed = np.asarray(sheet, dtype=np.float32) / np.float32(255)
    # A fine pen's lines would be gone.
    return crop(changed) if changed.sum() > 0.5 * ink.sum() else ink


def _letters(face: Typeface, shapes: Pictures) -> str:
    """The letters of other scripts that a typeface draws and that look like no digit."""
    found = sorted(sign for sign in face.signs() if _is_foreign(sign))
    if not found:
        return ""
    own = np.stack([_shape(face.ink(sign)) for sign in found])
    most = (own @ shapes.T).max(axis=1)
    return "".join(sign for sign, alike in zip(found, most, strict=True) if alike < ALIKE)


def _is_foreign(sign: str) -> bool:
    """Whether it is a letter of another script than the Latin and the Chinese one."""
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign) not in {"Lu", "Ll", "Lo"} or name.startswith(LEFT_OUT):
        return False
    # Korea's 11,172 syllables are built of few parts: some stand for all.
    return not name.startswith("HANGUL SYLLABLE") or ord(sign) % 50 == 0


def _shape(ink: Grey) -> NDArray[np.float32]:
    """A sign's softened picture as a vector of mean 0 and length 1, [784]."""
    small = Image.fromarray(np.rint(normalize(ink) * 255).astype(np.uint8))
    soft = np.asarray(small.filter(ImageFilter.GaussianBlur(1.0)), dtype=np.float32).ravel()
    soft -= soft.mean()
    return soft / np.float32(np.linalg.norm(soft))


# --- files


def _listed() -> list[list[str]]:
    """Kind, name, version and hash of each."""
    lines = (Path(__file__).parent / "typefaces.txt").read_text().splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def _fetch(name: str, version: str, sha256: str, folder: Path | None) -> Path:
    import keras

    return Path(
        keras.utils.get_file(
            f"{name}-{version}.tgz",
            origin=URL.format(name=name, version=version),
            file_hash=sha256,
            hash_algorithm="sha256",
            cache_subdir="typefaces",
            cache_dir=folder,
        )
    )


def _open(name: str, package: Path) -> Typeface:
    fonts, drawn = [], []
    for content in _files(package):
        font = ImageFont.truetype(io.BytesIO(content), SIZE)
        fonts.append(font)
        drawn.append(frozenset(sign for sign in _characters(content) if _is_drawn(font, sign)))
    return Typeface(name, tuple(fonts), tuple(drawn))


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
