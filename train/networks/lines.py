"""The sequence network: the digits' network slid along a strip, and what it learns besides.

A space displacement network (Matan, Burges, LeCun, Denker, "Multi-digit recognition using a space
displacement neural network", NIPS 1991): the layers of `train.model` see every second column's
window of 28x28, begin with the trained weights, and two layers look at the neighbouring windows.
It is trained with connectionist temporal classification (Graves, Fernandez, Gomez, Schmidhuber,
ICML 2006).
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from train import augment, strips
from train.data import Split
from train.model import MOMENTUM
from train.strips import Sources

SYMBOLS = 12
"""Nothing here, the ten digits, and no digit: what the network says of each window."""

REACH = 5
"""Windows that each of the last layers looks at."""

DISTORTED = 0.4
"""How much the digits are distorted, as a share of `augment.Strength`."""

ALIKE, KEPT = 12, 4
"""Layers with weights that both networks have, and those of them that learn no more."""

RARE = np.array([0.0] * 10 + [2.0])
"""What a letter's logit is less than that of nothing, at first."""

PLACED = 0.5
"""What the digits' own windows count beside all ways to say them."""


@dataclass(frozen=True)
class Settings:
    """All that a training depends on besides its data."""

    seed: int = 1
    epochs: int = 48
    strips: int = 8_192  # of an epoch, composed anew
    pool: int = 16_384  # digits that an epoch's strips are composed of, distorted anew
    batch: int = 16
    peak_rate: float = 1e-3
    weight_decay: float = 0.02
    dropout: float = 0.05
    pens: int = 10_000  # digits by our own pen, and in typefaces, beside MNIST's
    hands: int = 8_000
    settle: int = 24  # further epochs, in batches of twice the size

    @property
    def settling(self) -> "Settings":
        """The settings of the further epochs."""
        return replace(
            self,
            seed=self.seed + 1_000,
            epochs=self.settle,
            batch=2 * self.batch,
        )


def build(dropout: float = 0.0) -> keras.Model:
    """An untrained network: strips [N, 28, W, 1] to logits [N, (W - 28) / 2 + 1, SYMBOLS]."""
    image = keras.Input((28, None, 1), name="image")
    x = _convolve(image, 32)  # [26, W - 2, 32]
    x = _convolve(x, 32)  # [24, W - 4, 32]
    x = layers.MaxPooling2D()(x)  # [12, C, 32]: from here on a column is two of the strip's
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
    return keras.Model(image, layers.Dense(SYMBOLS, name="logits")(x), name="strings")


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

    What that takes for no digit is nothing, as a window between two digits is. The first layers
    keep what they know of strokes and learn no more.
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
    kernel, bias = old[-1]
    nothing = kernel[:, 10:], bias[10:]
    new[-1].set_weights(
        [
            np.concatenate([nothing[0], kernel], axis=1),
            np.concatenate([nothing[1], bias - RARE]),
        ]
    )
    return network


def loss(shown: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """How improbable the strips' digits are, in whatever windows, and in their own; [N].

    `shown` is what `strips.padded` gives. That the digits' places are known makes the start quick.
    """
    shown, count = tf.cast(shown, tf.int32), tf.shape(shown)[0]
    is_sign = shown > strips.NOTHING
    signs = tf.ragged.boolean_mask(shown, is_sign).to_tensor()
    ways = tf.nn.ctc_loss(
        signs,
        logits,
        tf.reduce_sum(tf.cast(is_sign, tf.int32), axis=1),
        tf.fill([count], tf.shape(logits)[1]),
        logits_time_major=False,
        blank_index=strips.NOTHING,
    )
    told = tf.cast(shown != strips.UNTOLD, tf.float32)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(shown, 0), logits)
    return ways + PLACED * tf.reduce_sum(told * each, axis=1)


def batches(sources: Sources, settings: Settings, done: int = 0) -> tf.data.Dataset:
    """Batches of strips without end, from the epoch after `done` of them."""

    def make() -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        for epoch in itertools.count(done):
            yield from _epoch(sources, settings, epoch)

    images = tf.TensorSpec((None, 28, None, 1), tf.float32)
    return tf.data.Dataset.from_generator(
        make, output_signature=(images, tf.TensorSpec((None, None), tf.int64))
    ).prefetch(32)


def _epoch(
    sources: Sources, settings: Settings, epoch: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    random = np.random.default_rng((settings.seed, epoch))
    pools = Sources(*(_distorted(split, settings.pool, random) for split in sources))
    made = list(itertools.islice(strips.make(pools, random), settings.strips))
    made.sort(key=lambda each: each.ink.shape[1])
    starts = range(0, len(made), settings.batch)
    for start in random.permutation(starts):
        yield strips.padded(made[start : start + settings.batch])


def _distorted(split: Split, count: int, random: np.random.Generator) -> Split:
    chosen = random.integers(0, len(split), min(count, len(split)))
    seed = tf.constant(random.integers(0, 2**31 - 1, 2), tf.int32)
    parts = [
        augment.distort(tf.constant(split.images[some]), seed + i, amount=DISTORTED).numpy()
        for i, some in enumerate(np.array_split(chosen, max(len(chosen) // 2_048, 1)))
    ]
    return Split(np.concatenate(parts), split.labels[chosen])
