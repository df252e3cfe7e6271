"""Strips of digits that touch, for the sequence network: composed of training digits by rule.

What is composed goes the program's own way to a strip (`digitapp.strip`), and only what hangs
together is one, as in the program.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cc3d
import numpy as np
from numpy.typing import NDArray

from digitapp import cuts
from digitapp.marks import Grey
from digitapp.normalize import SIDE
from digitapp.strip import HIGH, LONGEST, STRIDE, columns, strip
from train import strings
from train.data import Split
from train.nodigit import NO_DIGIT

LENGTHS = {1: 0.12, 2: 0.4, 3: 0.24, 4: 0.14, 5: 0.06, 6: 0.04}
"""Digits of a string, and how often it has so many."""

GAPS = (-4, 0)
"""Least and largest gap between the digits, in pixels of MNIST's scale: nearly all touch."""

NONE = 0.15
"""Share of the strings that hold what is no digit."""

SINGLE = 0.15
"""Share of the marks of one digit that are kept: the other network reads those."""

SIZES = (0.75, 1.2)
"""How large a digit of some strings is, beside its neighbours."""

SCALES = (1.5, 3.0)
"""A string is enlarged by a factor between these before it is segmented."""

WHOLE, TORN = 0.9, 0.1
"""A mark holds a digit with this share of its ink, and none with less than that."""

NOTHING, UNTOLD = 0, -1
"""What a window shows between digits, and right beside a digit's own."""

Random = np.random.Generator


class Sources(NamedTuple):
    """What strips are composed of: digits, and what is none."""

    digits: Split
    none: Split


class Strip(NamedTuple):
    """A strip [28, W] and its labels from the left: digits, or NO_DIGIT for any number of those.

    `middles` are the columns of the strip's ink in which their middles are.
    """

    ink: Grey
    labels: tuple[int, ...]
    middles: tuple[float, ...]


def make(sources: Sources, random: Random) -> Iterator[Strip]:
    """Strips without end: of digits and, here and there, of what is none."""
    while True:
        count = int(random.choice(list(LENGTHS), p=list(LENGTHS.values())))
        foreign = np.zeros(count, dtype=bool)
        if random.random() < NONE:
            foreign = random.random(count) < random.choice([0.3, 1.0])
        signs = [_sign(sources.none if is_none else sources.digits, random) for is_none in foreign]
        yield from _strips([ink for ink, _ in signs], [label for _, label in signs], random)


def _sign(split: Split, random: Random) -> tuple[Grey, int]:
    chosen = int(random.integers(len(split)))
    image = split.images[chosen, ..., 0]
    inked = image if image.any() else np.ones_like(image)  # what is none may be empty
    return strings.crop(inked), int(split.labels[chosen])


def _strips(inks: Sequence[Grey], labels: Sequence[int], random: Random) -> Iterator[Strip]:
    """The marks of one string."""
    if random.random() < 0.3:
        inks = [strings.enlarge(ink, float(random.uniform(*SIZES))) for ink in inks]
    scale = float(random.uniform(*SCALES))
    layers = strings.layers(inks, GAPS, random)
    layers = np.stack([strings.enlarge(layer, scale) for layer in layers])
    ink = layers.max(axis=0)
    pieces = cc3d.connected_components((ink > cuts.FAINT).astype(np.uint8), connectivity=8)
    wholes = layers.sum(axis=(1, 2))
    for number in range(1, int(pieces.max()) + 1):
        inside = pieces == number
        held = (layers * inside).sum(axis=(1, 2)) / np.maximum(wholes, 1e-6)
        if ((held > TORN) & (held < WHOLE)).any() or held.max() < WHOLE:
            continue
        found = [
            (label, _middle(layer))
            for label, layer, share in zip(labels, layers, held, strict=True)
            if share >= WHOLE
        ]
        if len(found) == 1 and random.random() > SINGLE:
            continue
        mark = strings.crop(np.where(inside, ink, 0).astype(np.float32))
        if columns(mark) <= LONGEST:
            left = int(np.flatnonzero(inside.any(axis=0))[0])
            merged = _merged(found)
            middles = ((middle - left) * HIGH / len(mark) for _, middle in merged)
            yield Strip(strip(mark), tuple(label for label, _ in merged), tuple(middles))


def _middle(layer: Grey) -> float:
    """The column in the middle of a digit's ink."""
    inked = np.flatnonzero((layer > cuts.FAINT).any(axis=0))
    return float(inked[0] + inked[-1] + 1) / 2


def _merged(found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Labels and middles; neighbours that are no digit as one: how many letters is not asked."""
    before = [NOTHING, *(label for label, _ in found)]
    pairs = zip(before, found, strict=False)
    return [each for last, each in pairs if each[0] != NO_DIGIT or last != NO_DIGIT]


def padded(strips: Sequence[Strip]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A batch: strips [N, 28, W, 1] and what their windows show, [N, (W - 28) / 2 + 1].

    That is a label plus 1 in the window whose middle is the digit's, UNTOLD beside it, 0 elsewhere.
    """
    width = max(each.ink.shape[1] for each in strips)
    images = np.zeros((len(strips), SIDE, width, 1), dtype=np.float32)
    windows = np.zeros((len(strips), (width - SIDE) // STRIDE + 1), dtype=np.int64)
    for image, row, each in zip(images, windows, strips, strict=True):
        image[:, : each.ink.shape[1], 0] = each.ink
        _mark(row, each)
    return images, windows


def _mark(row: NDArray[np.int64], strip_: Strip) -> None:
    """Note in a strip's row of windows which digits are where; no two are in one window."""
    places: list[int] = []
    for middle, after in zip(strip_.middles, reversed(range(len(strip_.middles))), strict=True):
        first, last = places[-1] + 1 if places else 0, len(row) - 1 - after
        places.append(min(max(round(middle / STRIDE), first), last))
    for place in places:
        row[max(place - 1, 0) : place + 2] = UNTOLD
    row[places] = np.array(strip_.labels) + 1
