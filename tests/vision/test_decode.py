"""From bytes to ink: any format, mode, background and turn gives the same ink at the same place."""

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from digitapp.vision import decode
from tests import broken
from tests.drawings import Colour, coverage, draw, encode
from tests.inks import SIDE, drawn, ink_of, likeness, mask, read

# Pillow tells of odd notes in damaged files by warnings. The program passes over them.
quiet = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def overlay(ink: int, alpha: int = 255) -> Image.Image:
    """A seven on nothing: `ink` where it is drawn, transparent elsewhere."""
    image = Image.new("RGBA", (SIDE, SIDE), (ink, ink, ink, 0))
    image.putalpha(coverage(7, SIDE).point(lambda value: value * alpha // 255))
    return image


def sixteen(image: Image.Image) -> Image.Image:
    """The same picture in 16 bits."""
    return Image.fromarray(np.asarray(image).astype(np.uint16) * 257)


def fine_palette(image: Image.Image) -> Image.Image:
    """A palette in which the tones are in no order."""
    return image.convert("RGB").quantize(16)


# The modes of a grey picture,
MODES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "1": lambda image: image.convert("1", dither=Image.Dither.NONE),
    "L": lambda image: image,
    "LA": lambda image: image.convert("LA"),
    "RGB": lambda image: image.convert("RGB"),
    "RGBA": lambda image: image.convert("RGBA"),
    "P": fine_palette,
    "I;16": sixteen,
    "CMYK": lambda image: image.convert("RGB").convert("CMYK"),
}

# and the options with which each format is written.
FORMATS: dict[str, tuple[str, dict[str, object], set[str]]] = {
    "PNG": ("PNG", {}, {"1", "L", "LA", "RGB", "RGBA", "P", "I;16"}),
    "PNG interlaced": ("PNG", {"interlace": True}, {"L", "RGB"}),
    "JPEG": ("JPEG", {"quality": 85}, {"L", "RGB", "CMYK"}),
    "JPEG progressive": ("JPEG", {"progressive": True, "quality": 85}, {"L", "RGB", "CMYK"}),
    "JPEG 4:2:0": ("JPEG", {"subsampling": 2, "quality": 50}, {"RGB"}),
    "GIF": ("GIF", {}, {"1", "L", "P"}),
    "BMP": ("BMP", {}, {"1", "L", "P", "RGB", "RGBA"}),
    "WebP lossy": ("WEBP", {"quality": 80}, {"L", "LA", "RGB", "RGBA", "P"}),
    "WebP lossless": ("WEBP", {"lossless": True}, {"L", "LA", "RGB", "RGBA", "P"}),
}
ROWS = [(name, mode) for name, (_, _, modes) in FORMATS.items() for mode in sorted(modes)]


@pytest.mark.parametrize("tones", [(0, 255), (255, 0), (60, 180), (200, 90)], ids=str)
@pytest.mark.parametrize(("name", "mode"), ROWS, ids=" ".join)
def test_every_format_and_mode_gives_the_same_ink(
    name: str, mode: str, tones: tuple[int, int]
) -> None:
    if mode == "1" and tones[0] not in {0, 255}:
        tones = (0, 255)
    format, options, _ = FORMATS[name]
    image = MODES[mode](draw(7, SIDE, *tones))
    assert likeness(ink_of(image, format, **options), drawn()) > 0.8


def test_a_gif_is_read_by_its_first_frame() -> None:
    data = encode(draw(7, SIDE), "GIF", save_all=True, append_images=[draw(2, SIDE)])
    assert likeness(mask(read(data)), drawn(7)) > 0.8


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_read_by_its_first_frame(kind: str) -> None:
    frames = {"save_all": True, "append_images": [draw(2, SIDE).convert("RGB")]}
    data = encode(draw(7, SIDE).convert("RGB"), kind, **frames)
    assert likeness(mask(read(data)), drawn(7)) > 0.8


@pytest.mark.parametrize("ink", [0, 255], ids=["black", "white"])
@pytest.mark.parametrize("alpha", [255, 160])
@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_ink_on_nothing_is_ink(ink: int, alpha: int, format: str) -> None:
    assert likeness(ink_of(overlay(ink, alpha), format), drawn()) > 0.8


def test_a_palette_with_a_transparent_colour() -> None:
    image = overlay(0).quantize(8)
    assert image.mode == "P"
    assert likeness(ink_of(image), drawn()) > 0.8
    assert likeness(ink_of(overlay(0), "GIF"), drawn()) > 0.8


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_one_colour_named_transparent(mode: str) -> None:
    image = MODES[mode](draw(7, SIDE))
    data = encode(image, transparency=(255, 255, 255) if mode == "RGB" else 255)
    assert likeness(mask(read(data)), drawn()) > 0.8


COLOURS = [
    ((200, 30, 30), (255, 255, 255)),
    ((30, 60, 200), (250, 245, 230)),
    ((255, 230, 0), (200, 220, 255)),
    ((230, 60, 60), (110, 100, 90)),
    ((255, 255, 255), (20, 90, 50)),
    ((255, 220, 60), (255, 255, 255)),
]


@pytest.mark.parametrize(("ink", "background"), COLOURS, ids=str)
def test_coloured_pens_on_coloured_paper(
    ink: tuple[int, int, int], background: tuple[int, int, int]
) -> None:
    assert likeness(ink_of(draw(7, SIDE, ink, background)), drawn()) > 0.8


@pytest.mark.parametrize("place", [(0, 0), (200, 120)], ids=str)
def test_a_small_digit_as_bright_as_its_background_is_told_by_its_colour(
    place: tuple[int, int],
) -> None:
    ink, background = (230, 60, 110), (150, 110, 70)  # red on brown: both are 117 as grey
    image = Image.new("RGB", (320, 240), background)
    image.paste(draw(7, SIDE, ink, background, pen=1 / 20), place)
    found = ink_of(image)
    left, top = place
    shape = np.asarray(coverage(7, SIDE, pen=1 / 20)) >= 128
    assert likeness(found[top : top + SIDE, left : left + SIDE], shape) > 0.7


@pytest.mark.parametrize("tone", [0, 1, 90, 254, 255])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "CMYK"])
def test_a_solid_picture_has_no_ink(tone: int, mode: str) -> None:
    image = MODES[mode](Image.new("L", (40, 30), tone))
    ink = read(encode(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert not mask(ink).any()


# --- orientation


UPRIGHT_TO_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def as_camera(image: Image.Image, orientation: int, format: str, **options: object) -> bytes:
    """The picture as a camera held that way would store it."""
    turn = UPRIGHT_TO_STORED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = image if turn is None else image.transpose(turn)
    return encode(stored, format, exif=exif.tobytes(), **options)


KINDS = [("JPEG", "L"), ("JPEG", "RGB"), ("PNG", "L"), ("PNG", "I;16"), ("PNG", "RGBA")]
KINDS += [("WEBP", "RGB")]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("format", "mode"), KINDS)
def test_every_orientation_comes_out_upright(orientation: int, format: str, mode: str) -> None:
    wide = Image.new("L", (SIDE + 40, SIDE), 255)
    wide.paste(draw(7, SIDE), (40, 0))
    ink = read(as_camera(MODES[mode](wide), orientation, format))
    assert (ink.width, ink.height) == (SIDE + 40, SIDE)
    assert ink.values.shape == (SIDE, SIDE + 40)
    assert likeness(mask(ink)[:, 40:], drawn()) > 0.8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(1999, 2000), (2000, 1999), (1300, 1301), (2000, 700)])
def test_the_upright_size_is_right_of_reduced_pictures(
    orientation: int, size: tuple[int, int]
) -> None:
    ink = read(as_camera(draw(7, SIDE).resize(size), orientation, "JPEG"))
    assert (ink.width, ink.height) == size
    assert max(ink.values.shape) < max(size)


def orientation_note(kind: int, value: bytes) -> bytes:
    """EXIF with nothing but an orientation, of TIFF's type 2 text, 3 short, 7 bytes or 11 float."""
    entry = struct.pack("<HHHI4s", 1, 0x0112, kind, 1, value)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + entry + bytes(4)


ODD_NOTES = {
    "zero": orientation_note(3, b"\0\0"),
    "nine": orientation_note(3, b"\x09\0"),
    "text": orientation_note(2, b"6\0"),
    "bytes": orientation_note(7, b"\x06"),
    "float": orientation_note(11, struct.pack("<f", 6.5)),
    "no such type": orientation_note(99, b"\x06\0"),
    "cut short": orientation_note(3, b"\x06\0")[:20],
    "no tiff": b"Exif\0\0seven",
}


@quiet
@pytest.mark.parametrize("note", ODD_NOTES.values(), ids=ODD_NOTES)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_an_odd_orientation_is_passed_over(format: str, note: bytes) -> None:
    ink = read(encode(draw(7, SIDE), format, exif=note))
    assert likeness(mask(ink), drawn()) > 0.8


# --- size


def test_a_large_jpeg_is_decoded_at_a_reduced_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "WORK_PIXELS", 60 * 60)
    drafted = decode.open_bounded(encode(draw(7, 480), "JPEG"))
    ink = read(encode(draw(7, 480), "JPEG"))
    assert ink.values.shape == (60, 60)
    assert (ink.width, ink.height) == (480, 480)
    assert likeness(mask(ink), drawn(7, 60)) > 0.8
    decode._reduced(drafted)
    assert drafted.size == (60, 60), "the decoder did not leave the detail out"


@pytest.mark.parametrize("mode", ["1", "L", "RGBA", "P", "I;16"])
def test_a_large_picture_is_reduced_whatever_its_mode(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "WORK_PIXELS", 100 * 100)
    ink = read(encode(MODES[mode](draw(7, 301))))
    assert max(ink.values.shape) <= 100
    assert (ink.width, ink.height) == (301, 301)
    assert likeness(mask(ink), drawn(7, ink.values.shape[0])) > 0.75


@pytest.mark.parametrize("pixels", [100 * 100, decode.WORK_PIXELS])
@pytest.mark.parametrize("colours", [(0, 255), ((90, 20, 0), (250, 240, 200))], ids=str)
def test_alpha_that_hides_nothing_changes_nothing(
    colours: tuple[Colour, Colour], pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "WORK_PIXELS", pixels)
    picture = draw(7, 301, *colours).convert("RGB")
    with_alpha, without = (decode.decode(encode(picture.convert(mode))) for mode in ("RGBA", "RGB"))
    assert np.array_equal(with_alpha.grey, without.grey)


@pytest.mark.parametrize("format", broken.FORMATS)
def test_the_same_bytes_give_the_same_ink(format: str) -> None:
    data = encode(draw(8, SIDE), format)
    assert np.array_equal(read(data).values, read(data).values)
