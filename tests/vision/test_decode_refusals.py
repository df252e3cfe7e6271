"""What is refused: empty and large files, other formats, damage. Nothing else is ever raised."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitapp.config import MAX_BODY, MAX_SIDE
from digitapp.errors import (
    BadRequest,
    Busy,
    DigitappError,
    TooLarge,
    UnreadableImage,
    UnsupportedFormat,
)
from digitapp.vision import decode
from tests import broken
from tests.drawings import draw, encode
from tests.inks import SIDE, read

# Pillow warns of odd notes in damaged files, and of sizes. The program passes over that.
quiet = pytest.mark.filterwarnings(
    "ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning"
)


def test_no_bytes_are_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        read(b"")


def test_a_file_over_the_bound_is_not_even_sniffed() -> None:
    with pytest.raises(TooLarge):
        read(bytes(MAX_BODY + 1))


def test_a_palette_picture_without_its_palette_is_damaged() -> None:
    with pytest.raises(UnreadableImage):
        read(broken.without_palette())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (AssertionError("Palette"), UnreadableImage),
        (RuntimeError("a new one"), UnreadableImage),
        (MemoryError(), Busy),
    ],
)
@pytest.mark.parametrize("step", ["PIL.Image.open", "PIL.ImageFile.ImageFile.load"])
def test_whatever_a_decoder_raises_is_told(
    fault: Exception, error: type[DigitappError], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    data = encode(draw(7, 48))
    monkeypatch.setattr(step, fail)
    with pytest.raises(error):
        read(data)


def test_the_log_tells_the_cause(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"), pytest.raises(UnreadableImage):
        read(broken.without_palette())
    assert "AssertionError" in caplog.text


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


@quiet
@pytest.mark.parametrize(("format", "width", "height"), SIZES)
def test_a_size_over_the_bounds_is_refused_by_its_header(
    format: str, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(TooLarge) as caught:
        read(broken.claiming(format, width, height))
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
    image = decode.open_bounded(broken.claiming(format, width, height))
    assert image.size == (width, height)


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
        read(OTHERS[name])
    assert "Use PNG, JPEG, GIF, BMP or WebP" in caught.value.message


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
def test_a_heic_photo_is_told_the_way_out(brand: bytes) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        read(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic")
    assert "Save it as JPEG" in caught.value.message


def is_refused_or_read(data: bytes) -> bool:
    """Whether there is ink or one of our refusals; nothing else may be raised."""
    try:
        ink = read(data)
    except DigitappError as error:
        return isinstance(error, UnreadableImage | UnsupportedFormat | TooLarge | BadRequest)
    return ink.values.ndim == 2 and ink.width > 0 and ink.height > 0


@quiet
@pytest.mark.parametrize("name", broken.SAMPLES)
def test_a_file_cut_anywhere_is_refused_or_read(name: str) -> None:
    data = broken.SAMPLES[name]
    for length in range(1, len(data), max(len(data) // 60, 1)):
        assert is_refused_or_read(data[:length])


@quiet
@pytest.mark.parametrize("format", broken.FORMATS)
def test_a_file_cut_in_half_is_refused(format: str) -> None:
    data = encode(draw(7, SIDE), format)
    with pytest.raises(UnreadableImage):
        read(data[: len(data) // 2])


@quiet
@settings(deadline=None, max_examples=400)
@given(st.data())
def test_a_file_with_wrong_bytes_is_refused_or_read(data: st.DataObject) -> None:
    sample = bytearray(broken.SAMPLES[data.draw(st.sampled_from(sorted(broken.SAMPLES)))])
    places = st.integers(0, len(sample) - 1) | st.integers(0, min(len(sample) - 1, 80))
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        sample[place] = value
    assert is_refused_or_read(bytes(sample))


@quiet
@settings(deadline=None, max_examples=200)
@given(st.sampled_from(broken.SIGNATURES), st.binary())
def test_a_signature_and_then_anything_is_refused_or_read(signature: bytes, rest: bytes) -> None:
    assert is_refused_or_read(signature + rest)


def test_odd_files_warn_nobody() -> None:
    """In a process of its own, since pytest has filters of its own."""
    script = (
        "import sys; from digitapp.vision import decode; decode.decode(sys.stdin.buffer.read())\n"
        "assert 'PIL.JpegImagePlugin' in sys.modules"
    )
    odd = encode(draw(7, SIDE), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], input=odd, capture_output=True, timeout=120
    )
    assert (run.returncode, run.stderr.decode()) == (0, "")
