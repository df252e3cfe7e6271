"""The libraries that lie inside packages: which, of what version, and in which files.

A package's own version does not tell them, and their holes are theirs. Versions come from the
libraries themselves as far as they can be asked; where they cannot, none is given.
"""

import ctypes
import importlib.metadata
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

Ask = Callable[[Sequence[Path]], str | None]
"""What tells the version of the library in these files.

It is empty where it cannot be told, and None where the package says that it is built without it.
"""

PYTHON = "Python"
"""The name of the package that Python's own libraries lie in."""


@dataclass(frozen=True)
class Known:
    """A library that we know: its package, and where it lies, as regular expressions.

    The first expression that finds files counts: a library of its own, or a module that holds it.
    """

    name: str
    package: str
    places: tuple[str, ...]
    ask: Ask


@dataclass(frozen=True)
class Library:
    """A library that is inside: its version, which may be empty, and its files by their places."""

    name: str
    package: str
    version: str
    files: dict[str, Path]
    about: str = ""


def libraries(binaries: Mapping[str, Path]) -> list[Library]:
    """All that is found among a program's binaries, which are given by their places in it."""
    found = [library for known in KNOWN if (library := _look_for(known, binaries))]
    named = {place for library in found for place in library.files}
    rest = {place: path for place, path in binaries.items() if place not in named}
    return [*found, *_bundled(rest)]


def _look_for(known: Known, binaries: Mapping[str, Path]) -> Library | None:
    for pattern in known.places:
        files = {place: path for place, path in binaries.items() if re.fullmatch(pattern, place)}
        if files:
            version = known.ask(list(files.values()))
            about = _patches() if known.name == CHROMIUM else ""
            if version is not None:
                return Library(known.name, known.package, version, files, about)
    return None


BUNDLED = re.compile(r"(?P<package>\w+)(?:\.libs|/[._\w]*dylibs)/(?P<name>[\w+]+?)_?[-.].*")
"""Where wheels put libraries that they bring; the files have a hash behind the name."""


def _bundled(binaries: Mapping[str, Path]) -> Iterator[Library]:
    """The libraries that wheels bring and that we do not know, without versions."""
    for place, path in binaries.items():
        if match := BUNDLED.fullmatch(place):
            package = {"PIL": "pillow"}.get(match["package"], match["package"])
            yield Library(match["name"], package, "", {place: path})


# --- What tells the versions


def _pillow(feature: str) -> Ask:
    """What Pillow says of a library that it uses."""

    def ask(_: Sequence[Path]) -> str | None:
        from PIL import features

        return features.version(feature)

    return ask


def _call(function: str, form: Callable[[int], str] | None = None) -> Ask:
    """What a function of the library says: a text, or a number that `form` makes one of."""

    def ask(paths: Sequence[Path]) -> str:
        for path in paths:
            with suppress(OSError, AttributeError):  # cannot be loaded alone, or lacks it
                asked = getattr(ctypes.CDLL(str(path)), function)
                asked.restype = ctypes.c_uint32 if form else ctypes.c_char_p
                return str(form(asked()) if form else asked().decode())
        return ""

    return ask


def _package(name: str) -> Ask:
    """The package's own version, where the library has the same."""
    return lambda _: importlib.metadata.version(name)


def _unknown(_: Sequence[Path]) -> str:
    """The library cannot be asked."""
    return ""


def _openblas(_: Sequence[Path]) -> str:
    import numpy as np

    built: dict[str, dict[str, dict[str, str]]] = np.show_config(mode="dicts")  # type: ignore[assignment]
    return built["Build Dependencies"]["blas"].get("version", "")


def _icu(paths: Sequence[Path]) -> str:
    """ICU's major version ends the names of its files."""
    match = re.search(r"\.so\.(\d+)", paths[0].name)
    return match[1] if match else ""


def _qt(_: Sequence[Path]) -> str:
    from PySide6.QtCore import qVersion

    return _text(qVersion())


def _chromium(_: Sequence[Path]) -> str:
    from PySide6.QtWebEngineCore import qWebEngineChromiumVersion

    return _text(qWebEngineChromiumVersion())


def _patches() -> str:
    """Up to which later version of Chromium Qt has taken over the repairs of holes."""
    from PySide6.QtWebEngineCore import qWebEngineChromiumSecurityPatchVersion

    return f"with security patches up to {_text(qWebEngineChromiumSecurityPatchVersion())}"


def _text(said: object) -> str:
    """A text of Qt's; its types call it bytes, which it is not."""
    return str(said)


def _openssl(_: Sequence[Path]) -> str:
    import ssl

    return ssl.OPENSSL_VERSION.split()[1]


def _sqlite(_: Sequence[Path]) -> str:
    import sqlite3

    return sqlite3.sqlite_version


def _zlib(_: Sequence[Path]) -> str:
    import zlib

    return zlib.ZLIB_RUNTIME_VERSION


def _expat(_: Sequence[Path]) -> str:
    import pyexpat

    return pyexpat.EXPAT_VERSION.removeprefix("expat_")


def _png(number: int) -> str:
    return f"{number // 10_000}.{number // 100 % 100}.{number % 100}"


def _brotli(number: int) -> str:
    return f"{number >> 24}.{number >> 12 & 0xFFF}.{number & 0xFFF}"


# --- What we know


def _of_pillow(name: str, files: str, module: str, ask: Ask) -> Known:
    """One of Pillow's: a file of its own, or on Windows a part of one of Pillow's modules."""
    own = rf"(pillow\.libs|PIL/[._\w]*dylibs)/lib({files})[-.\d].*"
    return Known(name, "pillow", (own, rf"PIL/{module}\..*") if module else (own,), ask)


CHROMIUM = "Chromium"

KNOWN = [
    _of_pillow("libjpeg-turbo", "jpeg", "_imaging", _pillow("libjpeg_turbo")),
    _of_pillow("libtiff", "tiff", "_imaging", _pillow("libtiff")),
    _of_pillow("OpenJPEG", "openjp2", "_imaging", _pillow("jpg_2000")),
    _of_pillow("zlib-ng", "z", "_imaging", _pillow("zlib_ng")),
    _of_pillow("libwebp", "(webp(mux|demux)?|sharpyuv)", "_webp", _pillow("webp")),
    _of_pillow("libavif", "avif", "_avif", _pillow("avif")),
    _of_pillow("FreeType", "freetype", "_imagingft", _pillow("freetype2")),
    _of_pillow("HarfBuzz", "harfbuzz", "_imagingft", _pillow("harfbuzz")),
    _of_pillow("Raqm", "raqm", "_imagingft", _pillow("raqm")),
    _of_pillow("Little CMS", "lcms2", "_imagingcms", _pillow("littlecms2")),
    _of_pillow("libpng", "png16", "", _call("png_access_version_number", _png)),
    _of_pillow("XZ Utils", "lzma", "", _call("lzma_version_string")),
    _of_pillow("Zstandard", "zstd", "", _call("ZSTD_versionString")),
    _of_pillow("Brotli", "brotli(common|dec)", "", _call("BrotliDecoderVersion", _brotli)),
    Known("OpenBLAS", "numpy", (r"numpy(\.libs|/[._\w]*dylibs)/lib\w*openblas.*",), _openblas),
    Known("LiteRT", "ai-edge-litert", (r"ai_edge_litert/.*",), _package("ai-edge-litert")),
    Known("XNNPACK", "ai-edge-litert", (r"ai_edge_litert/libpywrap_litert_common\..*",), _unknown),
    Known(CHROMIUM, "PySide6_WebEngine", (r"PySide6/Qt/lib/libQt6WebEngineCore\..*",), _chromium),
    Known("Qt", "PySide6_Essentials", (r"PySide6/Qt/(lib/libQt6(?!WebEngine)|plugins/).*",), _qt),
    Known("ICU", "PySide6_Essentials", (r"PySide6/Qt/lib/libicu.*",), _icu),
    Known("OpenSSL", PYTHON, (r"lib(ssl|crypto)\b.*", r"(.*/)?_(ssl|hashlib)\..*"), _openssl),
    Known("SQLite", PYTHON, (r"(lib)?sqlite3\..*", r"(.*/)?_sqlite3\..*"), _sqlite),
    Known("zlib", PYTHON, (r"libz\..*|zlib1?\.dll", r"(.*/)?zlib\..*"), _zlib),
    Known("Expat", PYTHON, (r"libexpat\..*", r"(.*/)?pyexpat\..*"), _expat),
]
"""Those whose holes are looked for: they decode pictures, run the networks or show the page."""
