"""A whole page: what is written, on which paper, in which light, seen by which camera."""

import numpy as np
from PIL import Image

from digitapp.vision.types import Bytes, Grey
from train.data.mnist import Split
from train.synthesis.pages import camera, paper
from train.synthesis.pages.hand import Hand
from train.synthesis.pages.scenes import Scene
from train.synthesis.pages.sheet import SCALE, Sheet
from train.synthesis.pen import Random

SIDE = 256
"""Side of a page in pixels."""

AROUND = 0.25
"""The sheet reaches beyond the page by this share of its side, so that a turned page is full."""

CLEAN = 0.3
"""Share of the pages that are drawings or clean scans."""

LIGHT = 0.2
"""Share of the pages with light ink on dark: blackboards, screens, MNIST itself."""

TURNED = 0.12
"""Share of the pages that lie on their side or stand on their head."""

FOUND = 0.4
"""A pixel of the page belongs to a mask if this share of it is covered."""

SMALLEST, LARGEST = 9.0, 230.0
"""Heights of digits, in pixels of the page."""


def page(random: Random, digits: Split) -> tuple[Bytes, Bytes, Bytes]:
    """Compose a page.

    Args:
        random: decides on everything.
        digits: MNIST's digits, which half of the hands copy.

    Returns:
        The page, [SIDE, SIDE] grey; and two masks of 0 and 1, of writing and of ruling.
    """
    side = round(SIDE * SCALE * (1 + AROUND))
    sheet = Sheet(side)
    height = _height(random) * SCALE
    Scene(sheet, Hand(random, digits), random, height).draw()
    view = _view(random, side)
    layers = [_seen(each, view) for each in (sheet.writing.drawn, sheet.writing.found)]
    layers += [_seen(each, view) for each in (sheet.ruling.drawn, sheet.ruling.found)]
    writing, found, ruling, lines = layers
    if random.random() < CLEAN:
        grey = camera.drawn(_drawing(random, writing, ruling), random)
    else:
        grey = camera.seen(_photograph(random, writing, ruling), random)
    if random.random() < LIGHT:
        grey = np.asarray(255 - grey, dtype=np.uint8)
    quarters = int(random.integers(1, 4)) if random.random() < TURNED else 0
    masks = ((each > FOUND).astype(np.uint8) for each in (found, lines))
    turned = (np.ascontiguousarray(np.rot90(each, quarters)) for each in (grey, *masks))
    return next(turned), next(turned), next(turned)


def _height(random: Random) -> float:
    """Most digits are 16 to 70 pixels high, some fill the page, some are as small as can be."""
    if random.random() < 0.17:
        return float(random.uniform(60, LARGEST))
    return float(np.clip(random.lognormal(np.log(32), 0.6), SMALLEST, LARGEST))


def _view(random: Random, side: int) -> tuple[float, ...]:
    """The eight numbers of a perspective from the page's pixels to the sheet's."""
    tilt = float(random.normal(0, 0.05) if random.random() < 0.85 else random.uniform(-0.4, 0.4))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    corners = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], dtype=float)
    inner = (corners - SIDE / 2) @ turn.T * SCALE + side / 2
    if random.random() < 0.4:
        inner = inner + random.normal(0, 0.03 * SIDE * SCALE, (4, 2))
    rows = []
    for (x, y), (to_x, to_y) in zip(corners, inner, strict=True):
        rows.append((x, y, 1, 0, 0, 0, -to_x * x, -to_x * y))
        rows.append((0, 0, 0, x, y, 1, -to_y * x, -to_y * y))
    solved = np.linalg.solve(np.array(rows), inner.ravel())
    return tuple(float(each) for each in solved)


def _seen(layer: Image.Image, view: tuple[float, ...]) -> Grey:
    """A layer of the sheet as the page shows it, [SIDE, SIDE] from 0 to 1."""
    if not layer.getbbox():
        return np.zeros((SIDE, SIDE), np.float32)
    ways = Image.Transform.PERSPECTIVE, Image.Resampling.BILINEAR
    return np.asarray(
        layer.transform((SIDE, SIDE), ways[0], view, ways[1]), np.float32
    ) / np.float32(255)


def _drawing(random: Random, writing: Grey, ruling: Grey) -> Grey:
    """On a plain background."""
    tones = random.uniform(0.45, 1.0, 2)
    ink = tones[0] if random.random() < 0.5 else 1.0
    base = 1.0 if random.random() < 0.7 else float(random.uniform(0.75, 1.0))
    rule = ink if random.random() < 0.4 else float(random.uniform(0.12, 1.0))
    grey = base * (1 - rule * ruling) * (1 - ink * writing)
    if random.random() < 0.12:  # a photograph that was pasted, or a shadow that is cut out
        grey = grey * paper.patch(random, SIDE)
    return np.asarray(grey, dtype=np.float32)


def _photograph(random: Random, writing: Grey, ruling: Grey) -> Grey:
    """On paper, in some light, perhaps on a table."""
    ink = float(random.uniform(0.12, 0.95) if random.random() < 0.45 else random.uniform(0.5, 0.95))
    rule = min(ink * float(np.exp(random.normal(-0.35, 0.6))), 0.97)
    if random.random() < 0.35:  # a pencil's or a ball pen's line is not even
        patchy = 1 - float(random.uniform(0, 0.5)) * np.clip(paper.noise(random, SIDE, 90), 0, 2)
        writing = np.clip(writing * patchy, 0, 1)
    if random.random() < 0.15:  # and it fades
        fading = 1 - float(random.uniform(0.2, 0.7)) * (paper.noise(random, SIDE, 14) > 0.6)
        writing = np.clip(writing * fading, 0, 1)
    is_empty = not writing.any() and random.random() < 0.5
    grey = paper.table(random, SIDE) if is_empty else paper.paper(random, SIDE)
    if random.random() < 0.12:
        grey = grey + paper.creases(random, SIDE)
    grey = grey * (1 - rule * ruling) * (1 - ink * writing)
    if random.random() < 0.12:
        grey = grey * paper.dust(random, SIDE)
    if random.random() < 0.15:
        sheet = paper.covered(random, SIDE)
        grey = grey * sheet + paper.table(random, SIDE) * (1 - sheet)
    if random.random() < (0.4 if is_empty else 0.1):
        grey = paper.things(random, SIDE, grey)
    return np.asarray(grey * paper.light(random, SIDE), dtype=np.float32)
