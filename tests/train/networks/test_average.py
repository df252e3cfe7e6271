"""The mean of several networks."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tensorflow as tf

from train.networks import average


def test_the_mean_of_weights() -> None:
    one = [np.array([1.0, 2.0], np.float32), np.array([[4.0]], np.float32)]
    other = [np.array([3.0, 6.0], np.float32), np.array([[0.0]], np.float32)]
    first, second = average.mean([one, other])
    assert first.tolist() == [2.0, 4.0]
    assert second.tolist() == [[2.0]]
    assert first.dtype == np.float32


def test_networks_of_other_shapes_have_no_mean() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        average.mean([[np.zeros(1, np.float32)], []])


def test_batch_statistics_are_taken_anew() -> None:
    network = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(momentum=0.5)])
    layer = network.layers[0]
    random = np.random.default_rng(1)

    def batches() -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
        while True:
            yield tf.constant(random.normal(3, 2, (64, 2)), tf.float32), tf.zeros(64)

    average.refresh(network, batches())
    assert layer.moving_mean.numpy() == pytest.approx([3, 3], abs=0.3)
    assert layer.moving_variance.numpy() == pytest.approx([4, 4], abs=0.8)
    assert layer.momentum == 0.5


def test_weights_stay_as_they_are() -> None:
    network = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
    before = [weights.numpy() for weights in network.trainable_weights]
    average.refresh(network, iter([(tf.ones((4, 2)), tf.zeros(4))]))
    for old, new in zip(before, network.trainable_weights, strict=True):
        assert np.array_equal(old, new.numpy())
