"""Draws the icons in `assets/` from the page's icon: `python build/make_icon.py`.

`icon.png`, `icon.ico` for Windows and `icon.icns` for macOS; `icon_set` draws Linux's.

The drawing's one source is `digitapp/web/static/icon.svg`: a rounded tile and strokes made of
`M` (move to) and `c` (curve by). No more of SVG is read, and none is needed.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "digitapp" / "web" / "static" / "icon.svg"
SVG = "{http://www.w3.org/2000/svg}"

SIDE = 512
"""Width and height of the PNG in pixels."""

FINE = 4
"""Drawn this many times larger, then made smaller: smooth edges."""

SIZES = [(side, side) for side in (16, 24, 32, 48, 64, 128, 256)]
"""Sizes inside the .ico file, in pixels."""

Point = complex
"""x + yj."""


def main(folder: Path) -> None:
    """Write all of them into `folder`."""
    icon = draw(ElementTree.parse(SOURCE).getroot())  # noqa: S314 (our own file)
    icon.save(folder / "icon.png", optimize=True)
    icon.save(folder / "icon.ico", sizes=SIZES)
    icon.save(folder / "icon.icns")


def icon_set(folder: Path) -> None:
    """Write the drawing and its sizes into `folder` as Linux's desktops want them, hicolor."""
    icon = draw(ElementTree.parse(SOURCE).getroot())  # noqa: S314 (our own file)
    for width, height in SIZES:
        place = folder / f"{width}x{height}" / "apps"
        place.mkdir(parents=True)
        icon.resize((width, height), Image.Resampling.BOX).save(place / "digitapp.png")
    place = folder / "scalable" / "apps"
    place.mkdir(parents=True)
    shutil.copy(SOURCE, place / "digitapp.svg")


def draw(svg: ElementTree.Element) -> Image.Image:
    """The icon as a picture with transparent corners, [SIDE, SIDE]."""
    side = SIDE * FINE
    scale = side / float(svg.attrib["viewBox"].split()[2])
    image = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(image)
    tile, strokes = svg[0], svg[1]
    radius = float(tile.attrib["rx"]) * scale
    pen.rounded_rectangle([0, 0, side - 1, side - 1], radius, tile.attrib["fill"])
    radius = float(strokes.attrib["stroke-width"]) * scale / 2
    for path in strokes.iter(f"{SVG}path"):
        for point in points(path.attrib["d"]):  # a round pen, set down closely
            x, y = point.real * scale, point.imag * scale
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], strokes.attrib["stroke"])
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


def points(path: str, steps: int = 400) -> Iterator[Point]:
    """Points along a path: `steps` on each of its curves."""
    start = 0j
    for command, numbers in re.findall(r"([Mc])([^Mc]*)", path):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        pairs = [complex(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        if command == "M":
            start = pairs[0]
            continue
        for index in range(0, len(pairs), 3):
            first, second, end = (start + pair for pair in pairs[index : index + 3])
            yield from (
                bezier(start, first, second, end, step / steps) for step in range(steps + 1)
            )
            start = end


def bezier(start: Point, first: Point, second: Point, end: Point, t: float) -> Point:
    """The point at `t` (0 to 1) of a cubic Bezier curve."""
    s = 1 - t
    return s**3 * start + 3 * s * s * t * first + 3 * s * t * t * second + t**3 * end


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets")
