"""Random degradation of digits: what paper, light, lenses and scanners do to them.

Each kind ranges from hardly visible to hard to read. It takes and returns images [B, 28, 28, 1]
from 0 (background) to 1 (ink); lengths are in pixels. None of these kinds is one of the corruptions
that `evaluation.mnist_c` measures with: strengths and shapes are drawn at random here.
"""

from collections.abc import Callable

import tensorflow as tf

from train.synthesis import augment
from train.synthesis.augment import SIDE

Kind = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def degrade(images: tf.Tensor, seed: tf.Tensor, each: int) -> tf.Tensor:
    """Degrade the first `each` images of a shuffled batch in one way, the next in another ...

    `seed` is [2] int; the same seed gives the same images. The rest of the batch stays as it is.
    """
    if not each:
        return images
    seeds = tf.random.split(seed, len(KINDS))
    parts = [
        kind(images[number * each : (number + 1) * each], seeds[number])
        for number, kind in enumerate(KINDS)
    ]
    rest = images[len(KINDS) * each :]
    return tf.concat([tf.clip_by_value(part, 0, 1) for part in parts] + [rest], axis=0)


# --- noise


def grain(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Noise over ink and background, with a standard deviation up to 0.4."""
    seeds = tf.random.split(seed, 2)
    return images + _each(images, seeds[0], 0.05, 0.4) * _normal(images, seeds[1])


def speckle(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Ink that covers badly: noise that grows with the ink."""
    seeds = tf.random.split(seed, 2)
    return images * (1 + _each(images, seeds[0], 0.2, 0.9) * _normal(images, seeds[1]))


def pepper(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Up to a quarter of the pixels take a random grey."""
    seeds = tf.random.split(seed, 3)
    hit = _uniform(images, seeds[0]) < _each(images, seeds[1], 0.02, 0.25)
    value = tf.round(tf.clip_by_value(2 * _uniform(images, seeds[2]) - 0.5, 0, 1))
    return tf.where(hit, value, images)


# --- light


def haze(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Uneven light: clouds before the digit, up to three times as bright as its ink."""
    seeds = tf.random.split(seed, 2)
    density = _each(images, seeds[0], 0.2, 3.0)
    return (images + density * clouds(images, seeds[1])) / (1 + density)


def fade(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A background that is not empty, and ink with little contrast."""
    seeds = tf.random.split(seed, 2)
    background = _each(images, seeds[0], 0.0, 0.6)
    return background + images * _each(images, seeds[1], 0.3, 1.0)


def band(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A straight band, 2 to 9 pixels wide, in which ink and background are swapped."""
    seeds = tf.random.split(seed, 4)
    quarters = tf.floor(_each(images, seeds[0], 0.0, 2.0))
    angle = 1.5707963 * quarters + 0.2 * _each_normal(images, seeds[1])
    across = _along(angle) - _each(images, seeds[2], -8.0, 8.0)
    inside = tf.cast(tf.abs(across) < _each(images, seeds[3], 1.0, 4.5), tf.float32)
    return images + inside * (1 - 2 * images)


# --- ink over the digit


def lines(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A line across the digit: straight, jagged or wavy, whole or dotted."""
    seeds = tf.random.split(seed, 8)
    angle = _each(images, seeds[0], 0.0, 3.1415927)
    along = _along(angle)
    period = _each(images, seeds[1], 4.0, 14.0)
    reach = tf.nn.relu(_each(images, seeds[2], -2.0, 4.0))  # a third of the lines is straight
    place = tf.math.floormod(along / period + _each(images, seeds[3], 0.0, 1.0), 1.0)
    middle = _each(images, seeds[4], -6.0, 6.0) + reach * (4 * tf.abs(place - 0.5) - 1)
    across = _along(angle + 1.5707963) - middle
    line = tf.clip_by_value(_each(images, seeds[5], 0.4, 1.6) + 0.5 - tf.abs(across), 0, 1)
    gap = _each(images, seeds[6], 2.0, 5.0)
    dots = tf.cast(tf.math.floormod(along / gap, 1.0) < 0.55, tf.float32)
    is_dotted = tf.cast(_each(images, seeds[7], 0.0, 1.0) < 0.3, tf.float32)
    return tf.maximum(images, line * (1 - is_dotted * (1 - dots)))


def splashes(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Drops of ink over up to a sixth of the image."""
    seeds = tf.random.split(seed, 2)
    drops = _drops(images, seeds[0], _each(images, seeds[1], 0.9, 2.0))
    return tf.maximum(images, drops)


# --- edges


def soften(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Out of focus or moved: a Gaussian blur, longer in one direction."""
    seeds = tf.random.split(seed, 3)
    angle = _each(images, seeds[0], 0.0, 3.1415927)
    along = _along(angle, 9) / _each(images, seeds[1], 0.6, 3.0)
    across = _along(angle + 1.5707963, 9) / _each(images, seeds[2], 0.3, 1.2)
    kernels = tf.exp(-(along**2 + across**2) / 2)
    kernels /= tf.reduce_sum(kernels, axis=(1, 2), keepdims=True)
    # Each image is a channel, since each has its own kernel.
    channels = tf.transpose(images, (3, 1, 2, 0))
    kernels = tf.transpose(kernels, (1, 2, 0, 3))
    blurred = tf.nn.depthwise_conv2d(channels, kernels, (1, 1, 1, 1), "SAME")
    return tf.transpose(blurred, (3, 1, 2, 0))


def fray(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Frosted glass: every pixel's value comes from a neighbour."""
    seeds = tf.random.split(seed, 3)
    count = tf.shape(images)[0]
    reach = _each(images, seeds[0], 0.4, 1.5)
    moves = reach * tf.random.stateless_normal((count, SIDE, SIDE, 2), seeds[1])
    axis = tf.range(SIDE, dtype=tf.float32)
    grid = tf.stack(tf.meshgrid(axis, axis), axis=-1)
    frayed = augment.sample(images, grid + moves)
    soft = tf.nn.avg_pool2d(frayed, 3, 1, "SAME")
    return frayed + _each(images, seeds[2], 0.0, 1.0) * (soft - frayed)


def harden(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Two tones only, cut at a random threshold, with ragged edges."""
    seeds = tf.random.split(seed, 3)
    ragged = images + _each(images, seeds[0], 0.0, 0.2) * _normal(images, seeds[1])
    return tf.cast(ragged > _each(images, seeds[2], 0.25, 0.7), tf.float32)


def hollow(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """The strokes' outlines alone, within or around them, soft or hard."""
    seeds = tf.random.split(seed, 4)
    outer = tf.nn.max_pool2d(images, 3, 1, "SAME")
    inner = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    part = _each(images, seeds[0], 0.0, 1.0)
    ring = part * (outer - images) + (1 - part) * (images - inner)
    hard = tf.clip_by_value(4 * (ring - _each(images, seeds[1], 0.05, 0.4)), 0, 1)
    outline = tf.where(_each(images, seeds[2], 0.0, 1.0) < 0.7, hard, ring)
    return outline + tf.nn.relu(_each(images, seeds[3], -0.6, 0.4)) * images


def displace(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
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


def clouds(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Fields [B, 28, 28, 1] from 0 to 1, rough at every scale."""
    seeds = tf.random.split(seed, 4)
    count = tf.shape(images)[0]
    field = tf.zeros_like(images)
    for number, knots in enumerate((2, 4, 8, 16)):
        noise = tf.random.stateless_normal((count, knots, knots, 1), seeds[number])
        field += tf.image.resize(noise, (SIDE, SIDE), method="bilinear") * 0.6**number
    low = tf.reduce_min(field, axis=(1, 2), keepdims=True)
    high = tf.reduce_max(field, axis=(1, 2), keepdims=True)
    return (field - low) / (high - low + 1e-6)


def _drops(images: tf.Tensor, seed: tf.Tensor, level: tf.Tensor) -> tf.Tensor:
    """Soft spots, 0 to 1, where smooth noise exceeds `level` standard deviations."""
    field = tf.nn.avg_pool2d(tf.nn.avg_pool2d(_normal(images, seed), 3, 1, "SAME"), 3, 1, "SAME")
    return tf.clip_by_value(2 * (field / tf.math.reduce_std(field) - level), 0, 1)


def _along(angle: tf.Tensor, side: int = SIDE) -> tf.Tensor:
    """Each pixel's distance from the middle along a direction, [B, side, side, 1]."""
    axis = tf.range(side, dtype=tf.float32) - (side - 1) / 2
    x, y = axis[tf.newaxis, tf.newaxis, :, tf.newaxis], axis[tf.newaxis, :, tf.newaxis, tf.newaxis]
    return tf.cos(angle) * x + tf.sin(angle) * y


def _each(images: tf.Tensor, seed: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """A random number for each image, uniform from `low` to `high`, [B, 1, 1, 1]."""
    return tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed, low, high)


def _each_normal(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_normal((tf.shape(images)[0], 1, 1, 1), seed)


def _uniform(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_uniform(tf.shape(images), seed)


def _normal(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_normal(tf.shape(images), seed)
