"""The line network: it begins as the digits' network, slid along, and its loss is right."""

from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from digitapp.recognition.symbols import BLANK, LINE_CLASSES, NO_DIGIT, to_line
from train.networks import digits as single
from train.networks import lines
from train.synthesis.line_images import UNKNOWN


@pytest.fixture(scope="module")
def digits() -> keras.Model:
    keras.utils.set_random_seed(2)
    return single.build()


@pytest.fixture(scope="module")
def begun(digits: keras.Model) -> keras.Model:
    return lines.begun(digits)


def line(width: int, seed: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((1, 28, width, 1)).astype(np.float32)


@pytest.mark.parametrize("width", [44, 60, 92])
def test_it_sees_every_second_column(begun: keras.Model, width: int) -> None:
    assert begun(line(width)).shape == (1, (width - 28) // 2 + 1, LINE_CLASSES)


def test_a_window_is_read_as_by_the_digits_network(begun: keras.Model, digits: keras.Model) -> None:
    """In the middle of a line image: at its ends, windows have neighbours that digits lack."""
    ink = line(84)
    ink[:, :, :28] = ink[:, :, 56:] = 0
    logits = keras.Model(digits.input, digits.get_layer("logits").output)
    expected = np.asarray(logits(ink[:, :, 28:56]))[0]
    found = np.asarray(begun(ink))[0, 14]
    assert found[to_line(0) : to_line(NO_DIGIT)] == pytest.approx(expected[:NO_DIGIT], abs=0.05)
    assert found[BLANK] == pytest.approx(expected[NO_DIGIT], abs=0.05)
    assert found[to_line(NO_DIGIT)] == pytest.approx(expected[NO_DIGIT] - lines.RARE, abs=0.05)


def test_the_first_layers_learn_no_more(begun: keras.Model) -> None:
    kept = [layer for layer in begun.layers if layer.get_weights() and not layer.trainable]
    assert len(kept) == lines.KEPT
    assert kept[0] is next(layer for layer in begun.layers if layer.get_weights())


def by_hand(targets: list[int], logits: NDArray[np.float32]) -> float:
    """The loss of one line image by going through all its alignments."""
    chances = np.asarray(tf.nn.softmax(logits))
    wanted = [sign for sign in targets if sign > BLANK]
    ways = 0.0
    for path in product(range(logits.shape[1]), repeat=len(logits)):
        merged = [sign for last, sign in zip((0, *path), path, strict=False) if sign != last]
        if [sign for sign in merged if sign] == wanted:
            ways += float(np.prod(chances[range(len(path)), path]))
    windows = zip(chances, targets, strict=True)
    own = [-np.log(row[sign]) for row, sign in windows if sign != UNKNOWN]
    return float(-np.log(ways) + lines.OWN_WINDOWS * sum(own))


@pytest.mark.parametrize("targets", [[0, -1, 2, -1], [1, -1, 2, 0], [2, -1, -1, 2], [0, 0, 0, 1]])
def test_the_loss_counts_all_alignments_and_the_own_windows(targets: list[int]) -> None:
    logits = np.random.default_rng(4).normal(size=(4, 3)).astype(np.float32)
    found = lines.loss(tf.constant([targets], tf.float32), tf.constant(logits[np.newaxis]))
    assert np.asarray(found) == pytest.approx([by_hand(targets, logits)], rel=1e-4)
