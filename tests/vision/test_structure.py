"""The parts of a file: what is counted, and what is refused before anything decodes it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from digitapp.errors import DigitappError, TooLarge
from digitapp.formats import READ, Format, sniff
from digitapp.vision import structure
from digitapp.vision.decode import decode
from tests.broken import SAMPLES
from tests.drawings import draw, encode

COLOURS = draw(7, 64).convert("RGB")


def kind_of(data: bytes) -> Format:
    kind = sniff(data)
    assert kind is not None
    return kind


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    sum_ = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", sum_)


def png_of_chunks(count: int) -> bytes:
    data = encode(draw(7, 64))
    return data[:33] + chunk(b"tIME") * count + data[33:]


def png_of_notes(kind: bytes, count: int) -> bytes:
    data = encode(draw(7, 64))
    note = chunk(kind, b"a\0\0" + zlib.compress(bytes(1_000)))
    return data[:33] + note * count + data[33:]


def gif_of_notes(count: int) -> bytes:
    data = encode(draw(7, 64), "GIF")
    start = 13 + 3 * (2 << (data[10] & 7))
    return data[:start] + b"!\xfe" + b"\x01x" * count + b"\0" + data[start:]


def webp_of_chunks(count: int) -> bytes:
    data = encode(COLOURS, "WEBP")
    data += b"note\0\0\0\0" * count
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def jpeg_of_segments(count: int) -> bytes:
    data = encode(COLOURS, "JPEG")
    return data[:2] + b"\xff\xfe\0\x02" * count + data[2:]


def jpeg_of_scans(count: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last scan comes so many times more."""
    data = encode(draw(7, side).convert("RGB"), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def bmp_of_runs(width: int, height: int) -> bytes:
    """A BMP in runs of one pixel."""
    runs = (b"\x01\x00" * width + b"\0\0") * height + b"\0\1"
    colours = bytes(4 * 256)
    start = 14 + 40 + len(colours)
    size = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    head = b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start)
    return head + size + colours + runs


def jpeg_of_hidden_scans(count: int) -> bytes:
    """Scans behind a reserved marker, which libjpeg drops inside a scan with restarts."""
    data = jpeg_of_scans(count, 256)
    first = data.index(b"\xff\xda")
    start = first + 2 + int.from_bytes(data[first + 2 : first + 4])
    return data[:start] + b"\xff\x02\xff\xff" + data[start:]


def gif_behind_junk(count: int) -> bytes:
    data = gif_of_notes(count)
    start = data.index(b"!\xfe")
    return data[:start] + b"\0" + data[start:]


MANY = structure.MAX_PARTS + 1

TOO_MUCH = {
    "PNG in many chunks": png_of_chunks(MANY),
    "GIF with many notes": gif_of_notes(MANY),
    "WebP in many chunks": webp_of_chunks(MANY),
    "JPEG in many segments": jpeg_of_segments(MANY),
    "JPEG of many scans": jpeg_of_scans(9_000, 256),
    "JPEG of hidden scans": jpeg_of_hidden_scans(9_000),
    "JPEG that ends and goes on": b"\xff\xd8\xff\xd9" + b"\xff\xfe\0\x02" * MANY,
    "JPEG of junk": b"\xff\xd8\xff" + bytes(1 << 20) + jpeg_of_segments(1)[2:],
    "JPEG of restarts before a scan": b"\xff\xd8" + b"\xff\xd0" * MANY,
    "PNG of many profiles": png_of_notes(b"iCCP", 101),
    "PNG of many notes": png_of_notes(b"zTXt", 101),
    "GIF with notes behind junk": gif_behind_junk(MANY),
    "GIF of junk": gif_behind_junk(1)[:13] + bytes(1 << 20),
    "BMP of many runs": bmp_of_runs(1_000, 600),
}


@pytest.mark.parametrize("data", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_file_of_too_many_parts_is_refused_before_it_is_decoded(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(Image, "open", opened)
    with pytest.raises(TooLarge, match=r"parts|too long|notes"):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        png_of_chunks(5_000),
        gif_of_notes(5_000),
        webp_of_chunks(5_000),
        jpeg_of_segments(5_000),
        jpeg_of_scans(20),
        bmp_of_runs(64, 64),
    ],
    ids=["PNG", "GIF", "WebP", "JPEG", "JPEG of scans", "BMP"],
)
def test_a_file_of_many_parts_is_decoded(data: bytes) -> None:
    assert min(decode(data).grey.shape) == 64


@pytest.mark.parametrize("name", SAMPLES)
def test_usual_files_pass(name: str) -> None:
    structure.check(SAMPLES[name], kind_of(SAMPLES[name]))


@pytest.mark.parametrize("kind", READ, ids=lambda kind: str(kind.name))
def test_what_follows_a_file_is_no_part_of_it(kind: Format) -> None:
    structure.check(SAMPLES[kind.name] + bytes(1 << 20), kind)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_that_is_cut_off_anywhere_passes(name: str) -> None:
    """Its decoder says what is wrong."""
    kind = kind_of(SAMPLES[name])
    for end in range(0, len(SAMPLES[name]), 7):
        structure.check(SAMPLES[name][:end], kind)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_the_samples_of_a_jpegs_scans(progressive: bool, subsampling: int) -> None:
    """A plain file goes over each once; Pillow's progressive ones have ten scans."""
    data = encode(COLOURS, "JPEG", progressive=progressive, subsampling=subsampling)
    each = 3.0 if subsampling == 0 else 1.5
    once = structure._scanned(data) / (64 * 64)
    # Two scans of all components, four of the first, two of each other.
    assert once == (2 * each + 4 + 2 * (each - 1) if progressive else each)


def test_a_scan_costs_more_in_a_rare_kind_of_jpeg() -> None:
    plain = encode(COLOURS, "JPEG")
    arithmetic = plain.replace(b"\xff\xc0", b"\xff\xc9", 1)
    assert structure._scanned(arithmetic) == structure.SLOW * structure._scanned(plain)


def test_what_stands_between_segments_hides_no_scan() -> None:
    """libjpeg skips it, and so it must be skipped here."""
    data = jpeg_of_scans(3)
    last = data.rindex(b"\xff\xda")
    hidden = data[:last] + b"\0\xff\0junk\xff\xff\xff" + data[last + 1 :]
    assert structure._scanned(hidden) == structure._scanned(data)


def test_restarts_in_a_scan_are_no_parts() -> None:
    large = Image.fromarray(np.zeros((1200, 1600), np.uint8))
    data = encode(large, "JPEG", restart_marker_blocks=2)
    assert data.count(b"\xff\xd0") * 8 > structure.MAX_PARTS
    assert decode(data).width == 1600


def test_a_camera_keeps_its_photos() -> None:
    """A photo of 12 megapixels, progressive, is within the bound for scans."""
    large = Image.fromarray(np.zeros((750, 1000, 3), np.uint8)).resize((4000, 3000))
    file = io.BytesIO()
    large.save(file, "JPEG", progressive=True, subsampling=0)
    assert decode(file.getvalue()).width == 4000


def test_only_a_lossy_webp_has_a_bound_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "MAX_LOSSY", 100)
    structure.check(SAMPLES["WebP lossless"], kind_of(SAMPLES["WebP"]))
    lossless = b"VP8L\0\0\0\0"
    disguised = SAMPLES["WebP"] + lossless
    disguised = disguised[:4] + struct.pack("<I", len(disguised) - 8) + disguised[8:]
    with pytest.raises(DigitappError, match="too long"):
        structure.check(disguised, kind_of(disguised))
    with pytest.raises(DigitappError, match="too long"):
        structure.check(SAMPLES["WebP"], kind_of(SAMPLES["WebP"]))
