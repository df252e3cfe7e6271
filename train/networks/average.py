"""One network of several that were trained on from the same weights: the mean of their weights.

Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time" (ICML 2022). The mean of batch statistics is not the statistics
of the mean network, so these are taken anew (Izmailov et al., "Averaging weights leads to wider
optima", UAI 2018).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

MOMENTUM = 0.98
"""Of the batch statistics' running means while they are taken anew."""

BATCHES = 150
"""Batches of which they are taken: then 0.98 ** 150 = 5 % of the old statistics is left."""

Weights = Sequence[NDArray[np.float32]]


def mean(networks: Sequence[Weights]) -> list[NDArray[np.float32]]:
    """The mean of the networks' weights, each a list of arrays of the same shapes."""
    return [np.mean(arrays, axis=0, dtype=np.float32) for arrays in zip(*networks, strict=True)]


def refresh(network: keras.Model, batches: Iterator[tuple[Any, Any]]) -> None:
    """Take the network's batch statistics anew, from batches of images as it was trained on."""
    layers = [layer for layer in network.layers if hasattr(layer, "moving_mean")]
    before = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = MOMENTUM
    for _, (images, _labels) in zip(range(BATCHES), batches, strict=False):
        network(images, training=True)
    for layer, momentum in zip(layers, before, strict=True):
        layer.momentum = momentum
