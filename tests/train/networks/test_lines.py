"""The sequence network: it begins as the digits' network, slid along, and its loss is right."""

from itertools import islice, product

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from tests.train import stand_in
from train import data, model, sequence
from train.sequence import Settings
from train.strips import NOTHING, UNTOLD, Sources


@pytest.fixture(scope="module")
def digits() -> keras.Model:
    keras.utils.set_random_seed(2)
    return model.build()


@pytest.fixture(scope="module")
def begun(digits: keras.Model) -> keras.Model:
    return sequence.begun(digits)


def strip(width: int, seed: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((1, 28, width, 1)).astype(np.float32)


@pytest.mark.parametrize("width", [44, 60, 92])
def test_it_sees_every_second_column(begun: keras.Model, width: int) -> None:
    assert begun(strip(width)).shape == (1, (width - 28) // 2 + 1, sequence.SYMBOLS)


def test_a_window_is_read_as_by_the_digits_network(begun: keras.Model, digits: keras.Model) -> None:
    """In the middle of a strip; at its ends the windows have neighbours that single digits lack."""
    ink = strip(84)
    ink[:, :, :28] = ink[:, :, 56:] = 0
    logits = keras.Model(digits.input, digits.get_layer("logits").output)
    expected = np.asarray(logits(ink[:, :, 28:56]))[0]
    found = np.asarray(begun(ink))[0, 14]
    assert found[1:11] == pytest.approx(expected[:10], abs=0.05)
    assert found[NOTHING] == pytest.approx(expected[10], abs=0.05)
    assert found[11] == pytest.approx(expected[10] - sequence.RARE[10], abs=0.05)


def test_the_first_layers_learn_no_more(begun: keras.Model) -> None:
    kept = [layer for layer in begun.layers if layer.get_weights() and not layer.trainable]
    assert len(kept) == sequence.KEPT
    assert kept[0] is next(layer for layer in begun.layers if layer.get_weights())


def by_hand(shown: list[int], logits: NDArray[np.float32]) -> float:
    """The loss of one strip by going through all ways to say its digits."""
    chances = np.asarray(tf.nn.softmax(logits))
    wanted = [sign for sign in shown if sign > NOTHING]
    ways = 0.0
    for path in product(range(logits.shape[1]), repeat=len(logits)):
        merged = [sign for last, sign in zip((0, *path), path, strict=False) if sign != last]
        if [sign for sign in merged if sign] == wanted:
            ways += float(np.prod(chances[range(len(path)), path]))
    told = [-np.log(row[sign]) for row, sign in zip(chances, shown, strict=True) if sign != UNTOLD]
    return float(-np.log(ways) + sequence.PLACED * sum(told))


@pytest.mark.parametrize("shown", [[0, -1, 2, -1], [1, -1, 2, 0], [2, -1, -1, 2], [0, 0, 0, 1]])
def test_the_loss_counts_all_ways_and_the_places(shown: list[int]) -> None:
    logits = np.random.default_rng(4).normal(size=(4, 3)).astype(np.float32)
    found = sequence.loss(tf.constant([shown], tf.float32), tf.constant(logits[np.newaxis]))
    assert np.asarray(found) == pytest.approx([by_hand(shown, logits)], rel=1e-4)


@pytest.fixture(scope="module")
def sources() -> Sources:
    every = data.split(stand_in.arrays(), stand_in.HELD).train
    return Sources(every, data.Split(every.images[:40], np.full(40, 10, dtype=np.int64)))


SMALL = Settings(strips=64, pool=200, batch=16)


def test_batches_are_repeatable_and_differ(sources: Sources) -> None:
    one, same = (list(sequence.batches(sources, SMALL).take(8)) for _ in range(2))
    for (images, shown), (same_images, same_shown) in zip(one, same, strict=True):
        assert np.array_equal(images, same_images) and np.array_equal(shown, same_shown)
        assert images.shape[:2] == (16, 28)
        assert shown.shape == (16, (images.shape[2] - 28) // 2 + 1)
    labels = [shown.numpy().tolist() for _, shown in one]
    assert labels[:4] != labels[4:]


def test_an_interrupted_training_goes_on_with_the_next_epoch(sources: Sources) -> None:
    straight = list(islice(sequence.batches(sources, SMALL), 8))[4:]
    resumed = list(islice(sequence.batches(sources, SMALL, done=1), 4))
    for (_, shown), (_, same) in zip(straight, resumed, strict=True):
        assert np.array_equal(shown, same)
