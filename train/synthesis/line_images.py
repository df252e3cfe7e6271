"""Line images of touching digits, composed of training digits for the line network to learn from.

A composed string becomes a line image by the program's own code, and only what is connected becomes
one line image, as in the program.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cc3d
import numpy as np
from numpy.typing import NDArray

from digitapp.engine import SIDE
from digitapp.recognition.split import FAINT
from digitapp.recognition.symbols import BLANK, NO_DIGIT, to_line
from digitapp.vision.normalize import LINE_HEIGHT, LONGEST, STRIDE, columns, line_image
from digitapp.vision.types import Grey
from train.data.mnist import Split
from train.synthesis import compose
from train.synthesis.pen import Random, crop

LENGTHS = {1: 0.12, 2: 0.4, 3: 0.24, 4: 0.14, 5: 0.06, 6: 0.04}
"""Digits of a string, and the share of strings with so many."""

GAPS = (-4, 0)
"""Least and largest gap between the digits, in pixels of MNIST's scale: nearly all touch."""

NONE = 0.15
"""Share of the strings with something in them that is no digit."""

SINGLE = 0.15
"""Share of the components of one digit that are kept: the digits' network reads those."""

SIZES = (0.75, 1.2)
"""How large a digit of some strings is, beside its neighbours."""

SCALES = (1.5, 3.0)
"""A string is enlarged by a factor between these before it is segmented."""

WHOLE, TORN = 0.9, 0.1
"""A component holds a digit with this share of its ink, and none with less than that."""

UNKNOWN = -1
"""Target of the windows beside a digit's own: they may show the digit or nothing."""


class Sources(NamedTuple):
    """What line images are composed of: digits, and what is none."""

    digits: Split
    none: Split


class LineImage(NamedTuple):
    """A line image [28, W] and its labels from the left: digits, or NO_DIGIT for a run of others.

    `middles` are the columns of the digits' middles, counted from the left end of the ink.
    """

    ink: Grey
    labels: tuple[int, ...]
    middles: tuple[float, ...]


def make(sources: Sources, random: Random) -> Iterator[LineImage]:
    """Line images without end: of digits and, here and there, of what is none."""
    while True:
        count = int(random.choice(list(LENGTHS), p=list(LENGTHS.values())))
        foreign = np.zeros(count, dtype=bool)
        if random.random() < NONE:
            foreign = random.random(count) < random.choice([0.3, 1.0])
        signs = [_sign(sources.none if is_none else sources.digits, random) for is_none in foreign]
        yield from _of_string([ink for ink, _ in signs], [label for _, label in signs], random)


def _sign(split: Split, random: Random) -> tuple[Grey, int]:
    chosen = int(random.integers(len(split)))
    image = split.images[chosen, ..., 0]
    inked = image if image.any() else np.ones_like(image)  # an image of no digit may be empty
    return crop(inked), int(split.labels[chosen])


def _of_string(inks: Sequence[Grey], labels: Sequence[int], random: Random) -> Iterator[LineImage]:
    """A line image for each connected component of a string that holds whole digits only."""
    layers = _layers(inks, random)
    ink = layers.max(axis=0)
    components = cc3d.connected_components((ink > FAINT).astype(np.uint8), connectivity=8)
    wholes = layers.sum(axis=(1, 2))
    for number in range(1, int(components.max()) + 1):
        inside = components == number
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
        component = crop(np.where(inside, ink, 0).astype(np.float32))
        if columns(component) <= LONGEST:
            left = int(np.flatnonzero(inside.any(axis=0))[0])
            yield _line_image(component, left, _merged(found))


def _layers(inks: Sequence[Grey], random: Random) -> NDArray[np.float32]:
    """A string of the digits, enlarged, each in a layer of its own: [digits, height, width]."""
    if random.random() < 0.3:
        inks = [compose.enlarge(ink, float(random.uniform(*SIZES))) for ink in inks]
    scale = float(random.uniform(*SCALES))
    return np.stack([compose.enlarge(each, scale) for each in compose.layers(inks, GAPS, random)])


def _line_image(component: Grey, left: int, found: Sequence[tuple[int, float]]) -> LineImage:
    middles = tuple((middle - left) * LINE_HEIGHT / len(component) for _, middle in found)
    return LineImage(line_image(component), tuple(label for label, _ in found), middles)


def _middle(layer: Grey) -> float:
    """The column in the middle of a digit's ink."""
    inked = np.flatnonzero((layer > FAINT).any(axis=0))
    return float(inked[0] + inked[-1] + 1) / 2


def _merged(found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Labels and middles, neighbours that are no digits as one: nobody asks how many letters."""
    before: list[int | None] = [None, *(label for label, _ in found)]
    pairs = zip(before, found, strict=False)
    return [each for last, each in pairs if each[0] != NO_DIGIT or last != NO_DIGIT]


def batch(lines: Sequence[LineImage]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images [N, 28, W, 1] and the targets of their windows, [N, (W - 28) / 2 + 1].

    A target is the line network's class of a digit in the window over its middle, UNKNOWN beside
    it, and BLANK elsewhere.
    """
    width = max(each.ink.shape[1] for each in lines)
    images = np.zeros((len(lines), SIDE, width, 1), dtype=np.float32)
    targets = np.full((len(lines), (width - SIDE) // STRIDE + 1), BLANK, dtype=np.int64)
    for image, row, each in zip(images, targets, lines, strict=True):
        image[:, : each.ink.shape[1], 0] = each.ink
        _set_targets(row, each)
    return images, targets


def _set_targets(row: NDArray[np.int64], line: LineImage) -> None:
    """Set the targets of a line image's windows; no two digits get the same window."""
    windows: list[int] = []
    for middle, after in zip(line.middles, reversed(range(len(line.middles))), strict=True):
        first, last = windows[-1] + 1 if windows else 0, len(row) - 1 - after
        windows.append(min(max(round(middle / STRIDE), first), last))
    for window in windows:
        row[max(window - 1, 0) : window + 2] = UNKNOWN
    row[windows] = [to_line(label) for label in line.labels]
