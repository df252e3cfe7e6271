"""Random distortion of digits: how hands and pens vary.

Affine and elastic distortion after Simard, Steinkraus, Platt, "Best practices for convolutional
neural networks applied to visual document analysis" (ICDAR 2003), by Keras' operations so that it
runs where the training does. Every function takes and returns images [B, 28, 28, 1] from 0 to 1.
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from train.synthesis import chance
from train.synthesis.chance import Tensor

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
    images: Tensor,
    seed: Tensor,
    strength: Strength | None = None,
    amount: Tensor | float = 1.0,
) -> Tensor:
    """Every distortion in turn, at `amount` (0 to 1) of its strength.

    `seed` is [2] int; the same seed gives the same images.
    """
    strength = strength or Strength()
    seeds = chance.split(seed, 3)
    images = warp(images, seeds[0], strength, amount)
    images = vary_width(images, seeds[1], amount * strength.width)
    return vary_ink(images, seeds[2], amount * strength.gain)


def warp(images: Tensor, seed: Tensor, strength: Strength, amount: Tensor | float = 1.0) -> Tensor:
    """Rotate, slant, scale, shift and bend."""
    count = ops.shape(images)[0]
    seeds = chance.split(seed, 2)
    axis = ops.arange(SIDE, dtype="float32") - (SIDE - 1) / 2
    grid = ops.stack(ops.meshgrid(axis, axis), axis=-1)  # [28, 28, (x, y)]
    moved = ops.einsum("hwi,bji->bhwj", grid, _matrices(count, seeds[0], strength, amount))
    knots = (count, strength.knots, strength.knots, 2)
    field = amount * strength.elastic * chance.normal(knots, seeds[1])
    field = ops.image.resize(field, (SIDE, SIDE), interpolation="bicubic")
    shift = amount * strength.shift * chance.normal((count, 1, 1, 2), seeds[1] + 1)
    return sample(images, moved + field + shift + (SIDE - 1) / 2)


def vary_width(images: Tensor, seed: Tensor, most: float) -> Tensor:
    """Widen or thin the strokes by up to `most` pixels a side."""
    amount = chance.uniform((ops.shape(images)[0], 1, 1, 1), seed, -most, most)
    wide = ops.max_pool(images, 3, 1, "same")
    thin = -ops.max_pool(-images, 3, 1, "same")
    changed = ops.where(amount > 0, wide, thin)
    return images + ops.abs(amount) * (changed - images)


def vary_ink(images: Tensor, seed: Tensor, most: float) -> Tensor:
    """Fade the ink by up to `most`, and bend its greys by a gamma from 0.6 to 1.7."""
    seeds = chance.split(seed, 2)
    shape = (ops.shape(images)[0], 1, 1, 1)
    gain = 1 - chance.uniform(shape, seeds[0], 0, most)
    gamma = ops.exp(chance.uniform(shape, seeds[1], -0.5, 0.5))
    return gain * ops.power(ops.clip(images, 0, 1), gamma)


def _matrices(
    count: Tensor, seed: Tensor, strength: Strength, amount: Tensor | float = 1.0
) -> Tensor:
    """Affine matrices [B, 2, 2] from the new image's (x, y) to the old one's."""
    draws = amount * chance.normal((count, 4), seed)
    angle = draws[:, 0] * strength.rotation * 3.14159265 / 180
    shear = draws[:, 1] * strength.shear
    across = ops.exp(draws[:, 2] * strength.scale)
    down = ops.exp(draws[:, 3] * strength.scale)
    cos, sin = ops.cos(angle), ops.sin(angle)
    rows = [cos * across, (shear * cos - sin) * down, sin * across, (shear * sin + cos) * down]
    return ops.reshape(ops.stack(rows, axis=-1), (-1, 2, 2))


def sample(images: Tensor, places: Tensor) -> Tensor:
    """Bilinear values of `images` at `places` [B, 28, 28, (x, y)]; outside is background."""
    padded = ops.pad(images[..., 0], [[0, 0], [1, 1], [1, 1]])
    side = SIDE + 2
    places = ops.clip(places + 1, 0.0, side - 1.001)
    corner = ops.floor(places)
    part = places - corner
    corner = ops.cast(corner, "int32")
    first = corner[..., 1] * side + corner[..., 0]  # [B, 28, 28], index of the upper left pixel
    flat = ops.reshape(padded, (-1, side * side))
    count = ops.shape(images)[0]

    def at(offset: int) -> Tensor:
        index = ops.reshape(first + offset, (count, SIDE * SIDE))
        return ops.reshape(ops.take_along_axis(flat, index, axis=1), (count, SIDE, SIDE))

    x, y = part[..., 0], part[..., 1]
    upper = at(0) * (1 - x) + at(1) * x
    lower = at(side) * (1 - x) + at(side + 1) * x
    return (upper * (1 - y) + lower * y)[..., np.newaxis]
