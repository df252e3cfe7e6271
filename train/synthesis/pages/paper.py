"""Paper, the table under it, and the light on both, as grey values from 0 to 1."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digitapp.vision.types import Grey
from train.synthesis.pen import Random


def noise(random: Random, side: int, cells: int) -> Grey:
    """Smooth noise of mean 0 and deviation about 1, with so many cells along a side."""
    small = random.standard_normal((cells, cells)).astype(np.float32)
    if cells >= side:
        return small[:side, :side]
    return np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


def paper(random: Random, side: int) -> Grey:
    """A sheet's own tone and grain, [side, side]."""
    tone = float(random.uniform(0.45, 1.0) if random.random() < 0.5 else random.uniform(0.8, 1.0))
    grain = float(random.choice([0.0, random.uniform(0, 0.02), random.uniform(0, 0.05)]))
    clouds = float(random.uniform(0, 0.03))
    cells = int(random.choice([side, side // 2, side // 3]))
    return tone + grain * noise(random, side, cells) + clouds * noise(random, side, 12)


def table(random: Random, side: int) -> Grey:
    """What lies around a sheet: wood, cloth, leather, or a plain dark or light board."""
    grey = float(random.uniform(0.02, 0.95)) * np.ones((side, side), np.float32)
    kind = random.random()
    if kind < 0.25:
        return grey
    strength = float(random.uniform(0.02, 0.18))
    for cells in (6, 17, 45, 110, side):
        grey = grey + strength * float(random.uniform(0, 0.6)) * noise(random, side, cells)
    if kind < 0.6:  # wood and woven cloth have a direction
        stripes = noise(random, side, int(random.choice([20, 60, 120])))[:1]
        both = stripes if random.random() < 0.5 else stripes.T
        grey = grey + strength * both * (1 + 0.3 * noise(random, side, 9))
    return np.asarray(grey, dtype=np.float32)


def covered(random: Random, side: int) -> Grey:
    """Where the sheet lies, 1, and where the table shows, 0: one to three edges, or all."""
    mask = Image.new("L", (side, side), 0)
    ends = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    low = random.uniform(0.55, 1.5, 4)  # beyond 1: this side's edge is out of the picture
    corners = np.where(ends < 0, -low[:2], low[2:]) * side / 2
    angle = float(random.normal(0, 0.12))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T + side / 2 + random.normal(0, 0.02 * side, (4, 2))
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=255)
    return _share(mask.filter(ImageFilter.GaussianBlur(0.7)))


def light(random: Random, side: int) -> Grey:
    """How much light falls where: slowly changing, with hard and soft shadows, [side, side]."""
    down, across = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    slope = random.normal(0, 0.22, 2)
    shade = 1 + slope[0] * down + slope[1] * across
    if random.random() < 0.4:
        shade = shade - float(random.uniform(0, 0.6)) * (down**2 + across**2)
    shade = shade + float(random.uniform(0, 0.06)) * noise(random, side, 4)
    if random.random() < 0.35:
        shade = shade * (1 - float(random.uniform(0.15, 0.6)) * _shadow(random, side))
    if random.random() < 0.1:  # a flash
        spot = np.exp(
            -((down - random.uniform(-0.5, 0.5)) ** 2 + (across - random.uniform(-0.5, 0.5)) ** 2)
            * 12
        )
        shade = shade + float(random.uniform(0.1, 0.5)) * spot
    return np.asarray(np.clip(shade, 0.08, 1.6), dtype=np.float32)


def creases(random: Random, side: int) -> Grey:
    """Folds: soft light and dark lines across the sheet, around 0, [side, side]."""
    sheet = Image.new("F", (side, side), 0.0)
    pen = ImageDraw.Draw(sheet)
    for _ in range(int(random.integers(1, 4))):
        ends = random.uniform(-0.1, 1.1, 4) * side
        ends[int(random.integers(0, 2))] = -5
        ends[int(random.integers(2, 4))] = side + 5
        tone = float(random.normal(0, 0.12))
        pen.line([float(end) for end in ends], fill=tone, width=int(random.integers(1, 5)))
    soft = np.asarray(sheet, dtype=np.float32)
    half = Image.fromarray(np.clip(soft * 255 + 128, 0, 255).astype(np.uint8))
    blurred = half.filter(ImageFilter.GaussianBlur(float(random.uniform(0.8, 3.5))))
    return _share(blurred) - np.float32(128 / 255)


def things(random: Random, side: int, grey: Grey) -> Grey:
    """The page with something on it that is no writing: a phone, a finger, a pen, a stain."""
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    kind = random.random()
    x, y = random.choice([-0.05, 1.05], 2) * side if kind < 0.6 else random.uniform(0, 1, 2) * side
    wide, tall = random.uniform(0.1, 0.5, 2) * side
    if kind < 0.3:
        pen.rounded_rectangle(
            (x - wide, y - tall, x + wide, y + tall), radius=float(0.1 * side), fill=255
        )
    elif kind < 0.75:
        pen.ellipse((x - wide, y - tall, x + wide, y + tall), fill=255)
    else:
        ends = [float(end) for end in (*(x, y), *random.uniform(-0.3, 1.3, 2) * side)]
        pen.line(ends, fill=255, width=int(side * random.uniform(0.04, 0.12)))
    inside = _share(mask.filter(ImageFilter.GaussianBlur(float(random.uniform(0.5, 3)))))
    inside = inside * np.float32(random.choice([1.0, random.uniform(0.1, 0.5)]))
    return np.asarray(grey * (1 - inside) + table(random, side) * inside, dtype=np.float32)


def dust(random: Random, side: int) -> Grey:
    """What fine specks let through, 1 where there is none, [side, side]."""
    mask = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(mask)
    for _ in range(int(random.integers(3, 50))):
        x, y = random.uniform(0, side, 2)
        wide, tall = random.uniform(0.5, 1.8, 2)
        pen.ellipse((x, y, x + wide, y + tall), fill=int(random.uniform(80, 230)))
    return _share(mask)


def patch(random: Random, side: int) -> Grey:
    """A part of the page that is darker, with sharp edges; 1 elsewhere, [side, side]."""
    mask = Image.new("L", (side, side), 255)
    (left, top), size = random.uniform(-0.4, 0.7, 2) * side, random.uniform(0.2, 1.3, 2) * side
    corners = (left, top, left + size[0], top + size[1])
    ImageDraw.Draw(mask).rectangle(corners, fill=int(random.uniform(90, 245)))
    return _share(
        mask
        if random.random() < 0.5
        else mask.rotate(float(random.uniform(-40, 40)), fillcolor=255)
    )


def _shadow(random: Random, side: int) -> Grey:
    """A shadow's share, 0 to 1: a hand's or an edge's, hard or soft."""
    mask = Image.new("L", (side, side), 0)
    corners = random.uniform(-0.6, 1.6, (int(random.integers(3, 6)), 2)) * side
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(float(random.choice([0.0, 0.6, 3.0, 12.0, 25.0]))))
    return _share(soft)


def _share(picture: Image.Image) -> Grey:
    """A grey picture's values from 0 to 1."""
    return np.asarray(picture, dtype=np.float32) / np.float32(255)
