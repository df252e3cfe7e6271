"""The 15 kinds of corruption of MNIST-C, written afresh after its paper's description.

Mu and Gilmer, "MNIST-C: a robustness benchmark for computer vision" (ICML workshop, 2019). The
images are not theirs: strengths were chosen here, by eye, so that a person still reads the digits
(a plain CNN of two convolutions, trained on clean digits alone, misreads 13.6 % on average). Each
kind takes and returns images [N, 28, 28] from 0 (background) to 1 (ink); lengths are in pixels.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Images = NDArray[np.float32]
Random = np.random.Generator

SIDE = 28

FINE = 4
"""Lines are drawn on a sheet this many times finer."""

CHUNK = 1_000
"""Images that are corrupted at a time, so that this takes under 100 MB of memory."""


def corrupt(kind: str, images: Images, seed: int = 1) -> Images:
    """All images corrupted in one of KINDS; the same seed gives the same images."""
    random = np.random.default_rng((seed, list(KINDS).index(kind)))
    chunks = [images[start : start + CHUNK] for start in range(0, len(images), CHUNK)]
    done = [np.clip(KINDS[kind](chunk, random), 0, 1) for chunk in chunks]
    return np.concatenate([images[:0], *done]).astype(np.float32)


# --- noise


def shot_noise(images: Images, random: Random, photons: float = 3.0) -> Images:
    """Light that arrives in grains: Poisson noise of `photons` at full ink."""
    return (random.poisson(images * photons) / photons).astype(np.float32)


def impulse_noise(images: Images, random: Random, share: float = 0.16) -> Images:
    """Salt and pepper: a share of the pixels is full ink or none."""
    draw = random.random(images.shape)
    noisy = np.where(draw < share / 2, 0, images)
    return np.where(draw > 1 - share / 2, 1, noisy).astype(np.float32)


# --- blur


def glass_blur(
    images: Images, random: Random, sigma: float = 0.7, reach: int = 1, rounds: int = 2
) -> Images:
    """Frosted glass: neighbours change places, between two soft blurs."""
    images = blur(images, sigma)
    rows, columns = np.indices((SIDE, SIDE))
    number = np.arange(len(images))[:, None, None]
    for _ in range(rounds):
        step = random.integers(-reach, reach + 1, (2, *images.shape))
        taken = np.clip(rows + step[0], 0, SIDE - 1), np.clip(columns + step[1], 0, SIDE - 1)
        images = images[number, taken[0], taken[1]]
    return blur(images, sigma)


def motion_blur(images: Images, random: Random, length: float = 6.0) -> Images:
    """The mean along a line of `length`, in a direction of each image's own."""
    angle = random.uniform(-np.pi / 4, np.pi / 4, len(images))
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    places = np.linspace(-length / 2, length / 2, round(length) + 1)
    moved = [warp(images, shift=place * direction) for place in places]
    return np.asarray(np.mean(moved, axis=0), dtype=np.float32)


# --- movement


def shear(images: Images, random: Random, amount: float = 0.5) -> Images:
    """Slant to the left or to the right: pixels across for each pixel down."""
    matrices = np.tile(np.eye(2), (len(images), 1, 1))
    matrices[:, 0, 1] = _either_way(amount, images, random)
    return warp(images, matrices)


def scale(images: Images, random: Random, factor: float = 0.6) -> Images:
    """Smaller, to `factor` of the side."""
    del random
    return warp(images, np.tile(np.eye(2) / factor, (len(images), 1, 1)))


def rotate(images: Images, random: Random, degrees: float = 25.0) -> Images:
    """Turned by `degrees`, one way or the other."""
    angle = np.radians(_either_way(degrees, images, random))
    cos, sin = np.cos(angle), np.sin(angle)
    matrices = np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=1)
    return warp(images, matrices)


def translate(images: Images, random: Random, distance: float = 4.5) -> Images:
    """Moved by `distance` in any direction."""
    angle = random.uniform(0, 2 * np.pi, len(images))
    return warp(images, shift=np.rint(distance * np.stack([np.cos(angle), np.sin(angle)], axis=-1)))


# --- light and weather


def brightness(images: Images, random: Random, amount: float = 0.45) -> Images:
    """Every pixel brighter by `amount`, up to white."""
    del random
    return np.asarray(np.minimum(images + amount, 1), dtype=np.float32)


def stripe(images: Images, random: Random, width: int = 6) -> Images:
    """A vertical stripe of `width` across the digit, inverted."""
    left = random.integers(4, SIDE - 4 - width + 1, len(images))[:, None, None]
    columns = np.arange(SIDE)
    return np.where((columns >= left) & (columns < left + width), 1 - images, images)


def fog(images: Images, random: Random, density: float = 1.4) -> Images:
    """Haze before the digit, `density` times as bright where it is thickest."""
    haze = density * plasma(len(images), random)
    return np.asarray((images + haze) / (1 + density), dtype=np.float32)


def spatter(images: Images, random: Random, share: float = 0.1, sigma: float = 1.3) -> Images:
    """Splashes of ink over a `share` of the image; `sigma` is their softness."""
    wet = blur(random.standard_normal(images.shape).astype(np.float32), sigma)
    level = np.quantile(wet, 1 - share, axis=(1, 2), keepdims=True)
    drops = np.clip((wet - level) / wet.std(axis=(1, 2), keepdims=True) * 2, 0, 1)
    return np.asarray(np.maximum(images, drops), dtype=np.float32)


# --- lines


def dotted_line(images: Images, random: Random, gap: float = 3.0, dot: float = 1.6) -> Images:
    """A straight line of dots from side to side: `gap` apart, `dot` across."""
    return _drawn_over(images, lambda sheet: _dots(sheet, _crossing(random), gap, dot))


def zigzag(
    images: Images, random: Random, step: float = 4.0, reach: float = 2.0, width: float = 1.2
) -> Images:
    """A jagged line from side to side: a corner each `step`, `reach` to either side."""
    return _drawn_over(images, lambda sheet: _jags(sheet, _crossing(random), step, reach, width))


def canny_edges(
    images: Images, random: Random, sigma: float = 1.0, low: float = 0.1, high: float = 0.2
) -> Images:
    """The digit's outline alone.

    Canny, "A computational approach to edge detection" (1986): of the smoothed gradients' ridges,
    those over `high` and those over `low` that are connected to them, in ink a pixel.
    """
    del random
    smooth = blur(images, sigma)
    down, across = (np.asarray(np.gradient(smooth, axis=axis)) for axis in (1, 2))
    ridges = _ridges(np.hypot(down, across), down, across)
    weak, edges = ridges >= low, ridges >= high
    while (grown := _grown(edges) & weak).sum() > edges.sum():
        edges = grown
    return edges.astype(np.float32)


KINDS: dict[str, Callable[[Images, Random], Images]] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "canny edges": canny_edges,
}


# --- helpers


def blur(images: Images, sigma: float) -> Images:
    """Gaussian blur; the border is repeated outwards."""
    reach = max(round(3 * sigma), 1)
    places = np.arange(-reach, reach + 1)
    weights = np.exp(-(places**2) / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (1, 2):
        pad = [(reach, reach) if axis == a else (0, 0) for a in range(3)]
        padded = np.pad(images, pad, mode="edge")
        parts = [
            weight * padded.take(np.arange(i, i + SIDE), axis) for i, weight in enumerate(weights)
        ]
        images = np.sum(parts, axis=0, dtype=np.float32)
    return images


def warp(
    images: Images,
    matrices: NDArray[np.float64] | None = None,
    shift: NDArray[np.float64] | None = None,
) -> Images:
    """Images moved about their middle, bilinear; outside is background.

    Args:
        images: [N, 28, 28].
        matrices: [N, 2, 2] from the new image's (x, y) to the old one's; None: unchanged.
        shift: [N, 2], how far ink moves in (x, y), in pixels.
    """
    down, across = np.indices((SIDE, SIDE)) - (SIDE - 1) / 2
    places = np.broadcast_to(np.stack([across, down], axis=-1), (len(images), SIDE, SIDE, 2))
    if matrices is not None:
        places = np.einsum("nhwi,nji->nhwj", places, matrices)
    if shift is not None:
        places = places - shift[:, None, None]
    places = np.clip(places + (SIDE - 1) / 2 + 1, 0, SIDE + 0.999)  # of the padded image
    corner = places.astype(np.int64)
    x, y = np.moveaxis((places - corner).astype(np.float32), -1, 0)
    column, row = np.moveaxis(corner, -1, 0)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    number = np.arange(len(images))[:, None, None]
    upper = padded[number, row, column] * (1 - x) + padded[number, row, column + 1] * x
    lower = padded[number, row + 1, column] * (1 - x) + padded[number, row + 1, column + 1] * x
    return np.asarray(upper * (1 - y) + lower * y)


def plasma(count: int, random: Random, decay: float = 0.6) -> Images:
    """Cloudy fields by diamond and square (Fournier, Fussell, Carpenter, 1982), each 0 to 1.

    The fields wrap around at 32 pixels. Each halving of the step multiplies the roughness by
    `decay`.
    """
    side, rough = 32, 1.0
    field = np.zeros((count, side, side))
    field[:, ::side, ::side] = random.normal(0, rough, (count, 1, 1))
    step = side
    while step > 1:
        half = step // 2
        corners = field[:, ::step, ::step]
        rows = corners + np.roll(corners, -1, axis=1)
        middles = (rows + np.roll(rows, -1, axis=2)) / 4
        middles += random.normal(0, rough, middles.shape)
        field[:, half::step, half::step] = middles
        across = corners + np.roll(corners, -1, axis=2) + middles + np.roll(middles, 1, axis=1)
        down = corners + np.roll(corners, -1, axis=1) + middles + np.roll(middles, 1, axis=2)
        field[:, ::step, half::step] = across / 4 + random.normal(0, rough, across.shape)
        field[:, half::step, ::step] = down / 4 + random.normal(0, rough, down.shape)
        step, rough = half, rough * decay
    low, high = field.min(axis=(1, 2), keepdims=True), field.max(axis=(1, 2), keepdims=True)
    return np.asarray((field - low) / (high - low), dtype=np.float32)[:, :SIDE, :SIDE]


def _either_way(amount: float, images: Images, random: Random) -> NDArray[np.float64]:
    """The amount with a sign of each image's own, [N]."""
    return np.asarray(amount * random.choice((-1.0, 1.0), len(images)))


def _crossing(random: Random) -> NDArray[np.float64]:
    """The ends [2, (x, y)] of a line from the left side to the right, across the middle part."""
    first, last = random.uniform(4, SIDE - 4, 2)
    return np.array([[-1.0, first], [SIDE + 1.0, last]])


def _drawn_over(images: Images, draw: Callable[[ImageDraw.ImageDraw], None]) -> Images:
    """Each image with ink of its own drawn over it."""
    result = images.copy()
    for image in result:
        sheet = Image.new("L", (SIDE * FINE, SIDE * FINE))
        draw(ImageDraw.Draw(sheet))
        np.maximum(image, np.asarray(sheet.reduce(FINE)) / np.float32(255), out=image)
    return result


def _dots(sheet: ImageDraw.ImageDraw, ends: NDArray[np.float64], gap: float, dot: float) -> None:
    count = int(np.hypot(*(ends[1] - ends[0])) / gap) + 1
    radius = dot * FINE / 2
    for x, y in np.linspace(ends[0], ends[1], count) * FINE:
        sheet.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _jags(
    sheet: ImageDraw.ImageDraw, ends: NDArray[np.float64], step: float, reach: float, width: float
) -> None:
    along = ends[1] - ends[0]
    count = int(np.hypot(*along) / step) + 1
    aside = np.array([-along[1], along[0]]) / np.hypot(*along) * reach
    corners = np.linspace(ends[0], ends[1], count) + np.outer((-1.0) ** np.arange(count), aside)
    path = [(float(x), float(y)) for x, y in corners * FINE]
    sheet.line(path, fill=255, width=round(width * FINE), joint="curve")


def _ridges(
    steepness: NDArray[np.float32], down: NDArray[np.float32], across: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Steepness where it is greatest along its own direction (of four), else 0."""
    padded = np.pad(steepness, ((0, 0), (1, 1), (1, 1)))
    sector = np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4
    kept = np.zeros_like(steepness)
    for number, (y, x) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = padded[:, 1 + y : 1 + y + SIDE, 1 + x : 1 + x + SIDE]
        behind = padded[:, 1 - y : 1 - y + SIDE, 1 - x : 1 - x + SIDE]
        top = (sector == number) & (steepness >= ahead) & (steepness > behind)
        kept[top] = steepness[top]
    return kept


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask and its eight neighbours."""
    padded = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    parts = [padded[:, y : y + SIDE, x : x + SIDE] for y in range(3) for x in range(3)]
    return np.asarray(np.logical_or.reduce(parts))
