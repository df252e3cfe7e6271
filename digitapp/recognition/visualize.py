"""The stages of a reading as pictures: for people who want to see how it came about."""

import base64
import io
import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from digitapp.engine import SIDE
from digitapp.recognition.answer import Reading, Symbol

MOST = 200_000
"""Pixels of a picture in JSON at most: as a PNG in base64 it then has less than 270 kB."""

LEGIBLE = 480
"""Longer side in pixels that a smaller picture is enlarged to, so that labels fit on it."""

SMALLEST = 12
"""Least height of a label in pixels."""

ENLARGED = 4
"""How many times the CNN's input is enlarged."""

GAP = 8
"""Pixels between inputs."""

PER_LINE = 12
"""Inputs side by side."""

SURE, DOUBTFUL, REJECTED = "#66ceb6", "#f0ba5e", "#9aa09c"
"""Frames and labels by what is thought of the candidate; all stand out from black."""

LEFT_OUT = "#5f7fb5"
"""Frames of what was left out."""

BETWEEN = 90
"""The grey between inputs: neither background nor ink."""


def to_json(reading: Reading) -> dict[str, str]:
    """`grey` and `ink`, each a PNG file of at most MOST pixels in base64."""
    return {"grey": _base64(_reduced(grey(reading))), "ink": _base64(_reduced(ink(reading)))}


def pictures(reading: Reading) -> Iterator[tuple[str, Image.Image]]:
    """All pictures with their names, in the order of the steps."""
    yield "1-grey", grey(reading)
    yield "2-ink", ink(reading)
    yield "3-marks", candidates(reading)
    yield "4-input", inputs(reading)


def grey(reading: Reading) -> Image.Image:
    """The picture without colour, as the ink was sought in it."""
    return Image.fromarray(reading.scan.grey)


def ink(reading: Reading) -> Image.Image:
    """The ink, light on black: below the threshold is background, the strongest is white."""
    values, threshold = reading.ink.values, reading.ink.threshold
    found = np.where(values >= threshold, values, 0)
    return ImageOps.autocontrast(Image.fromarray(found.astype(np.uint8)))


def candidates(reading: Reading) -> Image.Image:
    """The ink with a frame around each candidate and what it is read as, and what was left out."""
    image = _legible(ink(reading)).convert("RGB")
    scale = image.width / reading.answer.width, image.height / reading.answer.height
    size = max(round(math.sqrt(image.width * image.height) / 20), SMALLEST)
    image = ImageOps.expand(image, 2 * size)  # a label may stand over the picture's edge
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    labelled = [(each.box, _colour(each), _label(each)) for each in reading.answer.symbols]
    labelled += [(each.box, LEFT_OUT, "") for each in reading.answer.left_out]
    for box, colour, label in labelled:
        left, right = (round(x * scale[0]) + 2 * size for x in (box.x, box.right))
        top, bottom = (round(y * scale[1]) + 2 * size for y in (box.y, box.bottom))
        air = size // 4
        frame = left - air, top - air, right + air, bottom + air
        pen.rectangle(frame, outline=colour, width=max(size // 10, 1))
        pen.text((frame[0], frame[1] - air), label, colour, font, anchor="ls")
    return image


def inputs(reading: Reading) -> Image.Image:
    """What the CNN got, in reading order, enlarged; a grey picture where there was no candidate."""
    tiles = np.rint(np.reshape(reading.inputs, (-1, SIDE, SIDE)) * 255).astype(np.uint8)
    tiles = tiles.repeat(ENLARGED, axis=1).repeat(ENLARGED, axis=2)
    step = tiles.shape[1] + GAP
    across, down = min(max(len(tiles), 1), PER_LINE), max(math.ceil(len(tiles) / PER_LINE), 1)
    image = Image.new("L", (across * step + GAP, down * step + GAP), BETWEEN)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, PER_LINE)
        image.paste(Image.fromarray(tile), (column * step + GAP, row * step + GAP))
    return image


def png(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _base64(image: Image.Image) -> str:
    return base64.b64encode(png(image)).decode("ascii")


def _reduced(image: Image.Image) -> Image.Image:
    """At most MOST pixels; each is the mean of those that it stands for."""
    factor = math.sqrt(image.width * image.height / MOST)
    if factor <= 1:
        return image
    size = max(int(image.width / factor), 1), max(int(image.height / factor), 1)
    return image.resize(size, Image.Resampling.BOX)


def _legible(image: Image.Image) -> Image.Image:
    """A small picture with each pixel as a square of several."""
    factor = math.ceil(LEGIBLE / max(image.size))
    size = image.width * factor, image.height * factor
    return image.resize(size, Image.Resampling.NEAREST) if factor > 1 else image


def _colour(symbol: Symbol) -> str:
    if symbol.text == "?":
        return REJECTED
    return DOUBTFUL if symbol.doubtful else SURE


def _label(symbol: Symbol) -> str:
    """The symbol; a doubtful one with the second best."""
    others = [text for text, _ in symbol.alternatives[1:2]]
    return f"{symbol.text} or {others[0]}?" if symbol.doubtful and others else symbol.text
