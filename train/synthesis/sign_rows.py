"""Rows of digits and signs for the signs network: what a candidate in its row is.

A row is written symbol by symbol, spoilt as ink is in pictures, and cut into candidates by the
program's own code. Which symbols' ink a candidate holds tells its class.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from digitapp.recognition.symbols import A_DIGIT, FIRST_SIGN, OTHER, PART, SIGNS
from digitapp.vision import components, layout
from digitapp.vision.context import Row, may_be_one
from digitapp.vision.types import Bytes, Candidate, Grey, Ink
from train.data.mnist import Split
from train.synthesis.glyphs import LETTERS, Points
from train.synthesis.pages.hand import Hand
from train.synthesis.pages.sheet import Layer
from train.synthesis.pen import Random

TALL = 176
"""Height of the strip that a row is written on, in pixels; its digits are 20 to 60 high."""

WHOLE = 0.75
"""A candidate holds a symbol with at least this share of its ink."""

OWN = 0.7
"""A candidate that holds a symbol is its ink to this share; else it is a part of more."""

THRESHOLD = 100
"""From which value on ink counts, of 255."""

DIRT = 0.25
"""Share of the rows with specks of dirt."""

BROKEN, THICK = 0.25, 0.07
"""Share of the rows that ruling was taken away from, with what it crossed, and the greatest
thickness of such a line in digits' heights.
"""

MOST_GROUPS = 6
"""Groups of neighbours taken from a row."""

FORMS = (  # noqa: SIM905 (forms in rows are easier to read)
    "D.D DD.D D.DD D,DD DD,D DD,DDD D.DDD.DDD .DD ,DD DDDD/- DD.- DD.DD DDD.D D,DDD,DDD "
    "-D -DD -DDD +D +DD -D.D -D,DD DD-DD D-D DDD-DDDD D=D D+D D-D=D D+D=D DD+D=DD D/D=D "
    "D/D D/DD DD/DD DD:DD D:DD D:DD:DD D:D DDDD-DD-DD DD.DD.DDDD DD/DD/DDDD DD-DD-DD "
    "DD/DD/DD D/D/DD D/D D.DD DD.DD D% DD% D% DD.D% D,D% DDD% =D =DD DxD DxD=DD (D) (D+D) "
    "$D.DD D€ €DD L=D DL DDL LD LLL L-L L.D "
    "S S SD DS DSS DDDSDD DSD SDSD DDSDDD DDSD DDD,DDD +DDD DDD:DD DD=DD D÷D DD÷D=D D'D DD'DD"
).split()
"""Forms of rows: D stands for a digit, L for a letter, S for any sign."""

KEPT = {A_DIGIT: 0.25, PART: 0.35}
"""Share of the examples of these classes that are kept: they are far more than the others."""

SPACED = 0.15
"""Share of the rows with gaps around their signs."""

PLAIN = 0.35
"""Share of the rows of digits alone."""

ONES = 0.2
"""Share of the rows whose digits are mostly 1, the digit that looks like a sign."""

LETTER_NAMES = [name for name in LETTERS if len(name) == 1]


class Example(NamedTuple):
    """A candidate in its row, [32, 64, 2] uint8, and its class."""

    window: NDArray[np.uint8]
    label: int


class Strip:
    """What a hand writes a row on: each symbol in a layer of its own."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._layers: list[Layer] = []

    def begin(self) -> None:
        """Begin the next symbol."""
        self._layers.append(Layer(self._width, TALL))

    def stroke(self, path: Points, width: float) -> None:
        """A pen's stroke."""
        self._layers[-1].line(path, max(width, 1.0))

    def paste(self, ink: Grey, left: int, top: int) -> None:
        """A symbol as an image."""
        self._layers[-1].paste(ink, left, top)

    def layers(self) -> Grey:
        """The symbols' ink, [symbols, TALL, width] from 0 to 1."""
        drawn = [np.asarray(layer.drawn, dtype=np.float32) for layer in self._layers]
        return np.stack(drawn) / np.float32(255)


def make(digits: Split, random: Random) -> Iterator[Example]:
    """Examples without end.

    Args:
        digits: MNIST's digits, which half of the hands copy.
        random: decides on everything.
    """
    while True:
        yield from _of_row(digits, random)


def batch(digits: Split, count: int, random: Random) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Windows [count, 32, 64, 2] uint8 and their classes [count]."""
    examples = [example for example, _ in zip(make(digits, random), range(count), strict=False)]
    windows, labels = zip(*examples, strict=True)
    return np.stack(windows), np.array(labels, dtype=np.int64)


def _of_row(digits: Split, random: Random) -> Iterator[Example]:
    text = _text(random)
    height = float(random.uniform(20, 60))
    strip = Strip(round((len(text) + 2) * height * 1.4))
    hand = Hand(random, digits)
    left = height
    base = TALL / 2 + height / 2
    slope = float(random.normal(0, 0.02))
    labels = []
    for symbol in text:
        if symbol == " ":
            left += height * float(random.uniform(0.3, 1.0))
            continue
        strip.begin()
        foot = base + slope * left
        if symbol == "?":
            left = hand.scrawl(strip, left, foot, height)
        else:
            left = hand.write(strip, symbol, left, foot, height)
        labels.append(_label(symbol))
    layers = strip.layers()
    found = _candidates(_spoilt(layers.max(axis=0), height, random))
    for row in found:
        yield from _examples(row, layers, labels, random)


def _label(symbol: str) -> int:
    if symbol.isdigit():
        return A_DIGIT
    return FIRST_SIGN + SIGNS.index(symbol) if symbol in SIGNS else OTHER


def _text(random: Random) -> str:
    """A row's symbols; `?` is something drawn that is none."""
    form = FORMS[int(random.integers(len(FORMS)))]
    if random.random() < PLAIN:
        form = "D" * int(random.integers(1, 8))
    few = "1117" if random.random() < ONES else "0123456789"
    choices = {"D": few, "S": SIGNS, "L": LETTER_NAMES}
    text = "".join(
        str(choices[each][int(random.integers(len(choices[each])))]) if each in choices else each
        for each in form
    )
    if random.random() < 0.06:
        place = int(random.integers(0, len(text) + 1))
        text = text[:place] + "?" + text[place:]
    if random.random() < SPACED:
        text = "".join(f" {each} " if each in SIGNS else each for each in text)
    return text


def _spoilt(ink: Grey, height: float, random: Random) -> Bytes:
    """Ink as it is found in pictures: softened, thinned or widened, broken, among specks."""
    picture = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    if random.random() < 0.6:
        picture = picture.filter(
            ImageFilter.GaussianBlur(float(random.uniform(0.3, 0.03 * height)))
        )
        steep = float(random.uniform(1.0, 4.0))
        middle = float(random.uniform(70, 150))
        picture = picture.point(lambda value: round((value - middle) * steep + 128))
    if random.random() < 0.15 and height > 30:
        picture = picture.filter(ImageFilter.MinFilter(3))
    spoilt = np.asarray(picture).copy()
    if random.random() < BROKEN:
        _take_lines(spoilt, height, random)
    if random.random() < DIRT:
        for _ in range(int(random.integers(1, 5))):
            y, x = random.integers(0, spoilt.shape[0] - 3), random.integers(0, spoilt.shape[1] - 3)
            size = random.integers(1, max(round(0.05 * height), 2) + 1, 2)
            spoilt[y : y + size[0], x : x + size[1]] = 200
    return spoilt


def _take_lines(ink: Bytes, height: float, random: Random) -> None:
    """Take level lines out of the ink, or parts of them: digits lose a stroke or fall in two."""
    for _ in range(int(random.integers(1, 4))):
        thick = max(round(height * float(random.uniform(0.01, THICK))), 1)
        y = round(TALL / 2 + height * float(random.uniform(-0.6, 0.6)))
        first, end = sorted(random.integers(0, ink.shape[1] + 1, 2))
        ink[y : y + thick, first:end] = 0


def _candidates(ink: Bytes) -> list[list[Candidate]]:
    height, width = ink.shape
    return layout.order(components.find(Ink(ink, THRESHOLD, width, height)).candidates)


def _examples(
    row: Sequence[Candidate], layers: Grey, labels: Sequence[int], random: Random
) -> Iterator[Example]:
    """Each candidate of a row, and some groups of neighbours."""
    around = Row(row)
    chosen = [[each] for each in row]
    groups = [list(row[i : i + n]) for n in (2, 3) for i in range(len(row) - n + 1)]
    near = [group for group in groups if may_be_one(group, around.height)]
    order = random.permutation(len(near))[:MOST_GROUPS]
    chosen += [near[int(i)] for i in order]
    wholes = layers.sum(axis=(1, 2))
    for group in chosen:
        candidate = Candidate.union(group) if len(group) > 1 else group[0]
        label = _class_of(candidate, layers, wholes, labels)
        if random.random() > KEPT.get(label, 1.0):
            continue
        window = np.rint(around.around(candidate) * 255).astype(np.uint8)
        yield Example(window, label)


def _class_of(
    candidate: Candidate, layers: Grey, wholes: NDArray[np.float32], labels: Sequence[int]
) -> int:
    """What a candidate is, by the symbols whose ink it holds."""
    x, y = candidate.left, candidate.top
    inside = candidate.ink > 0
    part = layers[:, y : y + candidate.height, x : x + candidate.width] * inside
    inks = part.sum(axis=(1, 2))
    held = inks / np.maximum(wholes, 1e-6)
    whole = np.flatnonzero(held >= WHOLE)
    if not inks.sum():
        return OTHER  # dirt
    others = np.delete(inks, whole).sum()
    if len(whole) == 1 and others <= (1 - OWN) * inks.sum():
        return labels[int(whole[0])]
    return PART
