"""The digits' network: a CNN, after LeNet with today's layers, that takes 0.3 ms on one core."""

import keras
from keras import layers

from digitapp.recognition.symbols import CLASSES

MOMENTUM = 0.95
"""Of the batch statistics' running means: quick enough for a short run to be measured."""


def build(dropout: float = 0.0) -> keras.Model:
    """An untrained network.

    Args:
        dropout: the share of the last layers' inputs that training leaves out; earlier layers
            leave out less.

    Returns:
        A model from images [N, 28, 28, 1] to probabilities [N, CLASSES].
    """
    image = keras.Input((28, 28, 1), name="image")
    x = _convolve(image, 32)  # [26, 26, 32]
    x = _convolve(x, 32)  # [24, 24, 32]
    x = layers.MaxPooling2D()(x)  # [12, 12, 32]
    x = layers.Dropout(dropout / 4)(x)
    x = _convolve(x, 64)  # [10, 10, 64]
    x = _convolve(x, 64, "same")  # [10, 10, 64]
    x = layers.MaxPooling2D()(x)  # [5, 5, 64]
    x = layers.Dropout(dropout / 2)(x)
    x = _convolve(x, 128)  # [3, 3, 128]
    x = layers.Flatten()(x)  # [1152]
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(128, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(CLASSES, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="probabilities")(logits), name="digits")


def _convolve(x: keras.KerasTensor, filters: int, padding: str = "valid") -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.ReLU()(x)
