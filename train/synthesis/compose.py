"""Numbers and pages composed of MNIST's digits: they measure how well numbers are read.

Lengths are in pixels of MNIST's own scale, in which a digit's box is 20 pixels high; the result is
enlarged afterwards. A gap is the distance between two neighbours' bounding boxes. Where it is below
zero, the boxes overlap by that much, and the ink may touch.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from train.data.mnist import Split
from train.synthesis.pen import Random, crop

Ink = NDArray[np.float32]
GAPS = {"clear": (2, 8), "close": (-2, 5), "touching": (-3, -1)}
"""The least and the largest gap of each kind of string."""

PAGE_GAPS = (3, 9)
"""The same on a page."""

LENGTHS = (2, 6)
"""Digits of a string."""

BASELINE = 3.0
"""Most that a digit is moved up or down."""

SCALES = (1.5, 6.0)
"""A string is enlarged by a factor between these."""

MARGIN = 8
"""Empty background around a string."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A picture, as the bytes of a PNG or JPEG file, and the rows of digits in it."""

    picture: bytes
    label: str


def strings(kind: str, digits: Split, count: int, seed: int = 1) -> Iterator[Composed]:
    """Numbers of 2 to 6 digits with the gaps of `kind`, one of GAPS; half of them dark on light."""
    random = np.random.default_rng((seed, list(GAPS).index(kind)))
    for _ in range(count):
        chosen = random.choice(len(digits), random.integers(LENGTHS[0], LENGTHS[1] + 1))
        ink = row([crop(digits.images[i, ..., 0]) for i in chosen], GAPS[kind], random)
        ink = enlarge(np.pad(ink, MARGIN), float(random.uniform(*SCALES)))
        grey = np.rint(ink * 255).astype(np.uint8)
        label = "".join(str(digits.labels[i]) for i in chosen)
        yield Composed(png(grey if random.random() < 0.5 else ~grey), label)


def row(digits: Sequence[Ink], gaps: tuple[int, int], random: Random) -> Ink:
    """Digits from left to right, each moved up or down, with gaps between these two."""
    return np.asarray(layers(digits, gaps, random).max(axis=0))


def layers(digits: Sequence[Ink], gaps: tuple[int, int], random: Random) -> Ink:
    """As `row`, with each digit in a layer of its own: [digits, height, width]."""
    steps = random.integers(gaps[0], gaps[1] + 1, len(digits))
    lifts = np.rint(random.uniform(-BASELINE, BASELINE, len(digits))).astype(int)
    height = max(digit.shape[0] for digit in digits) + 2 * round(BASELINE)
    width = sum(digit.shape[1] for digit in digits) + int(np.maximum(steps[1:], 0).sum())
    ink = np.zeros((len(digits), height, width), dtype=np.float32)
    left = end = 0
    for layer, digit, step, lift in zip(ink, digits, steps, lifts, strict=True):
        left = max(end + int(step), 0) if end else 0
        top = (height - digit.shape[0]) // 2 + int(lift)
        end = left + digit.shape[1]
        layer[top : top + digit.shape[0], left:end] = digit
    return ink[..., :end]


def enlarge(ink: Ink, scale: float) -> Ink:
    """Ink drawn larger, its edges as smooth as a pen's."""
    size = (round(ink.shape[1] * scale), round(ink.shape[0] * scale))
    large = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)
    return np.clip(np.asarray(large, dtype=np.float32), 0, 1)


def png(grey: NDArray[np.uint8]) -> bytes:
    """A grey picture as a PNG file's bytes."""
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


# --- pages


@dataclass(frozen=True, slots=True)
class Paper:
    """How much a photograph distorts a page; each value is the largest.

    `tilt` is in degrees, `keystone` the share of the width by which the far edge is shorter,
    `shade` the share of the light that a corner loses, `noise` in grey levels of 255.
    """

    tilt: float = 4.0
    keystone: float = 0.06
    shade: float = 0.4
    noise: float = 5.0


def pages(
    digits: Split, count: int, seed: int = 1, rows: int = 10, columns: int = 10
) -> Iterator[Composed]:
    """Photographs of sheets with up to `rows` lines of up to `columns` digits, clearly apart."""
    random = np.random.default_rng((seed, 100))
    for _ in range(count):
        lines = [random.integers(max(columns // 2, 1), columns + 1) for _ in range(rows)]
        chosen = [random.choice(len(digits), length) for length in lines]
        sheet = page([[crop(digits.images[i, ..., 0]) for i in line] for line in chosen], random)
        label = "\n".join("".join(str(digits.labels[i]) for i in line) for line in chosen)
        yield Composed(photograph(enlarge(sheet, float(random.uniform(1.5, 3.0))), random), label)


def page(lines: Sequence[Sequence[Ink]], random: Random) -> Ink:
    """Lines of digits under each other, each indented by up to a digit's width."""
    written = [row(line, PAGE_GAPS, random) for line in lines]
    indents = random.integers(0, 16, len(lines))
    width = max(ink.shape[1] + int(by) for ink, by in zip(written, indents, strict=True))
    spaced = [
        np.pad(ink, ((4, 6), (by, width - ink.shape[1] - by)))
        for ink, by in zip(written, indents, strict=True)
    ]
    return np.pad(np.concatenate(spaced), 16)


def photograph(ink: Ink, random: Random, paper: Paper | None = None) -> bytes:
    """Ink on a sheet, turned, seen at an angle, unevenly lit and noisy: a JPEG file's bytes."""
    paper = paper or Paper()
    height, width = ink.shape
    image = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    image = image.rotate(random.uniform(-paper.tilt, paper.tilt), Image.Resampling.BICUBIC)
    across = random.uniform(0, paper.keystone) * width
    corners = (-across, 0, 0, height, width, height, width + across, 0)
    image = image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    inked = np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float32) / 255
    down, right = np.linspace(0, 1, height), np.linspace(0, 1, width)
    falls = np.add.outer(down * random.uniform(-1, 1), right * random.uniform(-1, 1)) / 2
    light = 1 - random.uniform(0, paper.shade) * (falls - falls.min())
    grey = random.uniform(190, 240) * light * (1 - random.uniform(0.6, 0.85) * inked)
    grey += random.normal(0, random.uniform(0, paper.noise), grey.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(grey), 0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()
