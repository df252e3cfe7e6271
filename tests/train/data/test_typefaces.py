"""Typefaces: fetched with a checked hash, their letters without what looks like a digit."""

import hashlib
import io
import re
import tarfile
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from train import typefaces
from train.alphabets import LATIN
from train.typefaces import DIGITS

TAKEN = DIGITS + LATIN + "Oolµ" + "αγδθλοπωАБЗОЩбгдзощ" + "漢"
"""What the stand-in can draw."""


def woff() -> bytes:
    """A typeface of matplotlib's with the signs of TAKEN, in the form of the packages' files."""
    font = TTFont(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    only = subset.Subsetter()
    only.populate(text=TAKEN)
    only.subset(font)
    font.flavor = "woff"
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def pack(path: Path) -> str:
    """A package with that typeface, a bold one and a note; its hash."""
    content = woff()
    with tarfile.open(path, "w:gz") as archive:
        for name in ("standin-latin-400-normal.woff", "standin-latin-700-normal.woff", "note.md"):
            member = tarfile.TarInfo(f"package/files/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("registry") / "standin-1.0.tgz"
    return path, pack(path)


@pytest.fixture(scope="module")
def faces(package: tuple[Path, str]) -> typefaces.Typefaces:
    face = typefaces._open("standin", package[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typefaces, "FEWEST", 5)
        patch.setattr(typefaces, "_fetch", lambda *_: package[0])
        patch.setattr(typefaces, "_listed", lambda: [["hand", "standin", "1.0", package[1]]])
        found = typefaces.load()
    assert len(face.fonts) == 1
    return found


def test_each_line_of_the_list_names_a_package_and_its_hash() -> None:
    rows = typefaces._listed()
    assert len(rows) > 100
    assert len({name for _, name, *_ in rows}) == len(rows)
    for kind, name, version, sha256 in rows:
        assert kind in {"hand", "script"}
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert re.fullmatch(r"[0-9a-f]{64}", sha256)


def test_a_package_is_fetched_once_and_its_hash_checked(
    package: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sha256 = package
    monkeypatch.setattr(typefaces, "URL", f"{path.parent.as_uri()}/{{name}}-{{version}}.tgz")
    fetched = typefaces._fetch("standin", "1.0", sha256, tmp_path)
    assert fetched.read_bytes() == path.read_bytes()
    monkeypatch.setattr(typefaces, "URL", "http://127.0.0.1:9/{name}-{version}.tgz")
    assert typefaces._fetch("standin", "1.0", sha256, tmp_path) == fetched


def test_another_file_is_refused(
    package: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{package[0].parent.as_uri()}/{{name}}-{{version}}.tgz"
    monkeypatch.setattr(typefaces, "URL", url)
    with pytest.raises(ValueError, match="corrupted"):
        typefaces._fetch("standin", "1.0", "0" * 64, tmp_path)


def test_letters_that_look_like_digits_are_left_out(faces: typefaces.Typefaces) -> None:
    [(_, letters)] = faces.scripts
    assert set("λπωЩщ") <= set(letters)
    assert not set("Ззб") & set(letters)


def test_other_letters_than_of_other_scripts_are_not_taken(faces: typefaces.Typefaces) -> None:
    [(_, letters)] = faces.scripts
    assert not set(DIGITS + LATIN + "Oolµ漢") & set(letters)


def test_digits_in_typefaces(faces: typefaces.Typefaces) -> None:
    images, labels = typefaces.digits(40, 1, faces)
    assert images.shape == (40, 28, 28, 1)
    assert 0 <= images.min() < 0.5 < images.max() <= 1
    assert labels.tolist() == np.resize(np.arange(10), 40).tolist()
    assert images.reshape(40, -1).any(axis=1).all()


def test_the_same_seed_writes_the_same_and_another_writes_otherwise(
    faces: typefaces.Typefaces,
) -> None:
    one, same, other = (typefaces.letters(12, seed, faces) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert len(np.unique(one.reshape(12, -1), axis=0)) == 12


def test_ink_is_cropped_to_its_box(faces: typefaces.Typefaces) -> None:
    for digit in DIGITS:
        ink = faces.hands[0].ink(digit)
        assert ink.dtype == np.float32
        assert 0 <= ink.min() <= ink.max() <= 1
        assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()
