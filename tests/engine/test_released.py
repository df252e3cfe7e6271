"""Only the networks that were released are loaded."""

import json
import shutil
from pathlib import Path

import pytest

from digitapp import paths
from digitapp.engine import MODELS, load, released
from digitapp.errors import Unavailable
from digitapp.paths import asset


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the networks and their list, which the program takes for its own."""
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in (*MODELS, released.FACTS):
        shutil.copy(asset(name), folder / name)
    monkeypatch.setattr(paths, "PACKAGE", tmp_path)
    return folder


def flip(path: Path, place: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", MODELS)
def test_the_released_files_are_loaded(assets: Path, name: str) -> None:
    assert released.content(name) == (assets / name).read_bytes()


@pytest.mark.parametrize("place", [0, 1_000, -1])
@pytest.mark.parametrize("name", MODELS)
def test_one_flipped_bit_is_found(assets: Path, name: str, place: int) -> None:
    flip(assets / name, place)
    with pytest.raises(Unavailable, match=f"{name} is damaged"):
        load("litert")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": {}}', "\x00"])
def test_a_damaged_list_is_told(assets: Path, text: str) -> None:
    (assets / released.FACTS).write_text(text)
    with pytest.raises(Unavailable, match="Install digitapp again"):
        load("litert")


def test_another_hash_is_told(assets: Path) -> None:
    facts = json.loads((assets / released.FACTS).read_text())
    facts["files"]["ink.tflite"]["sha256"] = "0" * 64
    (assets / released.FACTS).write_text(json.dumps(facts))
    with pytest.raises(Unavailable, match=r"ink\.tflite is damaged"):
        load("litert")
