"""From bytes to ink: every format, mode, ground and turn gives the same ink at the same place."""

import struct
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitapp import imaging
from digitapp.config import MAX_BODY, MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE
from digitapp.errors import BadRequest, DigitappError, TooLarge, UnreadableImage, UnsupportedFormat
from digitapp.marks import Picture
from tests import broken
from tests.drawings import coverage, draw, encode

SIDE = 96
Mask = NDArray[np.bool_]

# Pillow tells of odd notes in damaged files by warnings; the program passes over them.
quiet = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def mask(picture: Picture) -> Mask:
    """What counts as ink."""
    return np.asarray(picture.ink >= picture.threshold)


def ink_of(image: Image.Image, format: str = "PNG", **options: object) -> Mask:
    return mask(imaging.load(encode(image, format, **options)))


def likeness(one: Mask, other: Mask) -> float:
    """Shared ink over all ink, 0 to 1."""
    assert one.shape == other.shape
    return float((one & other).sum() / max((one | other).sum(), 1))


def drawn(digit: int = 7, side: int = SIDE) -> Mask:
    """The ink as it was drawn."""
    return np.asarray(coverage(digit, side)) >= 128


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


# The modes of a grey picture ...
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

# ... and the options with which each format is written.
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
    assert likeness(mask(imaging.load(data)), drawn(7)) > 0.8


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_read_by_its_first_frame(kind: str) -> None:
    frames = {"save_all": True, "append_images": [draw(2, SIDE).convert("RGB")]}
    data = encode(draw(7, SIDE).convert("RGB"), kind, **frames)
    assert likeness(mask(imaging.load(data)), drawn(7)) > 0.8


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
    assert likeness(mask(imaging.load(data)), drawn()) > 0.8


COLOURS = [
    ((200, 30, 30), (255, 255, 255)),
    ((30, 60, 200), (250, 245, 230)),
    ((255, 230, 0), (200, 220, 255)),
    ((230, 60, 60), (110, 100, 90)),
    ((255, 255, 255), (20, 90, 50)),
    ((255, 220, 60), (255, 255, 255)),
]


@pytest.mark.parametrize(("ink", "ground"), COLOURS, ids=str)
def test_coloured_pens_on_coloured_paper(
    ink: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    assert likeness(ink_of(draw(7, SIDE, ink, ground)), drawn()) > 0.8


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
    picture = imaging.load(as_camera(MODES[mode](wide), orientation, format))
    assert (picture.width, picture.height) == (SIDE + 40, SIDE)
    assert picture.ink.shape == (SIDE, SIDE + 40)
    assert likeness(mask(picture)[:, 40:], drawn()) > 0.8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(1999, 2000), (2000, 1999), (1300, 1301), (2000, 700)])
def test_the_upright_size_is_right_of_reduced_pictures(
    orientation: int, size: tuple[int, int]
) -> None:
    picture = imaging.load(as_camera(draw(7, SIDE).resize(size), orientation, "JPEG"))
    assert (picture.width, picture.height) == size
    assert max(picture.ink.shape) < max(size)


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
    picture = imaging.load(encode(draw(7, SIDE), format, exif=note))
    assert likeness(mask(picture), drawn()) > 0.8


# --- light


def on_ground(ground: NDArray[np.float64], ink: float = 0.15) -> Image.Image:
    """A seven that lets through `ink` of the ground's light."""
    cover = np.asarray(coverage(7, ground.shape[0])) / 255
    light = ground * (1 - cover * (1 - ink))
    return Image.fromarray(light.clip(0, 255).astype(np.uint8))


def shadow(side: int, x: float, y: float, tone: int) -> NDArray[np.float64]:
    """Light paper with a soft round shadow about (x, y), as shares of the side."""
    image = Image.new("L", (side, side), 235)
    reach = [(x - 0.8) * side, (y - 0.8) * side, (x + 0.8) * side, (y + 0.8) * side]
    ImageDraw.Draw(image).ellipse(reach, fill=tone)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(side / 10))).astype(np.float64)


def shadow_from_below(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.5, 1.2, 110)


def shadow_from_the_left(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.0, 0.2, 150)


def faint_shadow(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.9, 0.9, 200)


def round_shadow(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.9, 0.9, 120)


def strong_vignette(side: int) -> NDArray[np.float64]:
    axis = np.linspace(-1, 1, side)
    return np.asarray(235 - 60 * (axis[:, np.newaxis] ** 2 + axis**2))


def gradient(side: int) -> NDArray[np.float64]:
    return np.tile(np.linspace(110, 245, side), (side, 1))


def grain(side: int) -> NDArray[np.float64]:
    return 215 + np.random.default_rng(7).normal(0, 6, (side, side))


def vignette(side: int) -> NDArray[np.float64]:
    axis = np.linspace(-1, 1, side)
    return np.asarray(230 - 30 * (axis[:, np.newaxis] ** 2 + axis**2))


GROUNDS = [
    shadow_from_below,
    shadow_from_the_left,
    faint_shadow,
    round_shadow,
    gradient,
    grain,
    vignette,
    strong_vignette,
]


@pytest.mark.parametrize("ground", GROUNDS)
def test_uneven_light_leaves_the_digit_alone(ground: Callable[[int], NDArray[np.float64]]) -> None:
    found = ink_of(on_ground(ground(240)))
    assert likeness(found, drawn(7, 240)) > 0.8
    far = np.asarray(coverage(7, 240).filter(ImageFilter.MaxFilter(9))) == 0
    assert (found & far).mean() < 0.001


@pytest.mark.parametrize("ground", GROUNDS)
def test_uneven_light_on_empty_paper_is_no_ink(
    ground: Callable[[int], NDArray[np.float64]],
) -> None:
    found = ink_of(Image.fromarray(ground(240).clip(0, 255).astype(np.uint8)))
    assert found.mean() < 0.001


@pytest.mark.parametrize(("paper", "around"), [(240, 40), (30, 220), (250, 120)])
def test_a_sheet_within_the_picture_is_ground(paper: int, around: int) -> None:
    scene = Image.new("L", (300, 260), around)
    scene.paste(draw(7, 180, ink=255 - paper, ground=paper), (60, 40))
    found = ink_of(scene)
    assert likeness(found[40:220, 60:240], drawn(7, 180)) > 0.8
    found[40:220, 60:240] = False
    assert not found.any()


def test_a_filled_square_is_ink_and_no_sheet() -> None:
    image = Image.new("L", (100, 100), 255)
    image.paste(0, (30, 30, 70, 70))
    assert ink_of(image)[30:70, 30:70].all()


@pytest.mark.parametrize("pen", [1 / 8, 1 / 6, 1 / 5, 1 / 4])
@pytest.mark.parametrize("digit", range(10))
def test_a_digit_of_a_broad_brush_is_no_sheet(digit: int, pen: float) -> None:
    shape = np.asarray(coverage(digit, SIDE, pen)) >= 128
    assert likeness(ink_of(draw(digit, SIDE, pen=pen)), shape) > 0.9


@pytest.mark.parametrize("tone", [0, 1, 90, 254, 255])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "CMYK"])
def test_a_solid_picture_has_no_ink(tone: int, mode: str) -> None:
    image = MODES[mode](Image.new("L", (40, 30), tone))
    picture = imaging.load(encode(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert not mask(picture).any()


def test_nothing_on_nothing_has_no_ink() -> None:
    assert not ink_of(Image.new("RGBA", (40, 30), (0, 0, 0, 0))).any()


@pytest.mark.parametrize("seed", range(5))
def test_noise_of_all_tones_has_no_ink(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 256, (80, 80), dtype=np.uint8)
    assert ink_of(Image.fromarray(values)).mean() < 0.001


@pytest.mark.parametrize("size", [(1, 1), (1, MAX_SIDE), (MAX_SIDE, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("tone", [0, 255])
def test_the_smallest_and_the_thinnest_pictures(size: tuple[int, int], tone: int) -> None:
    picture = imaging.load(encode(Image.new("L", size, tone)))
    assert (picture.width, picture.height) == size
    assert not mask(picture).any()


@pytest.mark.parametrize("tones", [(0, 255), (30, 240), (255, 0)], ids=str)
def test_a_tight_crop_of_a_thick_pen_is_ink_for_the_most_part(tones: tuple[int, int]) -> None:
    # 57 % of it is ink: the noise must be taken from the rest.
    image = Image.new("L", (14, 60), tones[1])
    ImageDraw.Draw(image).rounded_rectangle([2, 2, 11, 57], 4, fill=tones[0])
    found = ink_of(image)
    assert found[5:55, 3:11].all()
    assert not found[:, :2].any()


@settings(deadline=None, max_examples=100)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=24)))
def test_any_pixels_give_ink_and_a_threshold(picture: NDArray[np.uint8]) -> None:
    ink, threshold = imaging.find_ink(picture)
    assert ink.shape == picture.shape
    assert ink.dtype == np.uint8
    assert threshold >= 1  # over 255, nothing can be told from the noise


# --- bounds


def test_no_bytes_are_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        imaging.load(b"")


def test_a_file_over_the_bound_is_not_even_sniffed() -> None:
    with pytest.raises(TooLarge):
        imaging.load(bytes(MAX_BODY + 1))


SIZES = [
    ("PNG", 20_000, 1),
    ("PNG", 9_000, 9_000),
    ("PNG", 1, MAX_SIDE + 1),
    ("PNG", 4_001, 4_000),
    ("PNG", 2**31 - 1, 2**31 - 1),
    ("JPEG", 65_500, 8),
    ("JPEG", 7_072, 7_072),
    ("JPEG CMYK", 4_001, 4_000),
    ("GIF", 65_535, 65_535),
    ("GIF", 4_001, 4_000),
    ("BMP", 4_001, 4_000),
    ("BMP", 20_000, 20_000),
    ("WEBP", 16_000, 16_000),
    ("WEBP", 4_001, 4_000),
]


@pytest.mark.parametrize(("format", "width", "height"), SIZES)
def test_a_size_over_the_bounds_is_refused_by_its_header(
    format: str, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(TooLarge) as caught:
        imaging.load(broken.claiming(format, width, height))
    assert "make it smaller" in caught.value.message


@pytest.mark.parametrize(
    ("format", "width", "height"),
    [
        ("PNG", 4_000, 4_000),
        ("PNG", MAX_SIDE, 1),
        ("JPEG", 8_000, 6_250),
        ("JPEG CMYK", 4_000, 4_000),
        ("WEBP", 4_000, 4_000),
    ],
)
def test_a_size_at_the_bounds_is_opened(format: str, width: int, height: int) -> None:
    image = imaging.open_bounded(broken.claiming(format, width, height))
    assert image.size == (width, height)


def test_the_bounds_are_the_documented_ones() -> None:
    assert (MAX_SIDE, MAX_PIXELS, MAX_JPEG_PIXELS) == (8_192, 16_000_000, 50_000_000)


def test_a_large_jpeg_is_decoded_at_a_reduced_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "WORK_PIXELS", 60 * 60)
    drafted = imaging.open_bounded(encode(draw(7, 480), "JPEG"))
    picture = imaging.load(encode(draw(7, 480), "JPEG"))
    assert picture.ink.shape == (60, 60)
    assert (picture.width, picture.height) == (480, 480)
    assert likeness(mask(picture), drawn(7, 60)) > 0.8
    imaging._reduced(drafted)
    assert drafted.size == (60, 60), "the decoder did not leave the detail out"


@pytest.mark.parametrize("mode", ["1", "L", "RGBA", "P", "I;16"])
def test_a_large_picture_is_reduced_whatever_its_mode(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imaging, "WORK_PIXELS", 100 * 100)
    picture = imaging.load(encode(MODES[mode](draw(7, 301))))
    assert max(picture.ink.shape) <= 100
    assert (picture.width, picture.height) == (301, 301)
    assert likeness(mask(picture), drawn(7, picture.ink.shape[0])) > 0.75


# --- formats and damage

OTHERS = {
    "text": b"seven",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "html": b"<!doctype html>",
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(40),
    "tiff": encode(draw(7, SIDE), "TIFF"),
    "ico": encode(draw(7, 64), "ICO"),
    "ppm": encode(draw(7, SIDE), "PPM"),
    "tga": encode(draw(7, SIDE), "TGA"),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "mp4": b"\0\0\0\x18ftypisom" + bytes(40),
    "one byte": b"\x89",
    "zeros": bytes(4096),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_formats_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        imaging.load(OTHERS[name])
    assert "Use PNG, JPEG, GIF, BMP or WebP" in caught.value.message


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
def test_a_heic_photo_is_told_the_way_out(brand: bytes) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        imaging.load(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic")
    assert "Save it as JPEG" in caught.value.message


def test_the_name_of_the_format_is_by_the_bytes() -> None:
    found = {name: imaging.sniff(encode(draw(7, 16), name)) for name in broken.FORMATS}
    assert found == {name: name for name in broken.FORMATS}


def refused_or_read(data: bytes) -> None:
    """Any answer will do, and any refusal of ours; nothing else may be raised."""
    try:
        picture = imaging.load(data)
    except DigitappError as error:
        assert isinstance(error, UnreadableImage | UnsupportedFormat | TooLarge | BadRequest)
    else:
        assert picture.ink.ndim == 2
        assert picture.width > 0
        assert picture.height > 0


@quiet
@pytest.mark.parametrize("name", broken.SAMPLES)
def test_a_file_cut_anywhere_is_refused_or_read(name: str) -> None:
    data = broken.SAMPLES[name]
    for length in range(1, len(data), max(len(data) // 60, 1)):
        refused_or_read(data[:length])


@quiet
@pytest.mark.parametrize("format", broken.FORMATS)
def test_a_file_cut_in_half_is_refused(format: str) -> None:
    data = encode(draw(7, SIDE), format)
    with pytest.raises(UnreadableImage):
        imaging.load(data[: len(data) // 2])


@quiet
@settings(deadline=None, max_examples=400)
@given(st.data())
def test_a_file_with_wrong_bytes_is_refused_or_read(data: st.DataObject) -> None:
    sample = bytearray(broken.SAMPLES[data.draw(st.sampled_from(sorted(broken.SAMPLES)))])
    places = st.integers(0, len(sample) - 1) | st.integers(0, min(len(sample) - 1, 80))
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        sample[place] = value
    refused_or_read(bytes(sample))


@quiet
@settings(deadline=None, max_examples=200)
@given(st.sampled_from([signature for signature, _ in imaging.SIGNATURES]), st.binary())
def test_a_signature_and_then_anything_is_refused_or_read(signature: bytes, rest: bytes) -> None:
    refused_or_read(signature + rest)


def test_odd_files_warn_nobody() -> None:
    """In a process of its own, since pytest has filters of its own."""
    script = (
        "import sys; from digitapp import imaging; imaging.load(sys.stdin.buffer.read())\n"
        "assert 'PIL.JpegImagePlugin' in sys.modules"
    )
    odd = encode(draw(7, SIDE), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], input=odd, capture_output=True, timeout=120
    )
    assert (run.returncode, run.stderr.decode()) == (0, "")


@pytest.mark.parametrize("format", broken.FORMATS)
def test_the_same_bytes_give_the_same_ink(format: str) -> None:
    data = encode(draw(8, SIDE), format)
    assert np.array_equal(imaging.load(data).ink, imaging.load(data).ink)
