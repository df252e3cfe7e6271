"""Watched folders: every file once it is whole, again if it changes, none twice."""

import os
from collections.abc import Callable
from pathlib import Path

from digitapp.jobs.watch import arrivals


def looks(folder: Path, *changes: Callable[[], object]) -> list[list[str]]:
    """What each look finds, with a change before the next; old files are long settled."""
    steps = iter(changes)

    class End(Exception):
        pass

    def pause(_: float) -> None:
        found.append([])
        change = next(steps, None)
        if change is None:
            raise End
        change()

    found: list[list[str]] = [[]]
    try:
        for paths in arrivals([folder], pause):
            found[-1] = [path.name for path in paths]
    except End:
        pass
    return found[:-1]


def put(path: Path, text: str = "x", *, is_old: bool = False) -> None:
    path.write_text(text)
    if is_old:
        os.utime(path, (1, 1))


def nothing() -> None:
    """No change."""


def test_what_is_there_comes_first_and_once(tmp_path: Path) -> None:
    put(tmp_path / "b.png", is_old=True)
    put(tmp_path / "a.png", is_old=True)
    put(tmp_path / "notes.txt", is_old=True)
    assert looks(tmp_path, nothing, nothing) == [["a.png", "b.png"], [], []]


def test_a_file_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    found = looks(tmp_path, lambda: put(path), lambda: put(path, "xx"), nothing, nothing)
    assert found == [[], [], [], ["a.png"], []]


def test_a_file_that_changes_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    put(path, is_old=True)
    assert looks(tmp_path, lambda: put(path, "other"), nothing, nothing) == [
        ["a.png"],
        [],
        ["a.png"],
        [],
    ]


def test_a_folder_may_go_and_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    put(folder / "a.png", is_old=True)

    def back() -> None:
        (tmp_path / "away").rename(folder)

    found = looks(folder, lambda: folder.rename(tmp_path / "away"), back, nothing)
    assert found == [["a.png"], [], [], []]
