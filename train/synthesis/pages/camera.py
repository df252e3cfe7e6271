"""What a camera, a scanner or a small picture does to a page."""

import io

import numpy as np
from PIL import Image, ImageFilter

from digitapp.vision.types import Bytes, Grey
from train.synthesis.pen import Random


def seen(grey: Grey, random: Random) -> Bytes:
    """A page [side, side] from 0 to 1 as it is photographed: blurred, coarse, noisy, compressed."""
    grey = _gamma(grey, random)
    picture = Image.fromarray(_bytes(grey))
    if random.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(float(random.gamma(1.5, 0.45))))
    if random.random() < 0.6:
        noise = random.normal(0, random.gamma(1.5, 3.0), grey.shape) + np.asarray(picture)
        picture = Image.fromarray(_bytes((noise / 255).astype(np.float32)))
    if random.random() < 0.3:
        picture = _coarse(picture, random)
    if random.random() < 0.5:
        picture = _compressed(picture, int(random.integers(20, 96)))
    return np.asarray(picture)


def drawn(grey: Grey, random: Random) -> Bytes:
    """A page as a canvas or a clean scanner gives it: perhaps in coarse pixels or two tones."""
    picture = Image.fromarray(_bytes(grey))
    kind = random.random()
    if kind < 0.25:
        picture = _coarse(picture, random)
    elif kind < 0.4:
        picture = picture.point(lambda value: 255 * (value > 128))
    return np.asarray(picture)


def _gamma(grey: Grey, random: Random) -> Grey:
    low, high = float(random.uniform(0, 0.12)), float(random.uniform(0.85, 1.05))
    bent = np.clip(grey, 0, 1) ** float(np.exp(random.normal(0, 0.25)))
    return np.asarray(low + (high - low) * bent, dtype=np.float32)


def _coarse(picture: Image.Image, random: Random) -> Image.Image:
    """Fewer pixels, enlarged again."""
    side = picture.width
    few = max(round(side / float(random.uniform(1.2, 4.5))), 28)
    way = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
    small = picture.resize((few, few), Image.Resampling.BOX)
    return small.resize((side, side), way[int(random.integers(len(way)))])


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


def _bytes(grey: Grey) -> Bytes:
    return np.clip(np.rint(grey * 255), 0, 255).astype(np.uint8)
