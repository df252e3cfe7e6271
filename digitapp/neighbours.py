"""What a mark's neighbours tell of it: beside sure digits there is seldom something else.

The network learned from marks of which about one in five was no digit. Where that is rarer, its
probabilities are to be weighed by the ratio of the two (Saerens, Latinne, Decaestecker, "Adjusting
the outputs of a classifier to new a priori probabilities", Neural Computation 14, 2002).
"""

import numpy as np
from numpy.typing import NDArray

from digitapp.reading import Read, Row

MOST = 2 / 3
"""Share of a mark's neighbours in its row that are sure digits at least."""

HIGH = 0.6
"""A mark lower than this share of its row's sure digits is no neighbour, but a dot or a dash."""

RARER = {1: 0.3, 2: 0.1}
"""How much rarer "no digit" is beside so many sure digits or more."""


def weigh(row: Row) -> Row:
    """The row, in which marks beside sure digits are refused less easily."""
    heights = [len(each.mark.ink) for each in row if each.is_sure]
    if not heights or len(heights) < MOST * (len(row) - 1):
        return row
    ratio = RARER[min(len(heights), max(RARER))]
    least = HIGH * float(np.median(heights))
    return [
        each if each.is_sure or len(each.mark.ink) < least else _rarer(each, ratio) for each in row
    ]


def _rarer(read: Read, ratio: float) -> Read:
    weighed: NDArray[np.float32] = read.outputs * np.append(np.ones(10, np.float32), ratio)
    return read._replace(outputs=(weighed / weighed.sum()).astype(np.float32))
