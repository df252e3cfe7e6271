"""Pictures that are wrong in one way each, built in memory."""

import struct
import zlib

from PIL import Image

from tests.drawings import draw, encode

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")


def picture(format: str) -> bytes:
    """A seven in the given format."""
    return encode(draw(7).convert("P" if format == "GIF" else "RGB"), format)


def truncated(format: str) -> bytes:
    """The first half of a good file."""
    data = picture(format)
    return data[: len(data) // 2]


def corrupt(format: str) -> bytes:
    """A good signature and size, then bytes that mean nothing."""
    return CORRUPT[format](picture(format))


def _corrupt_png(data: bytes) -> bytes:
    start = data.index(b"IDAT") + 4
    return data[:start] + b"\xff" * (len(data) - start)


def _corrupt_jpeg(data: bytes) -> bytes:
    start = data.index(b"\xff\xda")  # the scan's head: without it no pixel can be decoded
    return data[:start] + b"\xff\xda\xff\xff" + b"\x00" * 64


def _corrupt_gif(data: bytes) -> bytes:
    start = data.index(b"\x2c") + 10  # after the first frame's head
    return data[:start] + b"\x0b" + b"\xff" * (len(data) - start)


def _corrupt_bmp(data: bytes) -> bytes:
    return data[:28] + struct.pack("<HI", 77, 99) + data[34:]  # 77 bits a pixel, compression 99


def _corrupt_webp(data: bytes) -> bytes:
    return data[:20] + b"\xff" * (len(data) - 20)


CORRUPT = {
    "PNG": _corrupt_png,
    "JPEG": _corrupt_jpeg,
    "GIF": _corrupt_gif,
    "BMP": _corrupt_bmp,
    "WEBP": _corrupt_webp,
}


def png_header(width: int, height: int, colour: int = 0) -> bytes:
    """A PNG file that claims a size and holds next to nothing; colour 0 is grey, 6 is RGBA."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b""))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG file whose header claims another size."""
    data = bytearray(encode(draw(7), "JPEG"))
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def animated() -> bytes:
    """A GIF of two frames: a seven, then a two."""
    return encode(draw(7), "GIF", save_all=True, append_images=[draw(2)], duration=100)


def tiff() -> bytes:
    """A good TIFF file, a format that is not read."""
    return encode(draw(7), "TIFF")


def large(format: str, mode: str, width: int, height: int) -> bytes:
    """A large picture of a seven within the bounds."""
    return encode(draw(7).resize((width, height)).convert(mode), format)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"

BLANK = encode(Image.new("L", (280, 280), 255))
