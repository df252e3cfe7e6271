"""Files that are changed and still hold together: their checksums are repaired.

A PNG whose checksums are wrong is refused before its content is looked at. With them repaired, what
was changed reaches the decoder.
"""

import random
import struct
import zlib
from collections.abc import Iterator

from tests.fuzz.seeds import seeds

LARGEST = 65_536
"""Most bytes of a mutant."""


def mutants(seed: int) -> Iterator[bytes]:
    """Endless changed files, the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 (nothing here is secret)
    files = [data for _, data in seeds()]
    while True:
        yield repaired(changed(source.choice(files), files, source))


def changed(data: bytes, files: list[bytes], source: random.Random) -> bytes:
    """The file with up to eight changes: bits, bytes, numbers, cuts, repeated and foreign parts."""
    found = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2, 3, 8))):
        place = source.randrange(len(found) or 1)
        length = min(source.choice((1, 2, 4, 16, 256)), len(found) - place)
        match source.randrange(6):
            case 0 if found:
                found[place] ^= 1 << source.randrange(8)
            case 1:
                found[place : place + 1] = bytes([source.choice((0, 1, 127, 128, 255))])
            case 2:
                order = source.choice(("<I", ">I", "<H", ">H"))
                number = source.choice((0, 1, 255, 256, 65_535, source.randrange(65_536)))
                found[place : place + struct.calcsize(order)] = struct.pack(order, number)
            case 3:
                del found[place : place + length]
            case 4:
                found[place:place] = found[place : place + length] * source.choice((1, 2, 40))
            case _:
                other = source.choice(files)
                start = source.randrange(len(other))
                found[place : place + length] = other[start : start + length]
    return bytes(found[:LARGEST])


def repaired(data: bytes) -> bytes:
    """The file with a PNG's checksums and a RIFF's length as they must be."""
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<I", len(data) - 8) + data[8:] if len(data) > 8 else data
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    found, place = bytearray(data), 8
    while place + 12 <= len(found):
        length = int.from_bytes(found[place : place + 4])
        end = place + 8 + length
        if end + 4 > len(found):
            break
        found[end : end + 4] = struct.pack(">I", zlib.crc32(found[place + 4 : end]))
        place = end + 4
    return bytes(found)
