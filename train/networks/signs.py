"""The signs network: whether a candidate in its row is a digit, a sign, other writing or a part."""

import keras
from keras import layers

from digitapp.recognition.symbols import SIGN_CLASSES
from digitapp.vision.context import SHAPE

MOMENTUM = 0.95
"""Of the batch statistics' running means: quick enough for a short run to be measured."""


def build(dropout: float = 0.0) -> keras.Model:
    """An untrained network of 86,000 weights.

    Args:
        dropout: the share of the last layers' inputs that training leaves out.

    Returns:
        A model from what `vision.context` gives, [N, 32, 64, 2], to probabilities [N, 11].
    """
    around = keras.Input((*SHAPE, 2), name="around")
    x = _convolve(around, 16)
    x = layers.MaxPooling2D()(x)  # [16, 32, 16]
    x = _convolve(x, 32)
    x = layers.MaxPooling2D()(x)  # [8, 16, 32]
    x = _convolve(x, 48)
    x = layers.MaxPooling2D()(x)  # [4, 8, 48]
    x = _convolve(x, 64, "valid")  # [2, 6, 64]
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(48, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
    logits = layers.Dense(SIGN_CLASSES, name="logits")(layers.Dropout(dropout)(x))
    return keras.Model(around, layers.Softmax(name="probabilities")(logits), name="signs")


def _convolve(x: keras.KerasTensor, filters: int, padding: str = "same") -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
