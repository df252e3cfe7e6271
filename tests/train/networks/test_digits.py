"""The digits' network: small, and of the form that the program expects."""

import keras
import numpy as np
import pytest

from train.networks import digits


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return digits.build()


def test_it_is_small(network: keras.Model) -> None:
    assert network.count_params() <= 310_000


def test_its_form(network: keras.Model) -> None:
    assert network.input_shape == (None, 28, 28, 1)
    assert network.output_shape == (None, 11)
    assert network.get_layer("logits").output.shape == (None, 11)


@pytest.mark.parametrize("count", [1, 7])
def test_its_outputs_are_probabilities(network: keras.Model, count: int) -> None:
    images = np.random.default_rng(1).random((count, 28, 28, 1), dtype=np.float32)
    rows = np.asarray(network(images, training=False))
    assert rows.shape == (count, 11)
    assert rows.min() >= 0
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_an_image_is_judged_alone(network: keras.Model) -> None:
    """Not by the company it keeps: batch normalisation uses what it has learnt."""
    images = np.random.default_rng(2).random((4, 28, 28, 1), dtype=np.float32)
    together = np.asarray(network(images, training=False))
    alone = np.asarray(network(images[:1], training=False))
    assert np.abs(together[:1] - alone).max() < 1e-5
