"""Digits and letters drawn in typefaces, varied as hands and pens vary."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.vision.normalize import normalize
from digitapp.vision.types import Grey
from train.data.typefaces import Typeface
from train.synthesis.hershey import LATIN
from train.synthesis.pen import Random, coarsen, crop

ALIKE = 0.85
"""Letters whose softened images correlate more than this with a digit's are left out."""

FEWEST = 10
"""A typeface with fewer letters of other scripts is not used for those."""

SCRIPTS = 0.4
"""Share of the letters that are of other scripts than the Latin one."""

COARSE = 0.1
"""Share of the signs that are drawn as by a coarse scanner."""

DIGITS = "0123456789"

LEFT_OUT = ("LATIN", "CJK", "MICRO", "OHM", "FULLWIDTH", "SCRIPT", "FEMININE", "MASCULINE")
"""Letters with such names are of no other script, or hardly ever like a digit."""

BARRED = ("THETA", "PHI", " EF", "FITA", "BARRED O", "OE", "YERU")
"""Letters with such names look like a zero with a slash or a bar."""

Images = NDArray[np.float32]

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Typefaces:
    """What writes digits and Latin letters, and the letters of other scripts that each draws."""

    hands: tuple[Typeface, ...]
    scripts: tuple[tuple[Typeface, str], ...]


def sort(faces: Sequence[tuple[str, Typeface]]) -> Typefaces:
    """Sort the typefaces, each with its kind, by what is drawn with them."""
    hands = tuple(face for kind, face in faces if kind == "hand" and set(DIGITS) <= face.signs())
    shapes = np.stack([_shape(_ink(face, digit)) for face in hands for digit in DIGITS])
    scripts = [(face, _letters(face, shapes)) for _, face in faces]
    return Typefaces(
        hands, tuple((face, letters) for face, letters in scripts if len(letters) >= FEWEST)
    )


def digits(count: int, seed: int, faces: Typefaces) -> tuple[Images, NDArray[np.int64]]:
    """Draw `count` digits: images [count, 28, 28, 1] from 0 to 1, labels [count]."""
    random = np.random.default_rng((seed, 1))
    labels = np.resize(np.arange(len(DIGITS)), count)
    images = [_write(_any(faces.hands, random), str(label), random) for label in labels]
    return np.stack(images)[..., np.newaxis], labels.astype(np.int64)


def letters(count: int, seed: int, faces: Typefaces) -> Images:
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


def _ink(face: Typeface, sign: str) -> Grey:
    return crop(face.draw(sign))


def _write(face: Typeface, sign: str, random: Random) -> Grey:
    """A sign as a hand like the typeface's might write it, [28, 28]."""
    ink = _brush(_lean(_ink(face, sign), random), random)
    return normalize(coarsen(ink, random) if random.random() < COARSE else ink)


def _lean(ink: Grey, random: Random) -> Grey:
    """Turned by some degrees, slanted, narrowed or widened."""
    angle, slant = random.normal(0, 0.08), random.normal(0, 0.15)
    across, down = np.exp(random.normal(0, 0.15, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[across, slant], [0, down]])
    padded = np.pad(ink, round(max(ink.shape) * 0.6))
    middle = np.array(padded.shape[::-1]) / 2
    shift = middle - matrix @ middle
    rows = (matrix[0, 0], matrix[0, 1], shift[0], matrix[1, 0], matrix[1, 1], shift[1])
    image = Image.fromarray(padded)
    leant = image.transform(image.size, Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR)
    return crop(np.asarray(leant))


def _brush(ink: Grey, random: Random) -> Grey:
    """Written with a wider or a finer pen, mostly by a little."""
    steps = round(random.normal(0.5, 1.3))
    if steps == 0:
        return ink
    sheet = Image.fromarray(np.rint(np.pad(ink, 6) * 255).astype(np.uint8))
    kind = ImageFilter.MaxFilter if steps > 0 else ImageFilter.MinFilter
    for _ in range(min(abs(steps), 2)):
        sheet = sheet.filter(kind(3))
    changed = np.asarray(sheet, dtype=np.float32) / np.float32(255)
    # Fine lines would vanish if the pen were made finer still.
    return crop(changed) if changed.sum() > 0.5 * ink.sum() else ink


def _letters(face: Typeface, shapes: Images) -> str:
    """The letters of other scripts that a typeface draws and that look like no digit."""
    found = sorted(sign for sign in face.signs() if _is_foreign(sign))
    if not found:
        return ""
    own = np.stack([_shape(_ink(face, sign)) for sign in found])
    most = (own @ shapes.T).max(axis=1)
    return "".join(sign for sign, alike in zip(found, most, strict=True) if alike < ALIKE)


def _is_foreign(sign: str) -> bool:
    """Whether it is a letter of another script than the Latin and the Chinese one."""
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign) not in {"Lu", "Ll", "Lo"} or name.startswith(LEFT_OUT):
        return False
    if any(each in name for each in BARRED):
        return False
    # Korea's 11,172 syllables are built of few parts, so that every fiftieth will do.
    return not name.startswith("HANGUL SYLLABLE") or ord(sign) % 50 == 0


def _shape(ink: Grey) -> NDArray[np.float32]:
    """A sign's softened image as a vector of mean 0 and length 1, [784]."""
    small = Image.fromarray(np.rint(normalize(ink) * 255).astype(np.uint8))
    soft = np.asarray(small.filter(ImageFilter.GaussianBlur(1.0)), dtype=np.float32).ravel()
    soft -= soft.mean()
    return soft / np.float32(np.linalg.norm(soft))
