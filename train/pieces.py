"""What is cut from strings of digits: good parts, of which each is its digit, and bad.

A part keeps a piece of its neighbour's stroke or lacks one of its own, which no whole digit does.
The strings are composed by `strings` of MNIST's training digits and cut in more places than needed.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import cc3d
import numpy as np
from numpy.typing import NDArray

from digitapp.recognition import split
from digitapp.vision.normalize import normalize
from digitapp.vision.types import Grey
from train import oversegment, strings
from train.data import Split
from train.nodigit import NO_DIGIT

GAPS = (-4, 1)
"""Least and largest gap between the digits, in pixels of MNIST's scale: most of them touch."""

WHOLE, OWN = 0.85, 0.8
"""A part is a digit if it holds this share of one's ink, and this share of its own ink is of it."""

HIGH = 0.45
"""A part is at least so high as this share of the mark that it is cut from."""

TORN = 0.7
"""A part that holds less than this share of any digit's ink is none."""

NARROW = 0.55
"""What is torn and narrower than this, in heights, is often a 1 as well: left out."""

BAD = 0.3
"""Share of the parts that are no digit."""

TAKEN, TAKEN_BAD = 0.6, 0.1
"""Share of a string's good and of its many bad parts that are taken: so more strings are seen."""

Random = np.random.Generator


class Part(NamedTuple):
    """What lies between two cuts, cropped, and what it is: a digit, or NO_DIGIT."""

    ink: Grey
    label: int


def make(count: int, seed: int, digits: Split) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Cut `count` parts: images [count, 28, 28, 1] from 0 to 1, labels [count]."""
    random = np.random.default_rng((seed, 3))
    bad = round(BAD * count)
    wanted = {False: count - bad, True: bad}
    images, labels = [], []
    while any(wanted.values()):
        for part in _parts(digits, random):
            is_bad = part.label == NO_DIGIT
            if wanted[is_bad] and random.random() < (TAKEN_BAD if is_bad else TAKEN):
                wanted[is_bad] -= 1
                images.append(normalize(part.ink))
                labels.append(part.label)
    return np.stack(images)[..., np.newaxis], np.array(labels, dtype=np.int64)


def _parts(digits: Split, random: Random) -> Iterator[Part]:
    """All parts of one string of two or three digits of which it can be told what they are."""
    chosen = random.choice(len(digits), random.integers(2, 4))
    crops = [strings.crop(digits.images[i, ..., 0]) for i in chosen]
    scale = float(random.uniform(*strings.SCALES))
    layers = _enlarged(strings.layers(crops, GAPS, random), scale)
    ink = layers.max(axis=0)
    pieces = cc3d.connected_components((ink > split.FAINT).astype(np.uint8), connectivity=8)
    wholes = layers.sum(axis=(1, 2))
    for number in range(1, int(pieces.max()) + 1):
        rows, columns = np.nonzero(pieces == number)
        box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        inside = (pieces == number)[box]
        yield from _cut(np.where(inside, layers[:, *box], 0), wholes, digits.labels[chosen])


def _enlarged(layers: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    return np.stack([strings.enlarge(layer, scale) for layer in layers])


def _cut(
    layers: NDArray[np.float32], wholes: NDArray[np.float32], labels: NDArray[np.int64]
) -> Iterator[Part]:
    """The parts of one mark; `layers` [digits, height, width] holds each digit's share of it."""
    ink = layers.max(axis=0)
    left, right = split.sides(ink)
    ends = [left, *oversegment.find(ink), right]
    if len(ends) == 2 or (layers.sum(axis=(1, 2)) > TORN * wholes).sum() < 2:
        return
    for first, last in combinations(ends, 2):
        found = split.between(ink, first, last)
        if found is None or len(found[0]) < HIGH * len(ink):
            continue
        inks = (layers * split.inside(ink.shape[1], first, last)).sum(axis=(1, 2))
        label = _label(inks, wholes, labels, found[0].shape)
        if label is not None:
            yield Part(found[0], label)


def _label(
    inks: NDArray[np.float32],
    wholes: NDArray[np.float32],
    labels: NDArray[np.int64],
    shape: tuple[int, ...],
) -> int | None:
    """What a part is that holds `inks` of each digit's `wholes`; None where it cannot be told."""
    held = inks / np.maximum(wholes, 1e-6)
    most = int(inks.argmax())
    if held[most] >= WHOLE and inks[most] >= OWN * inks.sum():
        return int(labels[most])
    height, width = shape
    is_double = (held > TORN).sum() > 1
    is_torn = held.max() < TORN and width > NARROW * height
    return NO_DIGIT if is_double or is_torn else None
