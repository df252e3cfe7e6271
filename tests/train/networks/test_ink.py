"""The ink network: its shapes, its truth, its loss."""

import keras
import numpy as np
import pytest

from train.networks import ink
from train.synthesis.ring import RULING, WRITING


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    return ink.build()


def as_logits(masks: np.ndarray) -> np.ndarray:
    return 40 * np.asarray(ink.truth(masks)) - 20


def test_it_is_small(network: keras.Model) -> None:
    assert 100_000 < network.count_params() < 160_000


@pytest.mark.parametrize("shape", [(32, 64), (96, 32)])
def test_its_output_is_half_as_large(network: keras.Model, shape: tuple[int, int]) -> None:
    outputs = network(np.zeros((2, *shape, 1), np.float32), training=False)
    assert outputs.shape == (2, shape[0] // 2, shape[1] // 2, 8)


def test_bytes_are_read_as_values_up_to_one(network: keras.Model) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 1), dtype=np.uint8)
    trained, given = ink.for_training(network)(picture), network((picture / 255).astype(np.float32))
    assert np.allclose(trained, given, atol=1e-5)


def test_what_is_shipped_gives_probabilities_of_those_logits(network: keras.Model) -> None:
    picture = np.random.default_rng(1).random((1, 32, 32, 1)).astype(np.float32)
    shipped, logits = ink.with_probabilities(network)(picture), np.asarray(network(picture))
    assert np.allclose(shipped, 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_nine_shifted_products_are_a_depthwise_convolution() -> None:
    x = np.random.default_rng(1).normal(size=(2, 5, 6, 4)).astype(np.float32)
    one, other = ink.Shifted(3, padding="same"), keras.layers.DepthwiseConv2D(3, padding="same")
    expected = other(x)
    one.build(x.shape)
    one.set_weights(other.get_weights())
    assert np.allclose(one(x), expected, atol=1e-5)


def test_the_truth_has_a_place_for_each_of_four_pixels() -> None:
    masks = np.zeros((1, 2, 4, 1), np.uint8)
    masks[0, 0, 1], masks[0, 1, 2] = WRITING, RULING
    wanted = np.zeros((1, 1, 2, 8))
    wanted[0, 0, 0, 2] = 1  # right in the first row of the first four, writing
    wanted[0, 0, 1, 5] = 1  # left in the second row of the next four, ruling
    assert np.array_equal(ink.truth(masks), wanted)


def test_the_loss_is_least_where_all_is_right() -> None:
    masks = np.random.default_rng(1).integers(0, 4, (2, 32, 32, 1)).astype(np.uint8)
    right = as_logits(masks)
    assert float(ink.loss(masks, right)) < 1e-3
    assert float(ink.loss(masks, np.zeros_like(right))) > 1
    assert float(ink.loss(masks, -right)) > 20
