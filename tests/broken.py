"""Picture files of every kind, made in memory, and files that claim what they are not."""

import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

from digitapp import formats
from tests.drawings import coverage, draw, encode

FORMATS = tuple(kind.decoder for kind in formats.READ)
"""The types that are read, by Pillow's names."""

SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"RIFF\x24\0\0\0WEBP",
)
"""How files of these types begin."""


def _samples() -> dict[str, bytes]:
    """Small files of every kind that decoders treat in a way of its own."""
    grey, other = draw(7, 48), draw(2, 48)
    rgb = grey.convert("RGB")
    rgba = Image.merge("RGBA", (grey, grey, grey, coverage(7, 48)))
    frames: dict[str, Any] = {"save_all": True, "append_images": [other]}
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "PNG": encode(grey),
        "PNG 1": encode(grey.convert("1")),
        "PNG RGBA": encode(rgba),
        "PNG palette": encode(rgba.quantize(8)),
        "PNG 16": encode(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)),
        "PNG animated": encode(grey, **frames),
        "PNG EXIF": encode(grey, exif=exif.tobytes()),
        "JPEG": encode(grey, "JPEG"),
        "JPEG RGB": encode(rgb, "JPEG", exif=exif.tobytes()),
        "JPEG progressive": encode(rgb, "JPEG", progressive=True),
        "JPEG CMYK": encode(rgb.convert("CMYK"), "JPEG"),
        "JPEG of two": encode(rgb, "MPO", save_all=True, append_images=[other.convert("RGB")]),
        "GIF": encode(grey, "GIF"),
        "GIF animated": encode(grey, "GIF", **frames),
        "GIF transparent": encode(rgba, "GIF"),
        "BMP": encode(grey, "BMP"),
        "BMP 1": encode(grey.convert("1"), "BMP"),
        "BMP RGB": encode(rgb, "BMP"),
        "WebP": encode(rgb, "WEBP"),
        "WebP lossless": encode(rgba, "WEBP", lossless=True),
        "WebP animated": encode(grey, "WEBP", **frames),
        "WebP EXIF": encode(rgb, "WEBP", exif=exif.tobytes()),
    }


SAMPLES = _samples()


def claiming(format: str, width: int, height: int) -> bytes:
    """A file whose header claims a size; hardly anything follows."""
    return {
        "PNG": _png,
        "JPEG": _jpeg,
        "JPEG CMYK": _cmyk,
        "GIF": _gif,
        "BMP": _bmp,
        "WEBP": _webp,
    }[format](width, height)


def without_palette() -> bytes:
    """A palette PNG of a few bytes that lacks its palette."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg(width: int, height: int, mode: str = "RGB") -> bytes:
    data = bytearray(encode(draw(7, 16).convert("RGB").convert(mode), "JPEG"))
    start = data.index(b"\xff\xc0") + 5  # the frame's head: length, bits, height, width
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _cmyk(width: int, height: int) -> bytes:
    return _jpeg(width, height, "CMYK")


def _gif(width: int, height: int) -> bytes:
    data = encode(draw(7, 16), "GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def _bmp(width: int, height: int) -> bytes:
    data = encode(draw(7, 16), "BMP")
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


def _webp(width: int, height: int) -> bytes:
    """A lossless file's head: signature 2f, then 14 bits each of width - 1 and height - 1."""
    body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(16)
    chunk = b"VP8L" + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk
