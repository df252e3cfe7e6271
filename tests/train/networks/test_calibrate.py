"""The temperature, on cases whose answer is known."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.train import stand_in
from train.data import mnist
from train.evaluation import metrics
from train.networks import calibrate, digits


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
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
    assert error(logits / 2.0, labels) < 0.03 < error(logits, labels)


def error(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """The expected calibration error."""
    probabilities = softmax(logits)
    right = probabilities.argmax(axis=1) == labels
    return metrics.calibration_error(metrics.reliability(probabilities.max(axis=1), right))


def test_the_loss_of_known_logits() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], dtype=np.float32))
    expected = -(np.log(0.5) + np.log(0.1)) / 2
    assert calibrate.loss(logits, np.array([0, 2])) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_huge_logits_is_finite() -> None:
    logits = np.array([[1e4, 0.0]], dtype=np.float32)
    assert calibrate.loss(logits, np.array([0])) == 0
    assert calibrate.loss(logits, np.array([1])) == pytest.approx(1e4)


def test_folding_divides_the_logits_and_changes_no_answer() -> None:
    keras.utils.set_random_seed(5)
    network = digits.build()
    logits = keras.Model(network.input, network.get_layer("logits").output)
    validation = mnist.split(stand_in.arrays(), stand_in.HELD).validation
    before = np.asarray(logits(validation.images, training=False))
    answers = np.asarray(network(validation.images, training=False)).argmax(axis=1)

    temperature = calibrate.fold_temperature(network, validation)

    assert temperature != 1
    assert temperature == pytest.approx(calibrate.best_temperature(before, validation.labels))
    after = np.asarray(logits(validation.images, training=False))
    assert np.abs(after - before / temperature).max() < 1e-4
    said = np.asarray(network(validation.images, training=False)).argmax(axis=1)
    assert np.array_equal(said, answers)
