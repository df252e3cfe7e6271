"""The window's size and place, from one start to the next."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from digitapp.desktop import geometry
from digitapp.desktop.geometry import Geometry

FIRST = Geometry(1100, 740)
SCREENS: Any = [SimpleNamespace(x=0, y=0, width=1400, height=1000)]


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    kept = Geometry(800, 600, 30, 40, maximized=True)
    geometry.save(kept, tmp_path / "new")
    assert geometry.load(FIRST, tmp_path / "new") == kept


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"width": 0, "height": 5}', '{"width": 5, "height": 5, "x": "a"}']
)
def test_nonsense_is_the_first_start(tmp_path: Path, text: str) -> None:
    (tmp_path / geometry.FILE).write_text(text)
    assert geometry.load(FIRST, tmp_path) == FIRST


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    geometry.save(FIRST, tmp_path / "file")
    assert geometry.load(FIRST, tmp_path / "file") == FIRST


def test_a_screen_that_is_gone_takes_the_corner_with_it() -> None:
    seen, gone = Geometry(800, 600, 30, 40), Geometry(800, 600, 1500, 40)
    assert seen.within(SCREENS) == seen
    assert gone.within(SCREENS) == Geometry(800, 600)
    assert seen.within([]) == Geometry(800, 600)


def test_a_maximized_window_keeps_its_own_size() -> None:
    kept = Geometry(800, 600)
    kept._moved(10, 20)
    kept._set_maximized(True)
    kept._resized(1400, 1000)
    kept._moved(0, 0)
    assert kept == Geometry(800, 600, 10, 20, maximized=True)
