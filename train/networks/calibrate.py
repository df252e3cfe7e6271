"""Probabilities that mean what they say: of the digits that say 0.9, nine in ten are right.

Temperature scaling: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks"
(ICML 2017). The temperature is folded into the last layer, so that it costs no engine anything.
"""

import keras
import numpy as np
from numpy.typing import NDArray

from train.data.mnist import Labels, Split


def fold_temperature(network: keras.Model, validation: Split) -> float:
    """Divide the network's logits by the temperature that fits `validation` best; return it."""
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
