"""The ink network: tells of each pixel whether it is writing, and whether it is ruling.

A U-Net (Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
segmentation", MICCAI 2015) of depthwise-separable convolutions (Howard et al., "MobileNets", 2017).
It works at half the picture's size and below; each of its outputs tells of four pixels (Shi et al.,
"Real-time single image and video super-resolution using an efficient sub-pixel convolutional
neural network", CVPR 2016), which `digitapp.engine` puts in their places.
"""

from typing import Any

import keras
from keras import layers, ops

from digitapp.engine.doubling import Doubling
from train.synthesis.ring import RULING, WRITING

LEVELS = (16, 32, 48, 64, 96)
"""Channels at a half, a quarter, an eighth, a 16th and a 32nd of the picture's size."""

BOTTOM = 6
"""Further layers at the last level: each lets a pixel see 64 more to all sides, along a ruling."""

MOMENTUM = 0.95
"""Of the batch statistics' running means: quick enough for a short run to be measured."""


def build(is_shipped: bool = False) -> keras.Model:
    """An untrained network: pictures [N, H, W, 1] to logits [N, H / 2, W / 2, 8].

    H and W are open multiples of 32; values are from 0 to 1. The eight logits are those of the
    pixels at (0, 0), (0, 1), (1, 0) and (1, 1), each of writing and then of ruling. What is
    shipped has none of our own layers but `Doubling`.
    """
    depthwise = layers.DepthwiseConv2D if is_shipped else _depthwise()

    def separable(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
        return _mixed(depthwise(3, padding="same", use_bias=False)(x), channels)

    picture = keras.Input((None, None, 1), name="picture")
    first, *others = LEVELS
    x = layers.Conv2D(first, 5, strides=2, padding="same", use_bias=False)(picture)
    x = separable(layers.ReLU()(_normalized(x)), first)
    passed = []
    for channels in others:
        passed.append(x)
        x = separable(separable(layers.MaxPooling2D()(x), channels), channels)
    for _ in range(BOTTOM):
        x = layers.Add()([x, separable(x, others[-1])])
    for skipped, channels in zip(reversed(passed), reversed(LEVELS[:-1]), strict=True):
        x = layers.Concatenate()([Doubling()(_mixed(x, channels)), skipped])
        x = separable(x, channels)
        if channels > first:  # the largest pictures cost most of the time
            x = layers.Add()([x, separable(x, channels)])
    logits = layers.Conv2D(8, 1, dtype="float32", name="logits")(x)
    return keras.Model(picture, logits, name="ink")


def with_probabilities(network: keras.Model) -> keras.Model:
    """The trained network as it is shipped: probabilities in place of logits."""
    bare = build(is_shipped=True)
    bare.set_weights(network.get_weights())
    outputs = layers.Activation("sigmoid", name="probabilities")(bare.output)
    return keras.Model(bare.input, outputs, name="ink")


def for_training(network: keras.Model) -> keras.Model:
    """The network on bytes: an eighth of what goes from the workers to a GPU."""
    picture = keras.Input((None, None, 1), name="bytes", dtype="uint8")
    return keras.Model(picture, network(ops.cast(picture, "float32") / 255), name="training")


def _depthwise() -> type[keras.layers.Layer]:
    return Shifted if keras.backend.backend() == "jax" else layers.DepthwiseConv2D


def _mixed(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    return layers.ReLU()(_normalized(x))


def _normalized(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=MOMENTUM)(x)


class Shifted(layers.DepthwiseConv2D):  # type: ignore[misc]  # keras ships no types
    """The same of 3x3 by nine shifted products: XLA has no fast way of its own for it."""

    def call(self, x: Any) -> Any:
        """The sum of the products."""
        height, width = ops.shape(x)[1:3]
        around = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        kernel = ops.cast(self.kernel, x.dtype)[..., 0]  # [3, 3, C]
        return sum(
            around[:, down : down + height, across : across + width] * kernel[down, across]
            for down in range(3)
            for across in range(3)
        )


def truth(masks: Any) -> Any:
    """What the logits should say: masks [N, H, W, 1] of bits to [N, H / 2, W / 2, 8] of 0 and 1."""
    masks = ops.cast(masks, "int32")
    _, height, width, _ = ops.shape(masks)
    fours = ops.reshape(masks, (-1, height // 2, 2, width // 2, 2))
    fours = ops.transpose(fours, (0, 1, 3, 2, 4))  # [N, H / 2, W / 2, down, across]
    both = ops.stack([fours & WRITING, fours & RULING], axis=-1)
    return ops.cast(ops.reshape(both, (-1, height // 2, width // 2, 8)) > 0, "float32")


def loss(masks: Any, logits: Any) -> Any:
    """Binary cross-entropy of all pixels, and one minus the batch's Dice of each class."""
    wanted = truth(masks)
    logits = ops.cast(logits, "float32")
    entropy = ops.maximum(logits, 0) - logits * wanted + ops.softplus(-ops.abs(logits))
    return ops.mean(entropy) + ops.mean(1 - dice(wanted, ops.sigmoid(logits)))


def dice(wanted: Any, found: Any) -> Any:
    """Dice of writing and of ruling, [2], of values [N, H, W, 8]; one where there is neither."""
    return (2 * per_class(wanted * found) + 1) / (per_class(wanted + found) + 1)


def per_class(values: Any) -> Any:
    """The sums over pixels, [2], of values [N, H, W, 8]."""
    return ops.sum(ops.reshape(ops.sum(values, axis=(0, 1, 2)), (4, 2)), axis=0)
