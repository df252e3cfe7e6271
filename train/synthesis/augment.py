"""Random distortion of digits: how hands and pens vary.

Affine and elastic distortion after Simard, Steinkraus, Platt, "Best practices for convolutional
neural networks applied to visual document analysis" (ICDAR 2003), in TensorFlow so that it runs
beside the training. Every function takes and returns images [B, 28, 28, 1] from 0 to 1.
"""

from dataclasses import dataclass

import tensorflow as tf

SIDE = 28


@dataclass(frozen=True)
class Strength:
    """How much is distorted. Values are standard deviations unless a comment says otherwise."""

    rotation: float = 9.0  # degrees
    shear: float = 0.18  # pixels across a pixel down: slant
    scale: float = 0.09  # of the logarithm, each axis on its own
    shift: float = 0.9  # pixels
    elastic: float = 0.95  # pixels, at the knots
    knots: int = 5  # a side, of the elastic field
    width: float = 0.75  # largest part of a one-pixel widening or thinning
    gain: float = 0.3  # largest loss of ink


def distort(
    images: tf.Tensor,
    seed: tf.Tensor,
    strength: Strength | None = None,
    amount: tf.Tensor | float = 1.0,
) -> tf.Tensor:
    """Every distortion in turn, at `amount` (0 to 1) of its strength.

    `seed` is [2] int; the same seed gives the same images.
    """
    strength = strength or Strength()
    seeds = tf.random.split(seed, 3)
    images = warp(images, seeds[0], strength, amount)
    images = vary_width(images, seeds[1], amount * strength.width)
    return vary_ink(images, seeds[2], amount * strength.gain)


def warp(
    images: tf.Tensor, seed: tf.Tensor, strength: Strength, amount: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """Rotate, slant, scale, shift and bend."""
    count = tf.shape(images)[0]
    seeds = tf.random.split(seed, 2)
    axis = tf.range(SIDE, dtype=tf.float32) - (SIDE - 1) / 2
    grid = tf.stack(tf.meshgrid(axis, axis), axis=-1)  # [28, 28, (x, y)]
    moved = tf.einsum("hwi,bji->bhwj", grid, _matrices(count, seeds[0], strength, amount))
    knots = (count, strength.knots, strength.knots, 2)
    field = amount * tf.random.stateless_normal(knots, seeds[1], stddev=strength.elastic)
    field = tf.image.resize(field, (SIDE, SIDE), method="bicubic")
    shift = amount * tf.random.stateless_normal(
        (count, 1, 1, 2), seeds[1] + 1, stddev=strength.shift
    )
    return sample(images, moved + field + shift + (SIDE - 1) / 2)


def vary_width(images: tf.Tensor, seed: tf.Tensor, most: float) -> tf.Tensor:
    """Widen or thin the strokes by up to `most` pixels a side."""
    amount = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed, -most, most)
    wide = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    changed = tf.where(amount > 0, wide, thin)
    return images + tf.abs(amount) * (changed - images)


def vary_ink(images: tf.Tensor, seed: tf.Tensor, most: float) -> tf.Tensor:
    """Fade the ink by up to `most`, and bend its greys by a gamma from 0.6 to 1.7."""
    seeds = tf.random.split(seed, 2)
    shape = (tf.shape(images)[0], 1, 1, 1)
    gain = 1 - tf.random.stateless_uniform(shape, seeds[0], 0, most)
    gamma = tf.exp(tf.random.stateless_uniform(shape, seeds[1], -0.5, 0.5))
    return gain * tf.pow(tf.clip_by_value(images, 0, 1), gamma)


def _matrices(
    count: tf.Tensor, seed: tf.Tensor, strength: Strength, amount: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """Affine matrices [B, 2, 2] from the new image's (x, y) to the old one's."""
    draws = amount * tf.random.stateless_normal((count, 4), seed)
    angle = draws[:, 0] * strength.rotation * 3.14159265 / 180
    shear = draws[:, 1] * strength.shear
    across = tf.exp(draws[:, 2] * strength.scale)
    down = tf.exp(draws[:, 3] * strength.scale)
    cos, sin = tf.cos(angle), tf.sin(angle)
    rows = [cos * across, (shear * cos - sin) * down, sin * across, (shear * sin + cos) * down]
    return tf.reshape(tf.stack(rows, axis=-1), (-1, 2, 2))


def sample(images: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Bilinear values of `images` at `places` [B, 28, 28, (x, y)]; outside is background."""
    padded = tf.pad(images[..., 0], [[0, 0], [1, 1], [1, 1]])
    side = SIDE + 2
    places = tf.clip_by_value(places + 1, 0.0, side - 1.001)
    corner = tf.floor(places)
    part = places - corner
    corner = tf.cast(corner, tf.int32)
    first = corner[..., 1] * side + corner[..., 0]  # [B, 28, 28], index of the upper left pixel
    flat = tf.reshape(padded, (-1, side * side))
    count = tf.shape(images)[0]

    def at(offset: int) -> tf.Tensor:
        index = tf.reshape(first + offset, (count, SIDE * SIDE))
        return tf.reshape(tf.gather(flat, index, batch_dims=1), (count, SIDE, SIDE))

    x, y = part[..., 0], part[..., 1]
    upper = at(0) * (1 - x) + at(1) * x
    lower = at(side) * (1 - x) + at(side + 1) * x
    return (upper * (1 - y) + lower * y)[..., tf.newaxis]
