"""From a grey picture to ink: the background and its light are taken away.

Whatever the picture was (a photo in shadow, white chalk, a drawing on nothing), what leaves this
module is ink on an empty background: 0 where there is none, and the more it differs from the
background, the more.
"""

import numpy as np

from digitapp.vision.background import foreground, is_ink_dark, is_written_on
from digitapp.vision.levels import FAINT, Foreground
from digitapp.vision.paper import inside_frame, sheet, without_lines
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

NO_INK = 256
"""A threshold that no ink reaches."""


def find_ink(scan: Scan) -> Ink:
    """Take the background away. Ink is what is on its rarer side: dark or light."""
    ink = foreground(scan.grey)
    if _is_dust(ink.mask):
        return Ink(ink.values, NO_INK, scan.width, scan.height)
    if inside := sheet(ink) or inside_frame(ink):
        inner = foreground(scan.grey[inside])
        if is_written_on(inner):
            values = np.zeros_like(ink.values)
            values[inside] = inner.values
            ink = Foreground(values, inner.threshold)
    ink = without_lines(ink)
    return Ink(ink.values, ink.threshold, scan.width, scan.height)


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


def _is_dust(mask: Mask) -> bool:
    """Whether ink has no more ink beside it, or at its corners, than by chance.

    The corners count too: a thin slanted line has ink at its corners alone.
    """
    share = np.count_nonzero(mask) / mask.size
    line, width = mask.ravel(), mask.shape[1]  # where one row meets the next does no harm
    beside, aslant = (1, width), (width - 1 or 1, width + 1)
    pairs = (
        sum(np.count_nonzero(line[step:] & line[:-step]) for step in steps) / 2 / mask.size
        for steps in (beside, aslant)
    )
    return all(pair - share**2 <= ALIKE * share * (1 - share) for pair in pairs)
