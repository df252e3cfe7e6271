"""The one table of file types. To add a type, add a row and the tests' sample of it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A type of file.

    Attributes:
        name: how people call it; in upper case it is Pillow's name of the decoder.
        signature: matches the first bytes of such a file, at most 12.
        media_type: as HTTP and pages call it.
        endings: of such files' names, in lower case.
        structure: what the file is made of, see `vision.structure`.
        reducible: its decoder can leave detail out, so that larger pictures are read
            (`config.MAX_JPEG_PIXELS`); the others are decoded whole (`config.MAX_PIXELS`).
        refusal: why it cannot be read here, a sentence; empty for the types that are read.
    """

    name: str
    signature: re.Pattern[bytes]
    media_type: str
    endings: tuple[str, ...]
    structure: str = ""
    reducible: bool = False
    refusal: str = ""

    @property
    def decoder(self) -> str:
        """Pillow's name of what decodes it."""
        return self.name.upper()


FORMATS = (
    Format("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", (".png",), "chunks"),
    Format(
        "JPEG",
        re.compile(rb"\xff\xd8\xff"),
        "image/jpeg",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        "segments",
        reducible=True,
    ),
    Format("GIF", re.compile(rb"GIF8[79]a"), "image/gif", (".gif",), "blocks"),
    Format("BMP", re.compile(rb"BM"), "image/bmp", (".bmp",), "runs"),
    Format("WebP", re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp", (".webp",), "riff"),
    Format(
        "HEIC",
        re.compile(rb".{4}ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", re.DOTALL),
        "image/heic",
        (".heic", ".heif"),
        refusal="HEIC photos cannot be read here. Save it as JPEG and try again.",
    ),
)

READ = tuple(kind for kind in FORMATS if not kind.refusal)
"""The types that are read."""

ENDINGS = frozenset(ending for kind in FORMATS for ending in kind.endings)
"""Endings of the files that a folder is searched for: of a refused type people are told why."""


def sniff(data: bytes) -> Format | None:
    """The type of a file by its first bytes; names and headers are not trusted."""
    return next((kind for kind in FORMATS if kind.signature.match(data)), None)


def listed() -> str:
    """The types that are read, for a sentence: `PNG, JPEG, GIF, BMP or WebP`."""
    *names, last = (kind.name for kind in READ)
    return f"{', '.join(names)} or {last}"
