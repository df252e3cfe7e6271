"""The page's own PNG files: read as Pillow reads them, and left to Pillow where they are not."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digitapp.config import MAX_SIDE
from digitapp.errors import DigitappError
from digitapp.vision import decode
from digitapp.vision.types import Bytes
from tests.drawings import canvas_png, draw, encode

SEVEN = np.asarray(draw(7, 60))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    rows: Bytes, head: bytes | None = None, packed: bytes | None = None, more: bytes = b""
) -> bytes:
    """A PNG of rows that begin with their filters, with this and that done another way."""
    size = struct.pack(">II", rows.shape[1] - 1, rows.shape[0])
    header = chunk(b"IHDR", head or size + bytes([8, 0, 0, 0, 0]))
    data = chunk(b"IDAT", pack(rows) if packed is None else packed)
    return b"\x89PNG\r\n\x1a\n" + header + more + data + chunk(b"IEND", b"")


def pack(rows: Bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 8, zlib.Z_FIXED)
    return packer.compress(rows.tobytes()) + packer.flush()


def unfiltered(picture: Bytes) -> Bytes:
    return np.pad(picture, ((0, 0), (1, 0)))


def filtered(picture: Bytes) -> Bytes:
    """Each row as what it differs from the one above."""
    rows = np.pad(np.diff(picture, axis=0, prepend=0).astype(np.uint8), ((0, 0), (1, 0)))
    rows[:, 0] = 2
    return rows


def seen(data: bytes) -> Bytes:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32), st.integers(1, 144))
def test_pixels_are_those_that_pillow_sees(width: int, height: int, seed: int, tones: int) -> None:
    dice = np.random.default_rng(seed)
    picture = dice.integers(0, tones, (height, width), dtype=np.uint8)
    data = png(unfiltered(picture))
    found = decode.canvas(data)
    assert found is not None
    assert np.array_equal(found, seen(data)) and np.array_equal(found, picture)


def test_a_drawing_is_read_the_same_in_either_file() -> None:
    own, usual = (decode.decode(data) for data in (canvas_png(draw(7)), encode(draw(7))))
    assert np.array_equal(own.grey, usual.grey)
    assert (own.width, own.height) == (usual.width, usual.height)


ROWS = unfiltered(SEVEN)
SIZE = struct.pack(">II", 60, 60)
OTHERS = {
    "Pillow's": encode(draw(7, 60)),
    "in colour": encode(draw(7, 60).convert("RGB")),
    "filtered": png(filtered(SEVEN)),
    "another chunk": png(ROWS, more=chunk(b"tEXt", b"a\0b")),
    "transparent": png(ROWS, more=chunk(b"tRNS", b"\0\xff")),
    "two parts": png(ROWS, packed=pack(ROWS)[:50], more=chunk(b"IDAT", b"")),
    "4 bits": png(ROWS, SIZE + bytes([4, 0, 0, 0, 0])),
    "interlaced": png(ROWS, SIZE + bytes([8, 0, 0, 0, 1])),
    "more than its size": png(ROWS, struct.pack(">II", 60, 59) + bytes([8, 0, 0, 0, 0])),
    "less than its size": png(ROWS, struct.pack(">II", 60, 61) + bytes([8, 0, 0, 0, 0])),
    "too wide": png(np.zeros((1, MAX_SIDE + 2), np.uint8)),
    "too large": png(np.zeros((1001, 1001), np.uint8)),
    "empty": png(ROWS, struct.pack(">II", 0, 60) + bytes([8, 0, 0, 0, 0])),
    "no data": png(ROWS, packed=b""),
    "short data": png(ROWS, packed=b"\x78\x01\x03"),
    "something behind": png(ROWS) + b"\0",
    "junk behind the data": png(ROWS, packed=pack(ROWS) + b"1"),
    "nothing": b"",
}


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_file_is_left_to_pillow(name: str) -> None:
    assert decode.canvas(OTHERS[name]) is None


DAMAGE: list[Callable[[bytearray], None]] = [
    lambda data: data.__setitem__(17, 1),  # the size
    lambda data: data.__setitem__(30, data[30] ^ 1),  # the header's checksum
    lambda data: data.__setitem__(60, data[60] ^ 1),  # the data
    lambda data: data.__setitem__(-14, data[-14] ^ 1),  # the data's checksum
    lambda data: data.__delitem__(slice(-30, -20)),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_left_to_pillow(damage: Callable[[bytearray], None]) -> None:
    data = bytearray(canvas_png(draw(7, 60)))
    damage(data)
    assert decode.canvas(bytes(data)) is None


def test_a_wrong_checksum_of_what_is_packed_is_damage() -> None:
    packed = bytearray(pack(ROWS))
    packed[-1] ^= 1
    data = png(ROWS, packed=bytes(packed))
    assert decode.canvas(data) is None
    with pytest.raises(DigitappError):
        decode.decode(data[:-40])


def test_a_file_that_unpacks_to_far_more_is_not_unpacked() -> None:
    assert decode.canvas(png(ROWS, packed=pack(np.zeros((4_000, 5_000), np.uint8)))) is None
