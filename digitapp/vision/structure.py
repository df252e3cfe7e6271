"""The parts that a picture's file is made of, counted before anything decodes it.

A small file may hold a million parts or run over its pixels a thousand times. A decoder would work
on it for minutes.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from digitapp.errors import TooLarge
from digitapp.formats import Format

MAX_PARTS = 10_000
"""Most chunks, segments and blocks of a file. A PNG of 20 MiB in pieces of 4 KiB has 5,000.

Of a million chunks Pillow takes 3.4 s, of 10,000 0.04 s.
"""

MAX_PACKED = 100
"""Most compressed notes and profiles of a PNG. Pillow unpacks each to up to 1 MiB, in 0.9 ms."""

PACKED = {int.from_bytes(kind) for kind in (b"iCCP", b"zTXt", b"iTXt")}
"""Their kinds of chunks."""

MAX_SCANNED = 200_000_000
"""Most samples that a JPEG's scans go over, all scans together.

A progressive one of 14 megapixels goes over 200 million without, of 24 with subsampled colours: the
former takes 1.1 s if it is all noise.
"""

SLOW = 4
"""A sample costs so many times as much in JPEGs other than the usual three kinds, as arithmetic
ones."""

MAX_RUNS = 1_000_000
"""Most bytes of a BMP in runs, which Pillow reads in Python: 2 million take 1.2 s."""

MAX_LOSSY = 6_000_000
"""Most bytes of a WebP that is not lossless: 11 million of noise take 1.8 s, 6 million 1.1 s.

A photo of 12 megapixels has some 3 million.
"""

IEND = int.from_bytes(b"IEND")
"""The kind of a PNG's last chunk."""

LOSSLESS = int.from_bytes(b"VP8L")
"""The kind of a WebP's chunk that libwebp decodes twice as quickly."""

CODED = {LOSSLESS, int.from_bytes(b"VP8 ")}
"""The kinds that hold a picture."""

PARTS = TooLarge(
    f"The picture's file is in more than {MAX_PARTS:,} parts. Save it anew and try again."
)
PARTS_PACKED = TooLarge(
    f"The picture's file has more than {MAX_PACKED} notes. Save it anew and try again."
)
SCANS = TooLarge(
    "The picture's file takes too long to decode. Save it as PNG or as a plain JPEG, or make it "
    "smaller, and try again."
)


def check(data: bytes, kind: Format) -> None:
    """Hold a file of that type to the bounds above.

    A broken file passes: its decoder says what is wrong.

    Raises:
        TooLarge: it has too many parts, or its decoder would go over them for too long.
    """
    if sum(1 for _ in islice(PARTS_OF[kind.structure](data), MAX_PARTS + 1)) > MAX_PARTS:
        raise PARTS
    if kind.structure == "chunks" and _packed(data) > MAX_PACKED:
        raise PARTS_PACKED
    if kind.structure == "segments" and _scanned(data) > MAX_SCANNED:
        raise SCANS
    if kind.structure == "runs" and _runs(data) > MAX_RUNS:
        raise SCANS
    if kind.structure == "riff" and len(data) > MAX_LOSSY and not _is_lossless(data):
        raise SCANS


class Part(NamedTuple):
    """A part of a file: what it is, and where its content begins."""

    kind: int
    start: int


MARKER = re.compile(rb"\xff([^\x00\xff])")
RESTARTS = range(0xD0, 0xD8)
WITHOUT_LENGTH = {*range(0x01, 0xC0), *RESTARTS, 0xD8, 0xD9}
END, SCAN, FRAMES = 0xD9, 0xDA, {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
USUAL = {0xC0, 0xC1, 0xC2}
"""JPEG's markers (ISO/IEC 10918-1, table B.1): baseline, extended and progressive are USUAL.

Those below C0 are reserved: in a scan libjpeg drops them and goes on behind them.
"""

JUNK = 10
"""So many bytes between the segments before a JPEG's first scan cost Pillow as much as a part."""


GIF_HEAD, BMP_HEAD = struct.Struct("<10xB2x"), struct.Struct("<10xI16xI")
"""A GIF's flags; where a BMP's pixels begin, and how they are compressed."""


def _segments(data: bytes) -> Iterator[Part]:
    """A JPEG's segments. What stands between them is skipped, as libjpeg does it.

    Pillow reads up to the first scan too, past any END, one byte of junk after the other.
    """
    place, is_scan = 0, False
    while found := MARKER.search(data, place):
        kind = data[found.end() - 1]
        if is_scan and kind == END:
            return
        if not is_scan:
            yield from (Part(0, place) for _ in range((found.start() - place) // JUNK))
        if not is_scan or kind not in RESTARTS:
            yield Part(kind, found.end())
        place = found.end()
        if kind not in WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2])
        is_scan |= kind == SCAN


def _scanned(data: bytes) -> int:
    """How many samples a JPEG's scans go over."""
    pixels, cost, total = 0, 1, 0.0
    shares: dict[int, float] = {}
    for kind, start in islice(_segments(data), MAX_PARTS):
        if kind in FRAMES and not shares:
            pixels, shares = _frame(data, start)
            cost = 1 if kind in USUAL else SLOW
        elif kind == SCAN:
            count = data[start + 2] if start + 2 < len(data) else 0
            names = data[start + 3 : start + 3 + 2 * count : 2]
            total += sum(shares.get(name, 1.0) for name in names) * pixels * cost
    return int(total)


def _frame(data: bytes, start: int) -> tuple[int, dict[int, float]]:
    """A frame's pixels, and by the names of its components how many samples each has a pixel."""
    head = data[start + 2 : start + 8]
    if len(head) < 6:
        return 0, {}
    height, width, count = struct.unpack(">xHHB", head)
    parts = data[start + 8 : start + 8 + 3 * count]
    sizes = {name: (each >> 4) * (each & 15) for name, each in zip(parts[::3], parts[1::3])}  # noqa: B905 (it may be cut off)
    most = max(sizes.values(), default=1) or 1
    return width * height, {name: size / most for name, size in sizes.items()}


def _chunks(data: bytes) -> Iterator[Part]:
    """A PNG's chunks, to the last one that a decoder looks at."""
    place, kind = 8, 0
    while place + 12 <= len(data) and kind != IEND:
        kind = int.from_bytes(data[place + 4 : place + 8])
        yield Part(kind, place + 8)
        place += 12 + int.from_bytes(data[place : place + 4])


def _blocks(data: bytes) -> Iterator[Part]:
    """A GIF's blocks of notes before its first frame, which is the only one that is decoded.

    Pillow skips what is none of its marks, byte by byte.
    """
    if len(data) < GIF_HEAD.size:
        return
    (flags,) = GIF_HEAD.unpack_from(data)
    place = GIF_HEAD.size + (3 * (2 << (flags & 7)) if flags & 0x80 else 0)
    while (mark := data[place : place + 1]) not in {b"", b",", b";"}:
        if mark != b"!":
            yield Part(0, place)
            place += 1
            continue
        place += 2
        while place < len(data) and data[place]:
            yield Part(data[place], place + 1)
            place += 1 + data[place]
        yield Part(0, place)
        place += 1


def _riff(data: bytes) -> Iterator[Part]:
    """A WebP's chunks."""
    place, end = 12, min(8 + int.from_bytes(data[4:8], "little"), len(data))
    while place + 8 <= end:
        yield Part(int.from_bytes(data[place : place + 4]), place + 8)
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2


def _is_lossless(data: bytes) -> bool:
    """Whether a WebP's first picture is lossless."""
    return next((each.kind for each in _riff(data) if each.kind in CODED), 0) == LOSSLESS


def _packed(data: bytes) -> int:
    """How many compressed notes and profiles a PNG has."""
    return sum(each.kind in PACKED for each in _chunks(data))


PARTS_OF: Mapping[str, Callable[[bytes], Iterator[Part]]] = {
    "chunks": _chunks,
    "segments": _segments,
    "blocks": _blocks,
    "runs": lambda _: iter(()),
    "riff": _riff,
}
"""What a file's parts are, by `Format.structure`."""


def _runs(data: bytes) -> int:
    """How many bytes of a BMP are runs of pixels; 0 if it is not compressed."""
    if len(data) < BMP_HEAD.size:
        return 0
    start, compression = BMP_HEAD.unpack_from(data)
    return len(data) - start if compression in {1, 2} else 0  # BI_RLE8, BI_RLE4
