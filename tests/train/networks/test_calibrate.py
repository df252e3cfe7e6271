"""Temperature and calibration error, on cases whose answer is known."""

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.train import stand_in
from train import calibrate, data, model


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def labelled(temperature: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits, and labels drawn as often as their softmax at `temperature` says."""
    random = np.random.default_rng(11)
    logits = random.normal(0, 3, (6000, 10))
    chances = np.cumsum(softmax(logits / temperature), axis=1)
    labels = (random.random((6000, 1)) > chances).sum(axis=1).clip(0, 9)
    return logits.astype(np.float32), labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7, 3.0])
def test_the_temperature_is_found(temperature: float) -> None:
    assert calibrate.best_temperature(*labelled(temperature)) == pytest.approx(
        temperature, rel=0.06
    )


def test_the_temperature_mends_the_calibration() -> None:
    logits, labels = labelled(2.0)
    before = calibrate.expected_error(softmax(logits), labels)  # type: ignore[arg-type]
    after = calibrate.expected_error(softmax(logits / 2.0), labels)  # type: ignore[arg-type]
    assert after < 0.03 < before


def test_the_loss_of_known_logits() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], dtype=np.float32))
    expected = -(np.log(0.5) + np.log(0.1)) / 2
    assert calibrate.loss(logits, np.array([0, 2])) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_huge_logits_is_finite() -> None:
    logits = np.array([[1e4, 0.0]], dtype=np.float32)
    assert calibrate.loss(logits, np.array([0])) == 0
    assert calibrate.loss(logits, np.array([1])) == pytest.approx(1e4)


def confident(
    confidence: list[float], right: list[bool]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Two classes, the first always said; the label agrees where it is right."""
    first = np.array(confidence, dtype=np.float32)
    return np.stack([first, 1 - first], axis=1), 1 - np.array(right, dtype=np.int64)


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
    probabilities, labels = confident(confidence, right)
    assert calibrate.expected_error(probabilities, labels) == pytest.approx(error, abs=1e-6)


def test_folding_divides_the_logits_and_changes_no_answer() -> None:
    keras.utils.set_random_seed(5)
    network = model.build()
    logits = keras.Model(network.input, network.get_layer("logits").output)
    validation = data.split(stand_in.arrays(), stand_in.HELD).validation
    before = np.asarray(logits(validation.images, training=False))
    answers = np.asarray(network(validation.images, training=False)).argmax(axis=1)

    temperature = calibrate.fold_temperature(network, validation)

    assert temperature != 1
    assert temperature == pytest.approx(calibrate.best_temperature(before, validation.labels))
    after = np.asarray(logits(validation.images, training=False))
    assert np.abs(after - before / temperature).max() < 1e-4
    said = np.asarray(network(validation.images, training=False)).argmax(axis=1)
    assert np.array_equal(said, answers)
