"""The operating system's part: other programs' environment, and the theme."""

import os
import plistlib
import re
from pathlib import Path

import pytest

import digitapp.web
from digitapp.desktop import system, window


def test_the_system_s_programs_get_their_own_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_FROZEN", True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    with system.for_others():
        assert os.environ["LD_LIBRARY_PATH"] == "/theirs"
    assert os.environ["LD_LIBRARY_PATH"] == "/ours"


def test_where_there_was_none_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_FROZEN", True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    with pytest.raises(KeyError), system.for_others():
        assert "LD_LIBRARY_PATH" not in os.environ
        raise KeyError
    assert os.environ["LD_LIBRARY_PATH"] == "/ours"


def test_an_installed_program_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/people/set/it")
    with system.for_others():
        assert os.environ["LD_LIBRARY_PATH"] == "/people/set/it"


def test_the_backgrounds_are_the_pages_own() -> None:
    css = Path(digitapp.web.__file__).with_name("static").joinpath("app.css").read_text()
    colours = re.findall(r"--background:\s*(#\w+)", css)
    assert colours[:2] == [window.LIGHT, window.DARK]


@pytest.mark.parametrize(("style", "dark"), [({"AppleInterfaceStyle": "Dark"}, True), ({}, False)])
def test_macos_tells_its_theme(
    style: dict[str, str], dark: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Library/Preferences"
    folder.mkdir(parents=True)
    (folder / ".GlobalPreferences.plist").write_bytes(plistlib.dumps(style))
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert system.is_dark() is dark


def test_a_system_that_does_not_say_is_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert system.is_dark() is False
