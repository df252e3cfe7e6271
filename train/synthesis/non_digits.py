"""What is no digit: letters, signs, scribbles, blots, and digits turned, mirrored or spliced.

All of it is drawn by our own code or made from MNIST's training digits. Every kind is an image
[28, 28] from 0 (background) to 1 (ink), as the network sees it.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.vision.normalize import INNER, normalize
from digitapp.vision.types import Grey
from train.data.mnist import Split
from train.synthesis import hershey
from train.synthesis.glyphs import LETTERS, SIGNS, THINGS, Points, smooth, strokes
from train.synthesis.pen import FILLED, SHEET, Random, crop, draw, pick, place, trace, write

TURNED = (2, 3, 4, 5, 7)
"""Digits that are no digits any more when they lie on their side."""

PARTS = (
    "0,50 100,50",
    "50,0 50,100",
    "0,10 100,10! 90,100",
    "10,0 10,90! 100,90",
    "50,0 0,50 50,100 100,50 50,0",
    "80,0 0,100",
    "20,0 100,100",
    "0,30 100,30 | 0,75 100,75",
    "50,0 50,100 | 50,50 100,50",
    "0,80 100,80 | 50,0 50,80",
    "0,0 100,0! 100,100! 0,100! 0,0",
    "90,10 20,20 10,80 95,90",
    "10,10 80,20 90,80 5,90",
)
"""Parts of letters, written as in `glyphs`."""

MIRRORED = (3, 7)
"""Digits that are no digits any more in a mirror, and that no child writes mirrored."""


def make(count: int, seed: int, digits: Split) -> NDArray[np.float32]:
    """Draw `count` images that are no digits, [count, 28, 28, 1] from 0 to 1."""
    random = np.random.default_rng(seed)
    kinds = tuple(kind for kind, times in KINDS.items() for _ in range(times))
    images = [kinds[int(random.integers(len(kinds)))](random) for _ in range(count * 3 // 4)]
    images += [
        (spliced, turned)[int(random.integers(2))](digits, random)
        for _ in range(count - len(images))
    ]
    return np.stack(images)[..., np.newaxis]


def letter(random: Random) -> Grey:
    """A letter that is no digit in any hand, [28, 28]."""
    return write(pick(LETTERS[pick(tuple(LETTERS), random)], random), random)


def foreign(random: Random) -> Grey:
    """A letter of some alphabet, [28, 28]."""
    every = hershey.glyphs()
    strokes = every[int(random.integers(len(every)))]
    return trace([stroke + random.normal(0, 2, 2) for stroke in strokes], random)


def built(random: Random) -> Grey:
    """Bars, hooks, bows and rings side by side and one below the other, [28, 28].

    Many scripts build their letters like this. With three parts or more hardly any is a digit.
    """
    parts = [PARTS[int(random.integers(len(PARTS)))] for _ in range(int(random.integers(3, 6)))]
    places = random.permutation(4)
    curves = []
    for part, place_ in zip(parts, np.resize(places, len(parts)), strict=True):
        size = random.uniform(45, 65, 2)
        corner = np.array(divmod(int(place_), 2)) * 42 + random.normal(0, 5, 2)
        curves += [smooth(points) / 100 * size + corner for points in strokes(part)]
    return trace(curves, random)


def empty(random: Random) -> Grey:
    """Nothing at all, [28, 28]. Degraded in training, it teaches that noise alone is no digit."""
    del random
    return np.zeros((28, 28), dtype=np.float32)


def sign(random: Random) -> Grey:
    """A sign or a simple shape, [28, 28]."""
    return write(pick(SIGNS, random), random)


def thing(random: Random) -> Grey:
    """A thing that people draw, [28, 28]."""
    return write(pick(THINGS, random), random)


def scribble(random: Random) -> Grey:
    """A pen that wanders: smoothly or in angles, a short or a long way, [28, 28]."""
    steps = random.normal(0, 25, (int(random.integers(9, 40)), 2))
    path = np.cumsum(steps + random.normal(0, 8, 2), axis=0)
    return _ink([smooth(path) if random.random() < 0.5 else path], random)


def strange(random: Random) -> Grey:
    """A sign of no alphabet: two to five lines, arcs and loops at random, [28, 28]."""
    return _ink([_stroke(random) for _ in range(int(random.integers(2, 6)))], random)


def blot(random: Random) -> Grey:
    """Blots: noise, blurred and cut at a threshold, [28, 28]."""
    noise = Image.fromarray(random.integers(0, 256, (SHEET, SHEET), dtype=np.uint8))
    soft = np.asarray(noise.filter(ImageFilter.GaussianBlur(float(random.uniform(3, 9)))))
    return normalize((soft > np.quantile(soft, random.uniform(0.4, 0.85))).astype(np.float32))


def spliced(digits: Split, random: Random) -> Grey:
    """Two touching digits of different classes, taken as one candidate, [28, 28]."""
    while True:
        first, second = random.integers(len(digits), size=2)
        if digits.labels[first] != digits.labels[second]:
            break
    left, right = crop(digits.images[first, ..., 0]), crop(digits.images[second, ..., 0])
    overlap = min(int(random.integers(0, 4)), left.shape[1], right.shape[1])
    sheet = np.zeros((20, left.shape[1] + right.shape[1] - overlap), dtype=np.float32)
    sheet[: left.shape[0], : left.shape[1]] = left
    part = sheet[-right.shape[0] :, -right.shape[1] :]
    np.maximum(part, right, out=part)
    return normalize(sheet)


def turned(digits: Split, random: Random) -> Grey:
    """A digit on its side or in a mirror, [28, 28]."""
    mirror = random.random() < 0.3
    classes = MIRRORED if mirror else TURNED
    candidates = np.flatnonzero(np.isin(digits.labels[:5000], classes))
    digit = digits.images[int(random.choice(candidates)), ..., 0]
    if mirror:
        return np.ascontiguousarray(digit[:, ::-1])
    return np.rot90(digit, int(random.choice((1, 3)))).copy()


def _stroke(random: Random) -> Points:
    """A line, an arc or a loop somewhere on the sheet."""
    turn = float(random.choice((0.0, 0.8, 1.5, 2.2)) * np.pi * random.choice((-1, 1)))
    length = float(random.uniform(25, 90))
    heading = random.uniform(0, 2 * np.pi) + np.linspace(0, turn, 24)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=-1) * length / 24
    path = np.cumsum(steps, axis=0)
    return np.asarray(path - path.mean(axis=0) + random.uniform(15, 85, 2))


def _ink(curves: list[Points], random: Random) -> Grey:
    width = FILLED / INNER * float(random.lognormal(np.log(2.3), 0.4))
    return normalize(draw(place(curves), width))


KINDS = {
    letter: 5,
    foreign: 4,
    built: 2,
    sign: 2,
    thing: 3,
    scribble: 2,
    strange: 3,
    blot: 2,
    empty: 1,
}
"""What is drawn, and how many times in 24: the hardest to tell from digits come most often."""
