"""A screen of its own, and a person at it: windows, mouse, keys and what there is to see."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image, ImageGrab

from digitapp.desktop import instance

PATIENCE_S = 40.0
"""Longest wait for something to happen; far more than it takes."""

MENU = 30
"""Height of the menu bar in pixels, and a little more."""

T = TypeVar("T")
Point = tuple[float, float]


def eventually(look: Callable[[], T], what: str) -> T:
    """The first truthy value of `look`."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := look()):
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE_S:.0f} s"
        time.sleep(0.1)
    return value


@contextmanager
def started(command: Sequence[str | Path], **more: Any) -> Iterator["subprocess.Popen[str]"]:
    """A program that runs until the block ends."""
    with subprocess.Popen(list(map(str, command)), text=True, **more) as process:
        try:
            yield process
        finally:
            process.kill()


class Screen:
    """A person at the display `name`, for example `:99`."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.environment = environment(home) | {"DISPLAY": name}

    def xdotool(self, *arguments: str | int) -> str:
        command = ["xdotool", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()

    def has_manager(self) -> bool:
        """Whether a window manager is there: only they have desktops."""
        return self.xdotool("get_num_desktops") not in {"", "0"}

    def look(self) -> Image.Image:
        """The whole screen."""
        return ImageGrab.grab(xdisplay=self.name)

    def drag(self, points: Sequence[Point]) -> None:
        """Move the mouse with its button down through `points`, in steps as a hand would."""
        self._move(points[0])
        self.xdotool("mousedown", 1)
        for start, end in pairwise(points):
            for step in range(1, 9):
                x, y = (a + (b - a) * step / 8 for a, b in zip(start, end, strict=True))
                self._move((x, y))
                time.sleep(0.015)
        time.sleep(0.3)  # let the target answer the last move
        self.xdotool("mouseup", 1)

    def click(self, point: Point) -> None:
        self._move(point)
        self.xdotool("click", 1)

    def press(self, *keys: str) -> None:
        self.xdotool("key", "--delay", 80, *keys)

    def clipboard(self) -> str:
        """The clipboard's text."""
        command = [sys.executable, "-m", "tests.desktop.clipboard"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()

    @contextmanager
    def running(self, *arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
        """Run a module of this folder that prints `ready`, until the block ends."""
        command = [sys.executable, "-m", *arguments]
        with started(command, env=self.environment, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process

    def _move(self, point: Point) -> None:
        self.xdotool("mousemove", round(point[0]), round(point[1]))


class App:
    """digitapp on a screen, and what it has read."""

    def __init__(self, screen: Screen, process: "subprocess.Popen[str]", log: Path) -> None:
        self.screen = screen
        self.process = process
        self._log = log
        self.id = eventually(self._find, "the window")
        self.left, self.top, self.width, self.height = self._geometry()
        eventually(self._has_page, "the page")

    def at(self, x: float, y: float) -> Point:
        """A point of the window, from (0, 0) to (1, 1), on the screen."""
        return self.left + x * self.width, self.top + y * self.height

    def look(self) -> Image.Image:
        """What the window shows."""
        box = (self.left, self.top, self.left + self.width, self.top + self.height)
        return self.screen.look().crop(box)

    def readings(self) -> list[dict[str, str]]:
        """The pictures that it read: `sha256` of their bytes and `text`."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [json.loads(line) for line in lines]

    def _find(self) -> str:
        return self.screen.xdotool("search", "--onlyvisible", "--name", "^digitapp$")

    def _geometry(self) -> tuple[int, int, int, int]:
        """Left, top, width and height; the frame misleads getwindowgeometry on the first two."""
        size = self._shell("getwindowgeometry", "--shell", self.id)
        self.screen.xdotool("mousemove", 0, 0)  # --sync waits for a move: there must be one
        self.screen.xdotool("mousemove", "--sync", "--window", self.id, 0, 0)
        origin = self._shell("getmouselocation", "--shell")
        return origin["X"], origin["Y"], size["WIDTH"], size["HEIGHT"]

    def _shell(self, *arguments: str) -> dict[str, int]:
        lines = self.screen.xdotool(*arguments).splitlines()
        return {name: int(value) for name, value in (line.split("=") for line in lines)}

    def _has_page(self) -> bool:
        """Whether text and colours are there, and not the empty ground, below the menus."""
        page = self.look().crop((0, MENU, self.width, self.height))
        return len(page.getcolors(1 << 24) or []) > 100


@contextmanager
def app(screen: Screen, log: Path, *arguments: str | Path) -> Iterator[App]:
    """Start digitapp with `arguments` and wait for its page; killed with the block."""
    command = [sys.executable, "-m", "tests.desktop.recorded", log, *arguments]
    with started(command, env=screen.environment, stderr=subprocess.PIPE) as process:
        yield App(screen, process, log)


def environment(home: Path) -> dict[str, str]:
    """A desktop of nobody's: a fresh home, no display yet, no browser that opens."""
    ours = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "BROWSER": "true"}
    if os.geteuid() == 0:  # Chromium's sandbox does not work for root
        ours["QTWEBENGINE_CHROMIUM_FLAGS"] = "--no-sandbox"
    foreign = {"DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM"}
    return {name: value for name, value in os.environ.items() if name not in foreign} | ours


def is_free(folder: Path) -> bool:
    """Whether nobody holds digitapp's lock in `folder`, and nothing else was left there."""
    if [path.name for path in folder.iterdir()] != ["lock"]:
        return False
    claimed = instance.claim([], folder)
    if isinstance(claimed, instance.First):
        claimed.close()
    return isinstance(claimed, instance.First)


def processes(marker: str) -> list[str]:
    """The command lines of all processes that `marker` is in the environment of."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue  # it ended, or it is another user's
    return [line for line in found if line]
