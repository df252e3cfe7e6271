"""Where a mark may be cut into parts: more places than there are digits.

Over-segmentation, as in LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to
document recognition", Proc. IEEE 86 (1998), section V. The program itself asks the sequence network
how many digits there are; here the parts are what the digits' network learns from.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp.recognition.split import ROWS, Cut, paths_from
from digitapp.vision.types import Grey

THICKEST = 0.8
"""A path through more ink than this share of its rows is no cut."""

APART = 0.08
"""Cuts are at least this far apart, as a share of the mark's height."""

RIM = 0.08
"""Nor are they closer to the mark's sides than this."""

DENSEST = 7
"""Most cuts on a length of the mark's height."""


def find(ink: Grey) -> list[Cut]:
    """Cuts through a mark's ink [height, width], from left to right: those of the least ink."""
    height, width = ink.shape
    columns = max(round(width * ROWS / height), 1)
    small = Image.fromarray(ink).resize((columns, ROWS), Image.Resampling.BOX)
    rim = max(round(RIM * ROWS), 1)
    starts = np.arange(rim, columns - rim)
    if not len(starts):
        return []
    costs, paths = paths_from(np.asarray(small, dtype=np.float32), starts)
    most = int(DENSEST * max(columns / ROWS, 1.5))
    rows = np.arange(height) * ROWS // height
    chosen = sorted(_valleys(costs)[:most])
    return [np.rint((paths[i][rows] + 0.5) * height / ROWS).astype(np.int64) for i in chosen]


def _valleys(costs: NDArray[np.float32]) -> list[int]:
    """Places where the cost is low and nowhere lower beside it, the cheapest first.

    Of a plain the middle counts.
    """
    falls = np.diff(costs, prepend=np.inf, append=np.inf)
    edges = np.flatnonzero(np.abs(falls) > 1e-6)  # the first place of each plain, and the end
    valleys: list[tuple[float, int]] = []
    for first, end in pairwise(edges):
        if falls[first] < 0 < falls[end] and costs[first] <= THICKEST * ROWS:
            valleys.append((float(costs[first]), int(first + end - 1) // 2))
    chosen: list[int] = []
    for _, place in sorted(valleys):
        if all(abs(place - other) >= APART * ROWS for other in chosen):
            chosen.append(place)
    return chosen
