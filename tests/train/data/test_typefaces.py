"""Typefaces: each line of the list is a package, and a package is opened."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.train import stand_in
from train import TrainError
from train.data import typefaces


def test_each_line_of_the_list_names_a_package_and_its_hash() -> None:
    rows = typefaces.listed()
    assert len(rows) > 100
    assert len({package.name for _, package in rows}) == len(rows)
    for kind, package in rows:
        assert kind in {"hand", "script"}
        assert re.fullmatch(r"@fontsource/[a-z0-9-]+", package.name)
        assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)
        assert re.fullmatch(r"[0-9a-f]{64}", package.sha256)


def test_a_package_is_opened(tmp_path: Path) -> None:
    face = stand_in.typeface(tmp_path)
    assert len(face.fonts) == 1  # without the bold one and the note
    assert face.signs() <= set(stand_in.TAKEN)
    ink = face.draw("8")
    assert ink.dtype == np.float32
    assert 0 == ink.min() < ink.max() == 1


def test_a_folder_gives_what_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stand_in.install_typeface(tmp_path, monkeypatch)
    [(kind, face)] = typefaces.load(folder)
    assert (kind, face.name) == ("hand", "@fontsource/standin")


def test_a_folder_without_a_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"has no fontsource-\S+\.tgz.*npm pack @fontsource/"):
        typefaces.load(tmp_path)
