"""Contact sheets to look at: what was misread, what was corrupted. Never committed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from digitapp import files
from digitapp.errors import DigitappError
from digitapp.vision import decode
from train.evaluation.suites import Reading

NEAREST = Image.Resampling.NEAREST

CELL = (176, 148)
"""Width and height in pixels of a miss: its picture, what the CNN saw, and three lines."""

COLUMNS, ROWS = 8, 8
"""Misses on a sheet. The rest goes on the next one, so that no sheet is too large to look at."""

THUMBNAIL = 96
"""Longer side of a picture on the sheet, in pixels."""

PAPER, BACKDROP = "white", (205, 220, 235)
"""Colours of the sheet, and of what is transparent."""


def misses(wrong: Sequence[Reading], folder: Path) -> list[Path]:
    """Draw every miss on `misses-1.png` and so on; older sheets in the folder are replaced."""
    for old in folder.glob("misses-*.png"):
        old.unlink()
    size = COLUMNS * ROWS
    pages = [wrong[start : start + size] for start in range(0, len(wrong), size)]
    paths = [folder / f"misses-{number}.png" for number in range(1, len(pages) + 1)]
    for page, path in zip(pages, paths, strict=True):
        _page(page).save(path)
    return paths


def grid(rows: Sequence[NDArray[np.float32]], names: Sequence[str], target: Path) -> None:
    """Rows of pictures, each [N, 28, 28] from 0 to 1 with ink as light, beside their names."""
    pictures = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
    image = Image.fromarray(np.rint(pictures * 255).astype(np.uint8))
    image = image.resize((image.width * 2, image.height * 2), NEAREST)
    sheet = Image.new("L", (image.width + 110, image.height), 255)
    sheet.paste(image, (110, 0))
    pen = ImageDraw.Draw(sheet)
    for number, name in enumerate(names):
        pen.text((4, number * 56 + 20), name, fill=0, font=ImageFont.load_default(14))
    sheet.save(target)


def _page(readings: Sequence[Reading]) -> Image.Image:
    rows = -(-len(readings) // COLUMNS)
    sheet = Image.new("RGB", (CELL[0] * COLUMNS, CELL[1] * rows), PAPER)
    for number, reading in enumerate(readings):
        row, column = divmod(number, COLUMNS)
        sheet.paste(_cell(reading), (column * CELL[0], row * CELL[1]))
    return sheet


def _cell(reading: Reading) -> Image.Image:
    """One miss: the picture, what the CNN saw, what it is and what was read."""
    cell = Image.new("RGB", CELL, PAPER)
    cell.paste(_thumbnail(reading.truth.path), (4, 4))
    for number, tile in enumerate(reading.tiles):
        side = 56 if len(reading.tiles) == 1 else 28
        seen = ImageOps.invert(Image.frombytes("L", (28, 28), tile)).resize((side, side))
        down, across = divmod(number, 2)
        cell.paste(seen, (110 + 32 * across, 4 + 32 * down))
    pen = ImageDraw.Draw(cell)
    for number, line in enumerate(_lines(reading)):
        pen.text((4, 102 + 14 * number), line, fill="black", font=ImageFont.load_default(11))
    return cell


def _lines(reading: Reading) -> tuple[str, str, str]:
    is_, said = _word(reading.truth.label), _word(reading.text or "")
    guess = f" ({_word(reading.best)})" if reading.text and "?" in reading.text else ""
    sure = f"{reading.confidence:.1%}, no digit {reading.most:.1%}"
    name = f"{reading.truth.suite}/{reading.truth.path.name}"
    return f"is {is_}, read {said}{guess}", reading.reason or sure, name[:30]


def _word(text: str) -> str:
    """A text in one short line."""
    word = text.replace("\n", "|") or "nothing"
    return word if len(word) <= 10 else word[:9] + "…"


def _thumbnail(path: Path) -> Image.Image:
    """The picture, small and upright; an empty one if it cannot be read."""
    try:
        with decode.decoding():
            image = decode.open_bounded(files.read(path))
            image.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
            small = ImageOps.exif_transpose(image).convert("RGBA")
    except DigitappError:
        return Image.new("RGB", (THUMBNAIL, THUMBNAIL), BACKDROP)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    if (factor := THUMBNAIL // max(small.size)) > 1:
        small = small.resize((small.width * factor, small.height * factor), NEAREST)
    paper = Image.new("RGB", small.size, BACKDROP)
    paper.paste(small, (0, 0), small)
    return paper
