"""The one table of file types: how each is told, and that no other module lists them."""

import ast
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from digitapp import files
from digitapp.errors import UnsupportedFormat
from digitapp.formats import ENDINGS, FORMATS, READ, Format, listed, sniff
from digitapp.vision.decode import decode
from tests import broken
from tests.drawings import draw, encode

ROOT = Path(__file__).resolve().parent.parent

WORDS = ENDINGS | {word for kind in FORMATS for word in (kind.media_type, kind.name.lower())}
"""What stands for a type in code."""


def called(kind: Format) -> str:
    return kind.name


@pytest.mark.parametrize("kind", READ, ids=called)
def test_every_type_is_told_by_its_first_bytes_and_can_be_decoded(kind: Format) -> None:
    data = encode(draw(7, 48), kind.decoder)
    assert sniff(data) is kind
    assert sniff(data[:12]) is kind
    scan = decode(data)
    assert (scan.width, scan.height) == scan.grey.shape == (48, 48)
    assert Image.open(io.BytesIO(data)).get_format_mimetype() == kind.media_type


@pytest.mark.parametrize("name", broken.SAMPLES)
def test_every_variant_is_told_to_be_of_its_type(name: str) -> None:
    kind = sniff(broken.SAMPLES[name])
    assert kind is not None and kind.name == name.split()[0]


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc", b"heim", b"heis", b"msf1"])
def test_a_refused_type_is_told_the_way_out(brand: bytes) -> None:
    kind = sniff(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic")
    assert kind is not None and kind.name == "HEIC"
    assert kind not in READ
    assert kind.refusal.endswith("Save it as JPEG and try again.")
    with pytest.raises(UnsupportedFormat, match=re.escape(kind.refusal)):
        decode(b"\0\0\0\x18ftyp" + brand)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89", b"seven", b"RIFF\x24\0\0\0WAVE", b"\0\0\0\x18ftypisom", b" BM", b"GIF88a"],
)
def test_what_is_not_in_the_table_is_unknown(data: bytes) -> None:
    assert sniff(data) is None


def test_people_are_told_what_is_read() -> None:
    assert listed() == "PNG, JPEG, GIF, BMP or WebP"
    assert listed() in UnsupportedFormat.default


def test_rows_do_not_overlap() -> None:
    endings = [ending for kind in FORMATS for ending in kind.endings]
    assert len(endings) == len(set(endings)) == len(ENDINGS)
    assert len({kind.media_type for kind in FORMATS}) == len(FORMATS)
    assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in endings)


def test_a_folder_is_searched_for_every_ending(tmp_path: Path) -> None:
    for ending in ENDINGS:
        (tmp_path / f"a{ending}").touch()
        (tmp_path / f"b{ending.upper()}").touch()
    assert len(files.pictures(tmp_path)) == 2 * len(ENDINGS)


def test_no_other_module_lists_types() -> None:
    """A single word stands where one type is meant, that of what is written."""
    found = {}
    for path in (ROOT / "digitapp").rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        strings = {str(node.value).lower() for node in nodes if isinstance(node, ast.Constant)}
        found[path.relative_to(ROOT).as_posix()] = {
            string.removeprefix("*") for string in strings
        } & WORDS
    assert found.pop("digitapp/formats.py") >= WORDS
    assert {name: words for name, words in found.items() if len(words) > 1} == {}
