"""Random degradation of digits: what paper, light, lenses and scanners do to them.

Each kind ranges from hardly visible to hard to read. It takes and returns images [B, 28, 28, 1]
from 0 (background) to 1 (ink); lengths are in pixels. None of these kinds is one of the corruptions
that `evaluation.mnist_c` measures with: strengths and shapes are drawn at random here.
"""

from collections.abc import Callable

import numpy as np
from keras import ops

from train.synthesis import augment, chance
from train.synthesis.augment import SIDE
from train.synthesis.chance import Tensor

Kind = Callable[[Tensor, Tensor], Tensor]


def degrade(images: Tensor, seed: Tensor, each: int) -> Tensor:
    """Degrade the first `each` images of a shuffled batch in one way, the next in another ...

    `seed` is [2] int; the same seed gives the same images. The rest of the batch stays as it is.
    """
    if not each:
        return images
    seeds = chance.split(seed, len(KINDS))
    parts = [
        kind(images[number * each : (number + 1) * each], seeds[number])
        for number, kind in enumerate(KINDS)
    ]
    rest = images[len(KINDS) * each :]
    return ops.concatenate([ops.clip(part, 0, 1) for part in parts] + [rest], axis=0)


# --- noise


def grain(images: Tensor, seed: Tensor) -> Tensor:
    """Noise over ink and background, with a standard deviation up to 0.4."""
    seeds = chance.split(seed, 2)
    return images + _each(images, seeds[0], 0.05, 0.4) * _normal(images, seeds[1])


def speckle(images: Tensor, seed: Tensor) -> Tensor:
    """Ink that covers badly: noise that grows with the ink."""
    seeds = chance.split(seed, 2)
    return images * (1 + _each(images, seeds[0], 0.2, 0.9) * _normal(images, seeds[1]))


def pepper(images: Tensor, seed: Tensor) -> Tensor:
    """Up to a quarter of the pixels take a random grey."""
    seeds = chance.split(seed, 3)
    hit = _uniform(images, seeds[0]) < _each(images, seeds[1], 0.02, 0.25)
    value = ops.round(ops.clip(2 * _uniform(images, seeds[2]) - 0.5, 0, 1))
    return ops.where(hit, value, images)


# --- light


def haze(images: Tensor, seed: Tensor) -> Tensor:
    """Uneven light: clouds before the digit, up to three times as bright as its ink."""
    seeds = chance.split(seed, 2)
    density = _each(images, seeds[0], 0.2, 3.0)
    return (images + density * clouds(images, seeds[1])) / (1 + density)


def fade(images: Tensor, seed: Tensor) -> Tensor:
    """A background that is not empty, and ink with little contrast."""
    seeds = chance.split(seed, 2)
    background = _each(images, seeds[0], 0.0, 0.6)
    return background + images * _each(images, seeds[1], 0.3, 1.0)


def band(images: Tensor, seed: Tensor) -> Tensor:
    """A straight band, 2 to 9 pixels wide, in which ink and background are swapped."""
    seeds = chance.split(seed, 4)
    quarters = ops.floor(_each(images, seeds[0], 0.0, 2.0))
    angle = 1.5707963 * quarters + 0.2 * _each_normal(images, seeds[1])
    across = _along(angle) - _each(images, seeds[2], -8.0, 8.0)
    inside = ops.cast(ops.abs(across) < _each(images, seeds[3], 1.0, 4.5), "float32")
    return images + inside * (1 - 2 * images)


# --- ink over the digit


def lines(images: Tensor, seed: Tensor) -> Tensor:
    """A line across the digit: straight, jagged or wavy, whole or dotted."""
    seeds = chance.split(seed, 8)
    angle = _each(images, seeds[0], 0.0, 3.1415927)
    along = _along(angle)
    period = _each(images, seeds[1], 4.0, 14.0)
    reach = ops.relu(_each(images, seeds[2], -2.0, 4.0))  # a third of the lines is straight
    place = ops.mod(along / period + _each(images, seeds[3], 0.0, 1.0), 1.0)
    middle = _each(images, seeds[4], -6.0, 6.0) + reach * (4 * ops.abs(place - 0.5) - 1)
    across = _along(angle + 1.5707963) - middle
    line = ops.clip(_each(images, seeds[5], 0.4, 1.6) + 0.5 - ops.abs(across), 0, 1)
    gap = _each(images, seeds[6], 2.0, 5.0)
    dots = ops.cast(ops.mod(along / gap, 1.0) < 0.55, "float32")
    is_dotted = ops.cast(_each(images, seeds[7], 0.0, 1.0) < 0.3, "float32")
    return ops.maximum(images, line * (1 - is_dotted * (1 - dots)))


def splashes(images: Tensor, seed: Tensor) -> Tensor:
    """Drops of ink over up to a sixth of the image."""
    seeds = chance.split(seed, 2)
    drops = _drops(images, seeds[0], _each(images, seeds[1], 0.9, 2.0))
    return ops.maximum(images, drops)


# --- edges


def soften(images: Tensor, seed: Tensor) -> Tensor:
    """Out of focus or moved: a Gaussian blur, longer in one direction."""
    seeds = chance.split(seed, 3)
    angle = _each(images, seeds[0], 0.0, 3.1415927)
    along = _along(angle, 9) / _each(images, seeds[1], 0.6, 3.0)
    across = _along(angle + 1.5707963, 9) / _each(images, seeds[2], 0.3, 1.2)
    kernels = ops.exp(-(along**2 + across**2) / 2)
    kernels /= ops.sum(kernels, axis=(1, 2), keepdims=True)
    # Each image is a channel, since each has its own kernel.
    channels = ops.transpose(images, (3, 1, 2, 0))
    kernels = ops.transpose(kernels, (1, 2, 0, 3))
    blurred = ops.depthwise_conv(channels, kernels, padding="same")
    return ops.transpose(blurred, (3, 1, 2, 0))


def fray(images: Tensor, seed: Tensor) -> Tensor:
    """Frosted glass: every pixel's value comes from a neighbour."""
    seeds = chance.split(seed, 3)
    count = ops.shape(images)[0]
    reach = _each(images, seeds[0], 0.4, 1.5)
    moves = reach * chance.normal((count, SIDE, SIDE, 2), seeds[1])
    axis = ops.arange(SIDE, dtype="float32")
    grid = ops.stack(ops.meshgrid(axis, axis), axis=-1)
    frayed = augment.sample(images, grid + moves)
    soft = ops.average_pool(frayed, 3, 1, "same")
    return frayed + _each(images, seeds[2], 0.0, 1.0) * (soft - frayed)


def harden(images: Tensor, seed: Tensor) -> Tensor:
    """Two tones only, cut at a random threshold, with ragged edges."""
    seeds = chance.split(seed, 3)
    ragged = images + _each(images, seeds[0], 0.0, 0.2) * _normal(images, seeds[1])
    return ops.cast(ragged > _each(images, seeds[2], 0.25, 0.7), "float32")


def hollow(images: Tensor, seed: Tensor) -> Tensor:
    """The strokes' outlines alone, within or around them, soft or hard."""
    seeds = chance.split(seed, 4)
    outer = ops.max_pool(images, 3, 1, "same")
    inner = -ops.max_pool(-images, 3, 1, "same")
    part = _each(images, seeds[0], 0.0, 1.0)
    ring = part * (outer - images) + (1 - part) * (images - inner)
    hard = ops.clip(4 * (ring - _each(images, seeds[1], 0.05, 0.4)), 0, 1)
    outline = ops.where(_each(images, seeds[2], 0.0, 1.0) < 0.7, hard, ring)
    return outline + ops.relu(_each(images, seeds[3], -0.6, 0.4)) * images


def displace(images: Tensor, seed: Tensor) -> Tensor:
    """Smaller, turned further and away from the middle."""
    strength = augment.Strength(rotation=16, shear=0.25, scale=0.2, shift=2.5, elastic=0.6)
    return augment.warp(images, seed, strength)


KINDS: tuple[Kind, ...] = (
    grain,
    speckle,
    pepper,
    haze,
    fade,
    band,
    lines,
    splashes,
    soften,
    fray,
    harden,
    hollow,
    displace,
)


# --- helpers


def clouds(images: Tensor, seed: Tensor) -> Tensor:
    """Fields [B, 28, 28, 1] from 0 to 1, rough at every scale."""
    seeds = chance.split(seed, 4)
    count = ops.shape(images)[0]
    field = ops.zeros_like(images)
    for number, knots in enumerate((2, 4, 8, 16)):
        noise = chance.normal((count, knots, knots, 1), seeds[number])
        field += ops.image.resize(noise, (SIDE, SIDE), interpolation="bilinear") * 0.6**number
    low = ops.min(field, axis=(1, 2), keepdims=True)
    high = ops.max(field, axis=(1, 2), keepdims=True)
    return (field - low) / (high - low + 1e-6)


def _drops(images: Tensor, seed: Tensor, level: Tensor) -> Tensor:
    """Soft spots, 0 to 1, where smooth noise exceeds `level` standard deviations."""
    field = ops.average_pool(ops.average_pool(_normal(images, seed), 3, 1, "same"), 3, 1, "same")
    return ops.clip(2 * (field / ops.std(field) - level), 0, 1)


def _along(angle: Tensor, side: int = SIDE) -> Tensor:
    """Each pixel's distance from the middle along a direction, [B, side, side, 1]."""
    axis = ops.arange(side, dtype="float32") - (side - 1) / 2
    x, y = axis[np.newaxis, np.newaxis, :, np.newaxis], axis[np.newaxis, :, np.newaxis, np.newaxis]
    return ops.cos(angle) * x + ops.sin(angle) * y


def _each(images: Tensor, seed: Tensor, low: float, high: float) -> Tensor:
    """A random number for each image, uniform from `low` to `high`, [B, 1, 1, 1]."""
    return chance.uniform((ops.shape(images)[0], 1, 1, 1), seed, low, high)


def _each_normal(images: Tensor, seed: Tensor) -> Tensor:
    return chance.normal((ops.shape(images)[0], 1, 1, 1), seed)


def _uniform(images: Tensor, seed: Tensor) -> Tensor:
    return chance.uniform(ops.shape(images), seed)


def _normal(images: Tensor, seed: Tensor) -> Tensor:
    return chance.normal(ops.shape(images), seed)
