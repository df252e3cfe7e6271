"""From a grey picture to ink: the background, its light and what is printed on it are taken away.

Whatever the picture was (a photo in shadow, white chalk, a drawing on nothing), what leaves this
module is ink on an empty background: 0 where there is none. Drawings and clean scans take a fast
way; a network finds the ink of all else.
"""

import cc3d
import numpy as np

from digitapp.engine import Engine
from digitapp.vision import ruling
from digitapp.vision.background import TIGHT, is_ink_dark, on_plain_background
from digitapp.vision.levels import FAINT
from digitapp.vision.segment import LONGEST, segment
from digitapp.vision.types import Bytes, Ink, Mask, Scan

ALIKE = 0.1
"""A picture is noise if its neighbouring pixels correlate by at most this.

Those of heavily peppered digits correlate more.
"""

OUTLINE = 28
"""A digit in 28x28 pixels has at least so many pairs of neighbours that differ by FAINT or more.

The smallest of MNIST-C have 30, paper has up to 26.
"""

CONTRAST = 64
"""A picture that is read as it is has at least so many greys between its lightest and darkest."""

LIKELY = 128
"""A pixel is writing from this probability on, of 255."""

SMALL = 14
"""If usual writing is less high, in pixels of the first copy, the picture is looked at larger."""


def find_ink(scan: Scan, engine: Engine) -> Ink:
    """Take the background away, whether ink is dark or light; name what was printed on it."""
    plain = on_plain_background(scan.grey)
    if plain and (max(scan.grey.shape) <= TIGHT or not ruling.is_ruled(plain.mask)):
        return Ink(plain.values, plain.threshold, scan.width, scan.height)
    writing, lines = segment(scan.grey, engine.ink)
    if max(scan.grey.shape) > LONGEST and _is_small(writing >= LIKELY):
        writing, lines = segment(scan.grey, engine.ink, max(scan.grey.shape))
    left_out = ruling.left_out(lines >= LIKELY, scan.width, scan.height)
    return Ink(writing, LIKELY, scan.width, scan.height, left_out)


def _is_small(mask: Mask) -> bool:
    """Whether most of the ink is in components that are less than SMALL high."""
    if not mask.any():
        return False
    found = cc3d.statistics(cc3d.connected_components(mask), no_slice_conversion=True)
    top, bottom = found["bounding_boxes"][1:, :2].astype(np.int64).T
    heights, areas = bottom - top + 1, found["voxel_counts"][1:]
    return bool(areas[heights < SMALL].sum() > areas.sum() / 2)


def as_is(scan: Scan) -> Ink | None:
    """The whole picture as light ink, its background too.

    None of a picture that shows nothing: noise, paper, light that slowly changes.
    """
    if _is_noise(scan.grey) or _is_smooth(scan.grey) or _is_pale(scan.grey):
        return None
    ink = ~scan.grey if is_ink_dark(scan.grey) else scan.grey
    return Ink(ink, FAINT, scan.width, scan.height)


def _is_noise(grey: Bytes) -> bool:
    """Whether neighbouring pixels are no more alike than by chance."""
    values = grey.astype(np.float32) - np.float32(grey.mean())
    down, across = (values[1:] * values[:-1]).mean(), (values[:, 1:] * values[:, :-1]).mean()
    return float(down + across) / 2 <= ALIKE * float(np.square(values).mean())


def _is_smooth(grey: Bytes) -> bool:
    """Whether too few neighbouring pixels differ as ink and background do."""
    ends = (grey[1:], grey[:-1]), (grey[:, 1:], grey[:, :-1])
    steps = sum(np.count_nonzero(np.maximum(*end) - np.minimum(*end) >= FAINT) for end in ends)
    return bool(steps < OUTLINE)


def _is_pale(grey: Bytes) -> bool:
    """Whether light and dark are too close for writing; a hundredth of each does not count."""
    low, high = np.quantile(grey, (0.01, 0.99))
    return bool(high - low < CONTRAST)
