"""From a file's bytes to an upright grey picture: sniff, bound, reduce, turn, flatten."""

import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import ExifTags, Image, ImageChops

from digitapp import formats
from digitapp.config import MAX_BODY, MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE
from digitapp.errors import (
    NO_MEMORY,
    BadRequest,
    Busy,
    DigitappError,
    TooLarge,
    UnreadableImage,
    UnsupportedFormat,
)
from digitapp.logs import access
from digitapp.vision import structure
from digitapp.vision.types import Bytes, Scan

WORK_PIXELS = 1_000_000
"""Larger pictures are reduced by a whole factor: a digit needs only some 100 pixels."""

START = struct.Struct(">16s IIBBBBB I I4s")
"""SIGNATURE; the header's width, height, five bytes and checksum; the next chunk's length, kind."""

HEADER = slice(12, 29)
"""Of what the header's checksum is taken."""

SIGNATURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
"""How a PNG begins: its signature, and its header's length and kind."""

GREY = (8, 0, 0, 0, 0)
"""Bits a pixel, kind of colour (grey), packed by zlib, filters by rows, not interlaced."""

FIXED = 0b011
"""The first bits of what zlib packed: a single block, with deflate's fixed codes. Other programs'
files begin otherwise, and are not unpacked in vain."""

END = b"\0\0\0\0IEND\xaeB`\x82"
"""A PNG's last chunk."""

FAR_TOO_LARGE = (
    f"The picture is far too large. No side may be over {MAX_SIDE:,} pixels: "
    "make it smaller and try again."
)

Turn = Image.Transpose

TURNS = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}
"""What makes a picture upright, by the number that the camera's EXIF note gives."""

SIDEWAYS = {Turn.TRANSPOSE, Turn.ROTATE_270, Turn.TRANSVERSE, Turn.ROTATE_90}
"""The turns that swap width and height."""

# Our own bounds are tighter, and they are judged before anything is decoded. But Pillow makes room
# for a GIF's first frame as soon as it opens the file: there, twice this many pixels are an error.
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS

# A file that can be read is read: its oddities do not interest the person who sent it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def scan(picture: bytes | Scan) -> Scan:
    """The grey picture: that in a file's bytes, see `decode`, or one that is decoded already."""
    return decode(picture) if isinstance(picture, bytes) else picture


def decode(data: bytes) -> Scan:
    """Read a file in one of `formats.READ`; of a GIF its first frame.

    Raises:
        BadRequest: no bytes at all.
        TooLarge: over the bounds in `config`, judged from the header.
        UnsupportedFormat: another format.
        UnreadableImage: truncated or corrupt.
        Busy: there is not enough memory for it now.
    """
    own = canvas(data)
    if own is not None:
        return Scan(own, own.shape[1], own.shape[0])
    return _upright(open_bounded(data))


def decoded(image: Image.Image) -> Scan:
    """The same of a picture that Pillow has opened, which stays as it is.

    Raises:
        TooLarge: over the bounds in `config`.
        UnreadableImage: it can't be decoded.
    """
    _check_size(image.width, image.height, is_reducible=True)
    with decoding():
        return _upright(image.copy())


def _upright(image: Image.Image) -> Scan:
    width, height = image.size
    with decoding():
        pixels = _reduced(image)
        turn = _turn(image)
        if turn is not None:
            pixels = pixels.transpose(turn)
    if turn in SIDEWAYS:
        width, height = height, width
    return Scan(grey(pixels), width, height)


def canvas(data: bytes) -> Bytes | None:
    """The pixels of a PNG as the program's own page writes it (`drawing/png.js`).

    Its rows have no filter, so that zlib's output is the picture. Pillow takes 0.07 ms more for it:
    a tenth of all that reading a lone digit takes.

    Returns:
        [rows, columns]; None for any other file, and for a damaged one: Pillow says what is wrong.
    """
    if not START.size + len(END) <= len(data) <= MAX_BODY or not data.endswith(END):
        return None
    start, width, height, *form, checksum, length, packed = START.unpack_from(data)
    if (start, tuple(form), packed) != (SIGNATURE, GREY, b"IDAT"):
        return None
    end = START.size + length
    if end + 4 + len(END) != len(data) or not _is_usual(width, height):
        return None
    if checksum != zlib.crc32(data[HEADER]):
        return None
    if int.from_bytes(data[end : end + 4]) != zlib.crc32(data[START.size - 4 : end]):
        return None
    return _unpacked(data[START.size : end], width, height)


def _is_usual(width: int, height: int) -> bool:
    return 0 < width * height <= WORK_PIXELS and max(width, height) <= MAX_SIDE


def _unpacked(packed: bytes, width: int, height: int) -> Bytes | None:
    """The rows, if none has a filter; each begins with a byte that names it."""
    if packed[2:3] == b"" or packed[2] & 0b111 != FIXED:
        return None
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(packed, height * (width + 1))
    except zlib.error:
        return None
    if len(found) != height * (width + 1) or not unpacker.eof or unpacker.unused_data:
        return None
    rows = np.frombuffer(found, dtype=np.uint8).reshape(height, width + 1)
    return None if rows[:, 0].any() else rows[:, 1:]


@contextmanager
def decoding() -> Iterator[None]:
    """Whatever a decoder raises is damage: nobody foresees all that a stranger's file does."""
    try:
        yield
    except DigitappError:
        raise
    except Image.DecompressionBombError:
        raise TooLarge(FAR_TOO_LARGE) from None
    except MemoryError:
        raise Busy(NO_MEMORY) from None
    except Exception as fault:  # noqa: BLE001
        error = UnreadableImage()
        error.cause = repr(fault)
        access.info("A picture's decoder failed: %s", error.cause)
        raise error from None


def open_bounded(data: bytes) -> Image.Image:
    """Open a picture without decoding it, and hold it to the bounds by its header."""
    if not data:
        raise BadRequest("There is no picture in the request. Send the file's bytes as the body.")
    if len(data) > MAX_BODY:
        raise TooLarge
    kind = formats.sniff(data)
    if kind is None or kind.refusal:
        raise UnsupportedFormat(kind.refusal if kind else None)
    structure.check(data, kind)
    with decoding():
        image = Image.open(io.BytesIO(data), formats=[kind.decoder])
    _check_size(image.width, image.height, kind.reducible and image.mode in {"L", "RGB"})
    return image


def _check_size(width: int, height: int, is_reducible: bool) -> None:
    if max(width, height) > MAX_SIDE:
        raise TooLarge(
            f"The picture is {width} x {height} pixels. No side may be over {MAX_SIDE:,}: "
            "make it smaller and try again."
        )
    most = MAX_JPEG_PIXELS if is_reducible else MAX_PIXELS
    if width * height > most:
        raise TooLarge(
            f"The picture has {width * height / 1e6:.1f} megapixels. "
            f"At most {most // 1_000_000} are read: make it smaller and try again."
        )


def _reduced(image: Image.Image) -> Image.Image:
    """Decode to one of `_plain`'s modes with at most about WORK_PIXELS pixels."""
    factor = _factor(image)
    if factor > 1:
        # A JPEG decoder can leave detail out at almost no cost. Other decoders ignore this.
        image.draft(None, (image.width // factor, image.height // factor))
    image.load()
    image = _plain(image)
    factor = _factor(image)
    if factor == 1:
        return image
    # An RGBA picture is opaque here, so Pillow need not weigh its pixels by their alpha.
    return (image.convert("RGB") if image.mode == "RGBA" else image).reduce(factor)


def _factor(image: Image.Image) -> int:
    return math.ceil(math.sqrt(image.width * image.height / WORK_PIXELS))


def _plain(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as L, RGB, RGBA that is opaque, or premultiplied RGBa."""
    if image.mode.startswith("I"):  # 16 bits a pixel
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        is_opaque = np.asarray(image.getchannel("A")).min() == 255
        return image if is_opaque else image.convert("RGBa")
    if image.mode in {"L", "RGB"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _turn(image: Image.Image) -> Turn | None:
    """The turn that the camera asks for; a broken note counts as none."""
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 (the picture itself is whole)
        return None


def grey(image: Image.Image) -> Bytes:
    """A picture in one of `_plain`'s modes as one channel: the one in which ink stands out."""
    if image.mode == "L":
        return np.asarray(image)
    if image.mode == "RGBa":
        image = _flatten(image)
    first, *others = channels = [np.asarray(image.getchannel(band)) for band in "RGB"]
    if all(np.array_equal(first, other) for other in others):  # no colour, as on most canvases
        return first
    brightness: Bytes = np.asarray(image.convert("L"))
    channels.insert(0, brightness)
    contrasts = [_contrast(channel) for channel in channels]
    best = int(np.argmax(contrasts))
    # Brightness, unless a colour shows much more: red ink on brown, yellow on pale blue.
    return channels[best] if contrasts[best] > 1.5 * contrasts[0] else brightness


def _flatten(image: Image.Image) -> Image.Image:
    """Put a transparent picture on white, or on black when its visible part is light."""
    *colours, alpha = image.split()
    is_light = sum(map(_sum, colours)) > 3 * 0.6 * _sum(alpha)
    if not is_light or np.asarray(alpha).min() >= 128:
        clear = ImageChops.invert(alpha)
        colours = [ImageChops.add(colour, clear) for colour in colours]
    return Image.merge("RGB", colours)


def _sum(band: Image.Image) -> int:
    return int(np.asarray(band).sum())


def _contrast(channel: Bytes) -> float:
    """How far pixels are from the median, by the fourth power, so that rare ink outweighs noise."""
    sample = channel[:: max(channel.shape[0] // 128, 1), :: max(channel.shape[1] // 128, 1)]
    squares = np.square(sample.astype(np.float32) - np.float32(np.median(sample)))
    return float(np.mean(np.square(squares)) ** 0.25)
