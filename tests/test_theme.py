"""The window's ground before its page is there."""

import plistlib
import re
from pathlib import Path

import pytest

import digitapp.web
from digitapp import desktop, theme


def test_the_grounds_are_the_pages_own() -> None:
    css = Path(digitapp.web.__file__).with_name("static").joinpath("app.css").read_text()
    grounds = re.findall(r"--ground:\s*(#\w+)", css)
    assert grounds[:2] == [desktop.LIGHT, desktop.DARK]


@pytest.mark.parametrize(("style", "dark"), [({"AppleInterfaceStyle": "Dark"}, True), ({}, False)])
def test_macos_tells_its_theme(
    style: dict[str, str], dark: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Library/Preferences"
    folder.mkdir(parents=True)
    (folder / ".GlobalPreferences.plist").write_bytes(plistlib.dumps(style))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert theme._is_macos_dark() is dark


def test_a_system_that_does_not_say_is_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert theme.is_dark() is False
