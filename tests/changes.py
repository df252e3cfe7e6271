"""Changes to a picture of digits that must not change what is read.

Each takes an upright RGB picture and returns a file's bytes. Sizes are shares of the picture's
sides, so that they are the same change to a thumbnail and to a photo.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageOps

from tests.drawings import encode

Change = Callable[[Image.Image], bytes]
Colour = tuple[int, int, int]
Light = NDArray[np.float64]

SMALLEST = 8
"""Shorter side in pixels that a picture keeps when it is made smaller."""

LARGEST = 4_000
"""Longer side in pixels that a picture gets at most when it is made larger."""


def inverted(image: Image.Image) -> bytes:
    return encode(ImageOps.invert(image))


def moved(image: Image.Image) -> bytes:
    """Towards the lower left, on a larger sheet."""
    return encode(_on_sheet(image, 1.4, 0.1, 0.9))


def small_on_a_large_sheet(image: Image.Image) -> bytes:
    image = _scaled(image, min(LARGEST / 4 / max(image.size), 1))
    return encode(_on_sheet(image, 4, 0.8, 0.3))


def scaled(image: Image.Image, factor: float) -> bytes:
    return encode(_scaled(image, factor))


def turned_by_the_camera(image: Image.Image, orientation: int) -> bytes:
    """Stored as it lay in the camera; its EXIF note says how to turn it."""
    stored = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    note = Image.Exif()
    note[ExifTags.Base.Orientation] = orientation
    return encode(image.transpose(stored), exif=note)


def jpeg(image: Image.Image, quality: int) -> bytes:
    return encode(image, "JPEG", quality=quality)


def tilted(image: Image.Image, degrees: float) -> bytes:
    sheet = _on_sheet(image, 1.3, 0.5, 0.5)
    return encode(sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=_paper(image)))


def on_nothing(image: Image.Image) -> bytes:
    """Ink on a transparent background."""
    dark = _is_paper_light(image)
    alone = Image.new("RGBA", image.size, (0, 0, 0, 0) if dark else (255, 255, 255, 0))
    alone.putalpha(Image.fromarray(np.rint(_cover(image) * 255).astype(np.uint8)))
    return encode(alone)


def framed(image: Image.Image) -> bytes:
    """A line of the ink's colour around it."""
    sheet = _on_sheet(image, 1.5, 0.5, 0.5)
    side = min(image.size)
    inset, width = max(side // 24, 1), max(side // 30, 1)
    colour = (0, 0, 0) if _is_paper_light(image) else (255, 255, 255)
    box = (inset, inset, sheet.width - 1 - inset, sheet.height - 1 - inset)
    ImageDraw.Draw(sheet).rectangle(box, outline=colour, width=width)
    return encode(sheet)


def coloured(image: Image.Image, pen: Colour, paper: Colour) -> bytes:
    """In these colours, light paper or dark."""
    return encode(_mixed(_cover(image), pen, paper))


def dark_screen(image: Image.Image) -> bytes:
    """Light ink on a screen that is brighter in its middle."""
    screen = np.asarray(_mixed(_cover(image), (214, 226, 208), (34, 38, 46)), dtype=np.float64)
    across, down = _places(image)
    glow = 18 * np.exp(-8 * ((across - 0.5) ** 2 + (down - 0.5) ** 2))
    return encode(_picture(screen + glow[..., np.newaxis]))


def faint(image: Image.Image, contrast: float) -> bytes:
    """Pencil: ink that takes no more than `contrast` of the paper's light."""
    return coloured(image, (round(235 * (1 - contrast)),) * 3, (235, 235, 235))


def lit(image: Image.Image, light: Callable[[Light, Light], Light]) -> bytes:
    """Under a light that `light` gives by place (across and down, 0 to 1): 1 is all of it."""
    shares = light(*_places(image))
    return encode(_picture(np.asarray(image) * shares[..., np.newaxis]))


def soft_shadow(across: Light, down: Light) -> Light:
    return np.asarray(1 - 0.45 / (1 + np.exp(-(across - 0.45 + (down - 0.5) * 0.4) / 0.08)))


def hard_shadow(across: Light, down: Light) -> Light:
    """A straight edge across the middle; the half behind it gets 60 % of the light."""
    return np.asarray(np.clip(0.8 - 40 * (across + 0.2 * down - 0.55), 0.6, 1))


def corner_shadow(across: Light, down: Light) -> Light:
    """A hand's or phone's: round, with an edge that is neither hard nor soft."""
    far = np.hypot(across - 0.95, down - 0.95)
    return np.asarray(np.clip(0.75 + 5 * (far - 0.6), 0.5, 1))


def vignette(across: Light, down: Light) -> Light:
    return np.asarray(1 - 0.9 * ((across - 0.5) ** 2 + (down - 0.5) ** 2))


def grainy(image: Image.Image) -> bytes:
    """Rough paper: noise of some 2.5 % of the light, in grains of a pixel or two."""
    noise = np.random.default_rng(3).normal(0, 1, (image.height, image.width))
    noise += np.roll(noise, 1, 0) + np.roll(noise, 1, 1)
    return encode(_picture(np.asarray(image) * 0.92 + 10 + 3.5 * noise[..., np.newaxis]))


def ruled(image: Image.Image, down: bool, across: bool, tone: Colour = (150, 185, 225)) -> bytes:
    """On paper with printed lines, a quarter of the picture apart; ink hides them."""
    sheet = Image.new("RGB", image.size, (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    step, width = max(min(image.size) // 4, 4), max(min(image.size) // 100, 1)
    for x in range(step // 2, image.width, step) if down else ():
        pen.line([(x, 0), (x, image.height)], fill=tone, width=width)
    for y in range(step // 2, image.height, step) if across else ():
        pen.line([(0, y), (image.width, y)], fill=tone, width=width)
    cover = _cover(image)[..., np.newaxis]
    return encode(_picture(np.asarray(sheet) * (1 - cover) + 30 * cover))


def to_the_edge(image: Image.Image) -> bytes:
    """Cropped so that ink touches all four edges."""
    box = Image.fromarray(_cover(image) >= 0.5).getbbox()
    return encode(image.crop(box) if box else image)


NAMED: dict[str, Change] = {
    "inverted": inverted,
    "moved": moved,
    "scaled to 0.5": partial(scaled, factor=0.5),
    "scaled to 2": partial(scaled, factor=2),
    "scaled to 4": partial(scaled, factor=4),
    "upside down in the camera": partial(turned_by_the_camera, orientation=3),
    "on its side in the camera": partial(turned_by_the_camera, orientation=6),
    "on its other side": partial(turned_by_the_camera, orientation=8),
    "on a transparent background": on_nothing,
    "JPEG of quality 50": partial(jpeg, quality=50),
    "soft shadow": partial(lit, light=soft_shadow),
    "tilted by 6 degrees": partial(tilted, degrees=6),
    "tilted by -6 degrees": partial(tilted, degrees=-6),
    "red pen": partial(coloured, pen=(200, 30, 40), paper=(255, 255, 255)),
    "framed": framed,
}
"""What the program promises to bear."""

HARDER: dict[str, Change] = {
    "hard shadow": partial(lit, light=hard_shadow),
    "shadow in a corner": partial(lit, light=corner_shadow),
    "vignette": partial(lit, light=vignette),
    "grain": grainy,
    "blue pen on yellow": partial(coloured, pen=(40, 60, 160), paper=(245, 225, 120)),
    "yellow chalk on green": partial(coloured, pen=(240, 225, 120), paper=(35, 75, 55)),
    "red on brown": partial(coloured, pen=(230, 60, 110), paper=(150, 110, 70)),
    "green on red": partial(coloured, pen=(60, 150, 80), paper=(210, 70, 90)),
    "teal on orange": partial(coloured, pen=(60, 165, 165), paper=(205, 120, 50)),
    "dark screen": dark_screen,
    "pencil": partial(faint, contrast=0.3),
    "faint pencil": partial(faint, contrast=0.15),
    "squared paper": partial(ruled, down=True, across=True),
    "ruled paper": partial(ruled, down=False, across=True),
    "to the edge": to_the_edge,
    "small on a large sheet": small_on_a_large_sheet,
}
"""What people bring as well."""

CHANGES = NAMED | HARDER


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    factor = max(factor, SMALLEST / min(image.size)) if factor < 1 else factor
    factor = min(factor, max(LARGEST / max(image.size), 1))
    size = (round(image.width * factor), round(image.height * factor))
    method = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX
    return image.resize(size, method)


def _on_sheet(image: Image.Image, larger: float, across: float, down: float) -> Image.Image:
    """On a sheet of its paper, `larger` times each side; `across`, `down`: where, from 0 to 1."""
    sheet = Image.new(
        "RGB", (round(image.width * larger), round(image.height * larger)), _paper(image)
    )
    room = sheet.width - image.width, sheet.height - image.height
    sheet.paste(image, (round(room[0] * across), round(room[1] * down)))
    return sheet


def _paper(image: Image.Image) -> Colour:
    """The colour in the middle of those along the edges."""
    pixels = np.asarray(image)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = (int(value) for value in np.median(edges, axis=0))
    return red, green, blue


def _is_paper_light(image: Image.Image) -> bool:
    return sum(_paper(image)) > 3 * 127


def _cover(image: Image.Image) -> Light:
    """How much of each pixel ink covers, 0 to 1, by its brightness alone."""
    light = np.asarray(image.convert("L"), dtype=np.float64) / 255
    return 1 - light if _is_paper_light(image) else light


def _mixed(cover: Light, pen: Colour, paper: Colour) -> Image.Image:
    share = cover[..., np.newaxis]
    return _picture(np.array(pen) * share + np.array(paper) * (1 - share))


def _picture(light: Light) -> Image.Image:
    return Image.fromarray(np.rint(light).clip(0, 255).astype(np.uint8))


def _places(image: Image.Image) -> tuple[Light, Light]:
    """How far across and down each pixel is, 0 to 1."""
    down, across = np.mgrid[0 : image.height, 0 : image.width]
    return across / image.width, down / image.height
