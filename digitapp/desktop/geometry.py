"""Where the window stood and how large it was, kept for its next start."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import paths

if TYPE_CHECKING:
    from webview import Window
    from webview.screen import Screen

FILE = "window.json"

GRIP = 40
"""So many pixels of the window's upper edge must lie on a screen for people to get hold of it."""


@dataclass
class Geometry:
    """Size and left upper corner in pixels of the desktop; without a corner the system chooses."""

    width: int
    height: int
    x: int | None = None
    y: int | None = None
    maximized: bool = False

    def follow(self, window: "Window") -> None:
        """Keep up with a window; while it is maximized, its own size stays what it was."""
        window.events.resized += self._resized
        window.events.moved += self._moved
        window.events.maximized += lambda: self._set_maximized(True)
        window.events.restored += lambda: self._set_maximized(False)

    def within(self, screens: "list[Screen]") -> "Geometry":
        """Itself, or without its corner where no screen shows that any more."""
        if self.x is not None and self.y is not None:
            middle, top = self.x + self.width // 2, self.y + GRIP // 2
            for screen in screens:
                right, bottom = screen.x + screen.width, screen.y + screen.height
                if screen.x <= middle < right and screen.y <= top < bottom:
                    return self
        return Geometry(self.width, self.height, maximized=self.maximized)

    def _resized(self, width: int, height: int) -> None:
        if not self.maximized:
            self.width, self.height = int(width), int(height)

    def _moved(self, x: int, y: int) -> None:
        if not self.maximized:
            self.x, self.y = int(x), int(y)

    def _set_maximized(self, maximized: bool) -> None:
        self.maximized = maximized


def load(default: Geometry, folder: Path | None = None) -> Geometry:
    """What was saved, or `default` where nothing sensible was."""
    with suppress(OSError, ValueError, TypeError):
        place = Geometry(**json.loads(((folder or paths.state_folder()) / FILE).read_text()))
        corner = (place.x, place.y)
        sizes = (place.width, place.height)
        if all(type(n) is int and 0 < n < 1 << 15 for n in sizes) and (
            corner == (None, None) or all(type(n) is int for n in corner)
        ):
            return place
    return default


def save(place: Geometry, folder: Path | None = None) -> None:
    """Keep it; where nothing can be written, the next start begins as the first."""
    with suppress(OSError):
        folder = folder or paths.state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(place)))
