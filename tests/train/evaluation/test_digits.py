"""The figures of the digits' network, on cases whose answer is known."""

import json

import numpy as np
import pytest

from digitapp.recognition.symbols import CLASSES, DIGITS, NO_DIGIT
from train.evaluation.digits import Result


def result(confidence: list[float], right: list[bool], no_digit: float = 0.0) -> Result:
    """Digits that are all 3; the network says 5 for those that are not right."""
    outputs = np.zeros((len(right), CLASSES), dtype=np.float32)
    for row, (share, is_right) in enumerate(zip(confidence, right, strict=True)):
        outputs[row, :DIGITS] = (1 - share) / 9 * (1 - no_digit)
        outputs[row, 3 if is_right else 5] = share * (1 - no_digit)
        outputs[row, NO_DIGIT] = no_digit
    return Result(outputs, np.full(len(right), 3))


SURER = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.9]


@pytest.mark.parametrize(
    ("wrong", "error", "coverage"),
    [
        ([], 0.0, 1.0),
        ([9], 0.0, 0.9),
        ([9], 0.1, 1.0),
        ([5], 0.0, 0.5),
        ([5], 0.125, 1.0),
        ([0], 0.0, 0.0),
        ([0], 0.2, 1.0),
        ([0, 9], 0.1, 0.0),
        ([0, 9], 0.12, 0.9),
    ],
)
def test_coverage_at_an_error(wrong: list[int], error: float, coverage: float) -> None:
    right = [place not in wrong for place in range(10)]
    order = np.random.default_rng(1).permutation(10)
    shuffled = result([SURER[i] for i in order], [right[i] for i in order])
    assert shuffled.coverage(error) == pytest.approx(coverage)


@pytest.mark.parametrize("no_digit", [0.0, 0.3, 0.9])
def test_the_digits_are_judged_as_digits(no_digit: float) -> None:
    found = result([0.9, 0.8, 0.7], [True, False, True], no_digit)
    assert found.said.tolist() == [3, 5, 3]
    assert found.wrong.tolist() == [1]
    assert np.allclose(found.probabilities.max(axis=1), [0.9, 0.8, 0.7])
    assert found.refused == (1.0 if no_digit == 0.9 else 0.0)


def test_the_summary_is_json() -> None:
    facts = result(SURER, [True] * 9 + [False]).summary()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert (facts["digits"], facts["misread"]) == (10, 1)
    assert facts["accuracy"] == pytest.approx(0.9)
    assert facts["coverage_at_0.1%_error"] == 0.9
