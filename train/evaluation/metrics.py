"""Figures of answers whose truth is known: intervals, coverage, calibration, distance of texts."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000
"""Resamplings of the sources for the interval of their mean."""

BINS = 15
"""Equal bins of confidence, as in Guo et al. (2017)."""

Confidences = NDArray[np.floating[Any]]


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """A proportion's 95 % interval (Wilson, 1927)."""
    share = right / count
    middle = share + z * z / (2 * count)
    reach = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    scale = 1 + z * z / count
    return (middle - reach) / scale, (middle + reach) / scale


def bootstrap(shares: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of the mean of `shares` [N], by resampling them (Efron, 1979)."""
    random = np.random.default_rng(1)
    means = shares[random.integers(len(shares), size=(DRAWS, len(shares)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def coverage(confidence: Confidences, right: NDArray[np.bool_], error: float) -> float:
    """Largest share of the answers [N], the surest first, with at most `error` of them wrong."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    within = np.flatnonzero(wrong <= error * np.arange(1, len(order) + 1))
    return float(within[-1] + 1) / len(order) if len(within) else 0.0


class Bin(NamedTuple):
    """Answers of about the same confidence: their share of all, mean confidence, share right."""

    share: float
    confidence: float
    right: float


def reliability(confidence: Confidences, right: NDArray[np.bool_], bins: int = BINS) -> list[Bin]:
    """The equal bins of confidence, from 0 to 1, that hold any of the answers [N]."""
    number_of = np.minimum((confidence * bins).astype(int), bins - 1)
    members = [number_of == number for number in range(bins)]
    return [
        Bin(float(member.mean()), float(confidence[member].mean()), float(right[member].mean()))
        for member in members
        if member.any()
    ]


def calibration_error(bins: list[Bin]) -> float:
    """Expected calibration error, 0 to 1: the distance of confidence and truth, on average."""
    return float(sum(abs(one.right - one.confidence) * one.share for one in bins))


def distance(said: str, label: str) -> int:
    """Fewest insertions, deletions and changes from one to the other (Levenshtein, 1966)."""
    costs = list(range(len(label) + 1))
    for row, read in enumerate(said, 1):
        before, costs = costs, [row]
        for column, meant in enumerate(label):
            changed = before[column] + (read != meant)
            costs.append(min(changed, before[column + 1] + 1, costs[column] + 1))
    return costs[-1]
