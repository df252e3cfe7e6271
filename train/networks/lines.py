"""The line network: the digits' network slid along a line image, and what it learns besides.

A space displacement network (Matan, Burges, LeCun, Denker, "Multi-digit recognition using a space
displacement neural network", NIPS 1991): the layers of `digits` see every second column's window
of 28x28, begin with the trained weights, and two layers look at the neighbouring windows. It is
trained with connectionist temporal classification (Graves, Fernandez, Gomez, Schmidhuber, ICML
2006).
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from digitapp.recognition.symbols import BLANK, LINE_CLASSES, NO_DIGIT, to_line
from train.networks.digits import MOMENTUM
from train.synthesis.line_images import UNKNOWN

REACH = 5
"""Windows that each of the last layers looks at."""

ALIKE, KEPT = 12, 4
"""Layers with weights that both networks have, and how many of them stay as they are."""

RARE = 2.0
"""At first, the logit of "no digit" is this much lower than that of the blank."""

OWN_WINDOWS = 0.5
"""Weight of the loss in the digits' own windows, beside that of all alignments."""


def build(dropout: float = 0.0) -> keras.Model:
    """An untrained network: images [N, 28, W, 1] to logits [N, (W - 28) / 2 + 1, LINE_CLASSES]."""
    image = keras.Input((28, None, 1), name="image")
    x = _convolve(image, 32)  # [26, W - 2, 32]
    x = _convolve(x, 32)  # [24, W - 4, 32]
    x = layers.MaxPooling2D()(x)  # [12, C, 32]: from here on a column is two of the image's
    x = _convolve(x, 64)  # [10, C - 2, 64]
    x = _convolve(layers.ZeroPadding2D(1)(x), 64)  # [10, C - 2, 64]
    x = layers.MaxPooling2D(2, (2, 1))(x)  # [5, C - 3, 64]
    x = _convolve(x, 128, dilation_rate=(1, 2))  # [3, C - 7, 128]
    x = layers.Dropout(dropout)(x)
    x = _convolve(x, 128, dilation_rate=(1, 2))  # [1, C - 11, 128]
    x = layers.Reshape((-1, 128))(x)
    for _ in range(2):
        x = layers.Add()([x, _look_around(layers.Dropout(dropout)(x))])
    x = layers.Dropout(dropout)(x)
    return keras.Model(image, layers.Dense(LINE_CLASSES, name="logits")(x), name="strings")


def _convolve(x: keras.KerasTensor, filters: int, **more: object) -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, use_bias=False, **more)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.ReLU()(x)


def _look_around(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv1D(128, REACH, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    return layers.ReLU()(x)


def begun(digits: keras.Model, dropout: float = 0.0) -> keras.Model:
    """A network with the weights of the digits' network: at first each window is read by itself.

    A window between two digits is "no digit" for the digits' network, so the blank begins with
    those weights. The first layers keep what they know of strokes and are not trained further.
    """
    network = build(dropout)
    old = [layer.get_weights() for layer in digits.layers if layer.get_weights()]
    new = [layer for layer in network.layers if layer.get_weights()]
    for layer, weights in zip(new[:ALIKE], old, strict=False):
        shapes = [weight.shape for weight in layer.get_weights()]
        layer.set_weights([w.reshape(shape) for w, shape in zip(weights, shapes, strict=True)])
    for layer in new[:KEPT]:
        layer.trainable = False
    for layer in new[ALIKE:-1]:
        if isinstance(layer, layers.BatchNormalization):
            layer.gamma.assign(np.zeros(layer.gamma.shape))  # adds nothing at first
    kernel, bias = (np.insert(weights, BLANK, weights[..., NO_DIGIT], -1) for weights in old[-1])
    bias[to_line(NO_DIGIT)] -= RARE
    new[-1].set_weights([kernel, bias])
    return network


def loss(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """How improbable the digits are, in all alignments and in their own windows; [N].

    `targets` is what `line_images.batch` gives. Since it tells the digits' own windows, the network
    learns faster at the start.
    """
    targets, count = tf.cast(targets, tf.int32), tf.shape(targets)[0]
    is_sign = targets > BLANK
    signs = tf.ragged.boolean_mask(targets, is_sign).to_tensor()
    alignments = tf.nn.ctc_loss(
        signs,
        logits,
        tf.reduce_sum(tf.cast(is_sign, tf.int32), axis=1),
        tf.fill([count], tf.shape(logits)[1]),
        logits_time_major=False,
        blank_index=BLANK,
    )
    known = tf.cast(targets != UNKNOWN, tf.float32)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(targets, 0), logits)
    return alignments + OWN_WINDOWS * tf.reduce_sum(known * each, axis=1)
