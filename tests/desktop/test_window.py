"""The real window on a real screen, with a real mouse, keyboard and drags from another program."""

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import drawings
from tests.desktop.screen import App, Screen, app, eventually, is_free, processes

MENU_Y = 12
"""The middle of the menu bar, in pixels from the window's top."""

FILE_X, EDIT_X = 18, 56
"""Where the menus' titles are, in pixels from the window's left."""

SEVEN = [(0.2, 0.26), (0.28, 0.26), (0.36, 0.255), (0.31, 0.38), (0.26, 0.55)]
"""A stroke on the sheet, in shares of the window."""


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _reads(window: App, path: Path) -> bool:
    """Whether exactly the file's bytes were read, as a 7."""
    return {"sha256": _hash(path), "text": "7"} in window.readings()


@pytest.fixture(scope="class")
def opened(screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with app(screen, tmp_path_factory.mktemp("window") / "log") as window:
        yield window


@pytest.fixture
def window(opened: App) -> App:
    opened.clear()
    return opened


class TestWindow:
    """What can be done in a window; one window for all, since each takes seconds to start."""

    def test_shows_the_page(self, window: App, tmp_path: Path) -> None:
        picture = window.look()
        picture.save(tmp_path / "window.png")
        colours = picture.getcolors(1 << 24) or []
        count, _ = max(colours)
        assert len(colours) > 100
        assert count < 0.9 * picture.width * picture.height  # no colour covers it
        assert (window.width, window.height) >= (1000, 700)
        assert window.readings() == []

    def test_a_digit_drawn_with_the_mouse_is_read_and_can_be_copied(self, window: App) -> None:
        before = window.look()
        window.screen.drag([window.at(x, y) for x, y in SEVEN])
        eventually(lambda: "7" in [reading["text"] for reading in window.readings()], "reading a 7")
        assert window.look().tobytes() != before.tobytes()
        assert eventually(lambda: _copied(window), "copying") == "7"

    def test_a_file_dragged_from_another_window_is_read(self, window: App, seven: Path) -> None:
        screen = window.screen
        with screen.running("tests.desktop.drag_source", seven):
            screen.drag([(75, 50), (140, 90), window.at(0.3, 0.3), window.at(0.4, 0.5)])
            eventually(lambda: _reads(window, seven), "reading the dropped file")
        assert eventually(lambda: _copied(window), "copying") == "7"

    def test_several_dragged_files_are_read_and_one_failure_stops_nothing(
        self, window: App, seven: Path, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken.png"
        broken.write_bytes(seven.read_bytes()[:300])
        two = tmp_path / "two.png"
        two.write_bytes(drawings.png(2))
        with window.screen.running("tests.desktop.drag_source", seven, broken, two):
            window.screen.drag([(75, 50), (140, 90), window.at(0.3, 0.3), window.at(0.4, 0.5)])
            eventually(lambda: len(window.readings()) == 2, "reading the dropped files")
        assert {reading["text"] for reading in window.readings()} == {"7", "2"}

    def test_a_picture_in_the_clipboard_is_read(self, window: App, seven: Path) -> None:
        with window.screen.running("tests.desktop.clipboard", seven):
            window.screen.click(window.at(0.5, 0.9))
            window.screen.press("ctrl+v")
            eventually(lambda: window.readings(), "pasting by key")
        assert window.readings()[0]["text"] == "7"

    def test_the_menu_pastes(self, window: App, seven: Path) -> None:
        with window.screen.running("tests.desktop.clipboard", seven):
            _choose(window, EDIT_X, "Up")  # the last one: paste
            eventually(lambda: window.readings(), "pasting by menu")
        assert window.readings()[0]["text"] == "7"

    def test_the_menu_copies_the_result(self, window: App, seven: Path) -> None:
        screen = window.screen
        with screen.running("tests.desktop.clipboard", seven):  # no text is in the clipboard
            with screen.running("tests.desktop.drag_source", seven):
                screen.drag([(75, 50), (140, 90), window.at(0.3, 0.3), window.at(0.4, 0.5)])
                eventually(lambda: _reads(window, seven), "reading the dropped file")
            _choose(window, EDIT_X, "Up", "Up")  # the last but one: copy
            assert eventually(screen.clipboard, "copying") == "7"

    def test_the_menu_opens_pictures(self, window: App, seven: Path) -> None:
        screen = window.screen
        _choose(window, FILE_X, "Down")
        eventually(
            lambda: screen.xdotool("search", "--onlyvisible", "--name", "^Open"), "the dialog"
        )
        screen.xdotool("type", "--delay", 40, str(seven))
        screen.press("Return")
        eventually(lambda: _reads(window, seven), "reading the chosen file")

    def test_a_second_start_hands_its_files_over_and_brings_the_window_back(
        self, window: App, seven: Path
    ) -> None:
        screen = window.screen
        with screen.running("tests.desktop.drag_source", seven):
            screen.xdotool("windowminimize", "--sync", window.id)
            eventually(lambda: window.id not in _visible(screen), "hiding the window")
            command = [sys.executable, "-m", "digitapp", "seven.png"]
            second = subprocess.run(
                command, env=screen.environment, cwd=seven.parent, capture_output=True, text=True
            )
            assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
            eventually(lambda: _reads(window, seven), "reading the second start's file")
            eventually(lambda: window.id in _visible(screen), "showing the window")
            eventually(
                lambda: screen.xdotool("getactivewindow") == window.id, "bringing it forward"
            )


def test_files_given_as_arguments_are_read(screen: Screen, tmp_path: Path, seven: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "three.png").write_bytes(drawings.png(3))
    with app(screen, tmp_path / "log", "gone.png", seven, folder) as window:
        eventually(lambda: len(window.readings()) == 2, "reading the arguments")
        assert {reading["text"] for reading in window.readings()} == {"7", "3"}


@pytest.mark.parametrize("way", ["window", signal.SIGTERM, signal.SIGINT])
def test_closing_ends_every_process(
    screen: Screen, tmp_path: Path, way: str | signal.Signals
) -> None:
    marker = f"LC_TEST_MARKER={tmp_path.name}-{way}"
    screen.environment["LC_TEST_MARKER"] = marker.partition("=")[2]
    with app(screen, tmp_path / "log") as window:
        assert len(processes(marker)) > 1  # the browser's own are there too
        if isinstance(way, signal.Signals):
            window.process.send_signal(way)
        else:
            screen.xdotool("windowactivate", "--sync", window.id)
            screen.press("alt+F4")
        _, err = window.process.communicate(timeout=20)
        assert window.process.returncode == 0
        eventually(lambda: not processes(marker), "ending every process")
    assert is_free(Path(screen.environment["XDG_RUNTIME_DIR"]) / "digitapp")
    assert "Traceback" not in err
    assert "Qt" not in err


def test_closing_with_an_open_dialog_ends_every_process(screen: Screen, tmp_path: Path) -> None:
    with app(screen, tmp_path / "log") as window:
        _choose(window, FILE_X, "Down")
        search = ("search", "--onlyvisible", "--name", "^Open")
        eventually(lambda: screen.xdotool(*search), "the dialog")
        window.process.send_signal(signal.SIGTERM)
        assert window.process.wait(timeout=20) == 0


def _choose(window: App, menu_x: int, *keys: str) -> None:
    """Choose from a menu: open it, walk to the item, take it."""
    before = window.look().tobytes()
    window.screen.click((window.left + menu_x, window.top + MENU_Y))
    eventually(lambda: window.look().tobytes() != before, "the menu")
    time.sleep(0.5)  # shown, and now ready for keys
    window.screen.press(*keys, "Return")


def _visible(screen: Screen) -> list[str]:
    return screen.xdotool("search", "--onlyvisible", "--name", "^digitapp$").split()


def _copied(window: App) -> str:
    """What Ctrl+C puts into the clipboard."""
    window.screen.press("ctrl+c")
    return window.screen.clipboard()
