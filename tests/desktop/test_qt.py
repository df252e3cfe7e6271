"""Whether the window's engine can run here, and where its page may go."""

import ctypes
import os
import sys
from typing import Any

import pytest

from digitapp.desktop import qt
from digitapp.errors import Unavailable

if sys.platform != "linux":
    pytest.skip("Qt is the window's engine on Linux only", allow_module_level=True)

SHOWN = {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_a_machine_with_all_it_needs_is_told_nothing() -> None:
    qt.check(SHOWN)


def test_no_display_is_told() -> None:
    with pytest.raises(Unavailable, match="no display"):
        qt.check({"HOME": "/"})


def test_root_is_told_what_to_do_and_its_sandbox_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Unavailable, match="as an ordinary user"):
        qt.check(SHOWN)
    qt.check(SHOWN | {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"})


@pytest.mark.parametrize("package", ["webview", "qtpy", "PySide6"])
def test_a_missing_package_is_told_with_the_command(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Unavailable, match="pip install PySide6-WebEngine QtPy"):
        qt.check(SHOWN)


def test_a_missing_system_library_is_told_with_the_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file")

    monkeypatch.setattr(ctypes, "CDLL", load)
    with pytest.raises(Unavailable, match=r"needs libxcb-cursor\.so\.0\. .* apt install .*cursor0"):
        qt.check({"DISPLAY": ":0"})


def test_a_library_that_the_engine_misses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise ImportError("libnss3.so: cannot open shared object file: No such file")

    monkeypatch.setitem(sys.modules, "PySide6", Broken())
    with pytest.raises(Unavailable, match=r"needs libnss3\.so"):
        qt.check(SHOWN)


def test_what_qtpy_does_not_tell_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """QtPy finds "no Qt bindings" where one of Qt's own libraries is missing."""

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise ImportError("libglib-2.0.so.0: cannot open shared object file")

    monkeypatch.setitem(sys.modules, "PySide6", Broken())
    monkeypatch.setitem(sys.modules, "qtpy", None)
    with pytest.raises(Unavailable, match=r"needs libglib-2\.0\.so\.0\. .* libglib2\.0-0 "):
        qt.check(SHOWN)


def test_a_display_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PySide6", reason="pip install '.[desktop]'")
    monkeypatch.setenv("DISPLAY", ":4321")
    with pytest.raises(Unavailable, match="no display"):
        qt.check({"DISPLAY": ":4321"})


class Request:
    """A navigation that Qt asks about."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.rejected = False

    def url(self) -> "Request":
        return self

    def toString(self) -> str:  # noqa: N802
        return self._address

    def reject(self) -> None:
        self.rejected = True


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("http://127.0.0.1:5000/#token=t", True),
        ("http://127.0.0.1:50001/", False),
        ("https://example.org/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_the_window_goes_nowhere_else(address: str, stays: bool) -> None:
    request = Request(address)
    qt._stay(request, "http://127.0.0.1:5000/")
    assert request.rejected is not stays


def test_quieten_keeps_what_people_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_LOGGING_RULES", "*=true")
    monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox")
    qt.quieten()
    assert os.environ["QT_LOGGING_RULES"] == "*=true"
    assert os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] == "--no-sandbox --log-level=3"
