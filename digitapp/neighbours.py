"""What a mark's neighbours tell of it: beside sure digits there is seldom something else.

The network learned from marks of which about one in five was no digit. Where that is rarer, its
probabilities are to be weighed by the ratio of the two (Saerens, Latinne, Decaestecker, "Adjusting
the outputs of a classifier to new a priori probabilities", Neural Computation 14, 2002).
"""

import numpy as np
from numpy.typing import NDArray

from digitapp.reading import Read, Row

SURE = 2 / 3
"""Least share of a mark's neighbours in its row that are sure digits."""

HIGH = 0.6
"""A mark lower than this share of its row's sure digits is no neighbour, but a dot or a dash."""

RARER = {1: 0.3, 2: 0.1}
"""How much rarer "no digit" is beside so many sure digits or more."""


def weigh(row: Row) -> Row:
    """The row, in which marks beside sure digits are refused less easily."""
    heights = [len(each.mark.ink) for each in row if each.is_sure]
    least = HIGH * float(np.median(heights)) if heights else 0.0
    is_high = [len(each.mark.ink) >= least for each in row]
    sure = sum(each.is_sure and high for each, high in zip(row, is_high, strict=True))
    if not sure or sure < SURE * (sum(is_high) - 1):
        return row
    ratio = RARER[min(sure, max(RARER))]
    return [
        _rarer(each, ratio) if high and not each.is_sure else each
        for each, high in zip(row, is_high, strict=True)
    ]


def _rarer(read: Read, ratio: float) -> Read:
    weighed: NDArray[np.float32] = read.outputs * np.append(np.ones(10, np.float32), ratio)
    return read._replace(outputs=(weighed / weighed.sum()).astype(np.float32))
