"""A folder of the stages' pictures: their names are safe, and none overwrites another."""

import os
from pathlib import Path

import pytest
from PIL import Image

from digitapp.cli.stage_files import StageFiles, safe
from digitapp.engine import Engine
from digitapp.errors import Unavailable
from digitapp.recognition import pipeline
from digitapp.recognition.answer import Reading
from tests.drawings import png

ENDINGS = ["1-grey", "2-ink", "3-marks", "4-input"]


@pytest.fixture(scope="module")
def seven(engine: Engine) -> Reading:
    return pipeline.recognize(png(7), engine)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def files(stem: str) -> list[str]:
    return [f"{stem}-{ending}.png" for ending in ENDINGS]


def test_each_reading_has_its_pictures(tmp_path: Path, seven: Reading) -> None:
    folder = tmp_path / "new" / "folder"
    StageFiles(folder).add("scans/a b.jpg", seven)
    assert names(folder) == files("a b")
    for path in folder.iterdir():
        with Image.open(path) as image:
            assert image.format == "PNG"


def test_the_same_name_twice_overwrites_nothing(tmp_path: Path, seven: Reading) -> None:
    written = StageFiles(tmp_path)
    for name in ("one/7.png", "two/7.png", "7.jpg", "7_(2)_.png", "A.png", "a.png"):
        written.add(name, seven)
    stems = ["7", "7 (2)", "7 (3)", "7__2", "A", "a (2)"]
    assert names(tmp_path) == sorted(name for stem in stems for name in files(stem))


def test_a_new_run_replaces_the_old_one_s_pictures(tmp_path: Path, seven: Reading) -> None:
    for _ in range(2):
        StageFiles(tmp_path).add("7.png", seven)
    assert names(tmp_path) == files("7")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("scans/IMG_2024-01.jpeg", "IMG_2024-01"),
        ("Größe ٣.png", "Größe ٣"),
        ("Gro\u0308ße.png", "Größe"),
        ("-", "picture"),
        ("", "picture"),
        ("..", "picture"),
        ("../../etc/passwd", "passwd"),
        (".hidden.png", "hidden"),
        ("-rf.png", "rf"),
        ("con.tar.gz", "con_tar"),
        ('a:b*c?<d>|e".png', "a_b_c__d__e"),
        ("a\n\x1b[31m\udcff\0.png", "a___31m"),
        ("a\\b.png", "a_b" if os.sep == "/" else "b"),
        ("n" * 300 + ".png", "n" * 50),
        ("😀" * 9 + "7.png", "7"),
    ],
)
def test_names_are_made_harmless(name: str, stem: str) -> None:
    assert safe(name) == stem


def test_a_long_name_of_wide_letters_fits(tmp_path: Path, seven: Reading) -> None:
    written = StageFiles(tmp_path)
    for _ in range(2):
        written.add("𠀀" * 300 + ".png", seven)
    assert len(names(tmp_path)) == 8


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Unavailable, match=r"^The folder '.*' cannot be made: .*\.$"):
            StageFiles(folder)


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, seven: Reading) -> None:
    (tmp_path / "7-2-ink.png").mkdir()
    with pytest.raises(
        Unavailable, match=r"^The picture '.*7-2-ink\.png' cannot be written: .*\.$"
    ):
        StageFiles(tmp_path).add("7.png", seven)
