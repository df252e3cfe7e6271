"""Probabilities that mean what they say.

Temperature scaling: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks"
(ICML 2017). The temperature is folded into the last layer, so that every engine has it for free.
"""

from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from train.data import Labels, Split


def fold_temperature(network: keras.Model, validation: Split) -> float:
    """Divide the network's logits by the temperature that fits `validation` best; returns it."""
    layer = network.get_layer("logits")
    logits = keras.Model(network.input, layer.output).predict(
        validation.images, batch_size=512, verbose=0
    )
    temperature = best_temperature(logits, validation.labels)
    layer.set_weights([weights / temperature for weights in layer.get_weights()])
    return temperature


def best_temperature(logits: NDArray[np.float32], labels: Labels) -> float:
    """The temperature from 0.25 to 4 with the least negative log-likelihood."""
    candidates = np.geomspace(0.25, 4, 201)
    losses = [loss(logits / temperature, labels) for temperature in candidates]
    return float(candidates[int(np.argmin(losses))])


def loss(logits: NDArray[np.float32], labels: Labels) -> float:
    """Mean negative log-likelihood of `labels` [N] under `logits` [N, K], in nats."""
    logits = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    likelihood = logits[np.arange(len(labels)), labels] - np.log(np.exp(logits).sum(axis=1))
    return float(-likelihood.mean())


def expected_error(probabilities: NDArray[np.float32], labels: Labels, bins: int = 15) -> float:
    """Expected calibration error over equal bins of confidence, from 0 to 1."""
    right = probabilities.argmax(axis=1) == labels
    return gap(reliability(probabilities.max(axis=1), right, bins))


class Bin(NamedTuple):
    """Answers that are about equally sure: their share of all, mean confidence, share right."""

    share: float
    confidence: float
    right: float


def reliability(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], bins: int = 15
) -> list[Bin]:
    """The equal bins of confidence, from 0 to 1, that hold any of the answers [N]."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    members = [place == number for number in range(bins)]
    return [
        Bin(float(member.mean()), float(confidence[member].mean()), float(right[member].mean()))
        for member in members
        if member.any()
    ]


def gap(bins: list[Bin]) -> float:
    """How far confidence and truth lie apart, the mean over the answers."""
    return float(sum(abs(one.right - one.confidence) * one.share for one in bins))
