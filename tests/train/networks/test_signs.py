"""The signs network: what it takes and gives."""

import keras
import numpy as np

from digitapp.recognition.symbols import SIGN_CLASSES
from digitapp.vision.context import SHAPE
from train.networks import signs


def test_it_gives_probabilities_of_its_classes() -> None:
    keras.utils.set_random_seed(1)
    windows = np.random.default_rng(2).random((3, *SHAPE, 2), dtype=np.float32)
    said = np.asarray(signs.build()(windows))
    assert said.shape == (3, SIGN_CLASSES)
    assert np.allclose(said.sum(axis=1), 1, atol=1e-5)


def test_dropout_adds_no_weights() -> None:
    """So a trained network's weights fit the one that is shipped."""
    bare, trained = signs.build(), signs.build(0.2)
    assert [w.shape for w in bare.get_weights()] == [w.shape for w in trained.get_weights()]
