"""Intervals, calibration and distance of texts, on cases whose answer is known."""

import math

import numpy as np
import pytest

from train.evaluation import metrics


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (95, 100, 0.8883, 0.9785),
    ],
)
def test_wilsons_interval(right: int, count: int, low: float, high: float) -> None:
    found = metrics.wilson(right, count)
    assert found == pytest.approx((low, high), abs=1e-4)
    for bound in found:  # its definition: the share is z standard errors from each bound
        error = math.sqrt(max(bound * (1 - bound), 0) / count)
        assert abs(right / count - bound) == pytest.approx(1.96 * error, abs=1e-6)


def test_the_bootstrap_knows_the_standard_error() -> None:
    shares = np.random.default_rng(2).random(200)
    low, high = metrics.bootstrap(shares)
    reach = 1.96 * shares.std() / np.sqrt(len(shares))
    assert low == pytest.approx(shares.mean() - reach, abs=0.005)
    assert high == pytest.approx(shares.mean() + reach, abs=0.005)
    assert metrics.bootstrap(np.full(9, 0.25)) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("confidence", "right", "error"),
    [
        ([1.0] * 4, [True] * 4, 0.0),
        ([1.0] * 4, [False] * 4, 1.0),
        ([1.0] * 4, [True, True, True, False], 0.25),
        ([0.9] * 10, [True] * 9 + [False], 0.0),
        ([0.9] * 10, [True] * 5 + [False] * 5, 0.4),
        ([0.6] * 5 + [0.98] * 5, [True] * 3 + [False] * 2 + [True] * 5, 0.01),
    ],
)
def test_the_calibration_error(confidence: list[float], right: list[bool], error: float) -> None:
    bins = metrics.reliability(np.array(confidence, dtype=np.float32), np.array(right))
    assert metrics.calibration_error(bins) == pytest.approx(error, abs=1e-6)


@pytest.mark.parametrize(
    ("said", "label", "distance"),
    [
        ("", "", 0),
        ("123", "123", 0),
        ("", "12", 2),
        ("123", "", 3),
        ("13", "123", 1),
        ("1123", "123", 1),
        ("143", "123", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_the_distance_of_texts(said: str, label: str, distance: int) -> None:
    assert metrics.distance(said, label) == metrics.distance(label, said) == distance
