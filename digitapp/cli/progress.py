"""How far a long run has come, on a terminal."""

import json
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

from digitapp.errors import DigitappError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

EVERY_S = 0.2
"""Time from one picture of the bar to the next, in seconds."""


class Progress:
    """A bar with the rate, the time left, and how many are doubtful or failed; a sum at the end."""

    def __init__(self, total: int, is_shown: bool) -> None:
        """Nothing is shown if `is_shown` is false."""
        self._total, self._is_shown = total, is_shown
        self._doubtful = self._failed = self._done = self._drawn = 0
        self._start = self._drawn_at = time.monotonic()
        self._bar: ProgressBar[int] = click.progressbar(
            length=total,
            width=0,  # what the terminal has room for
            file=sys.stderr,
            show_pos=True,
            item_show_func=lambda _: self._said(),
        )

    def count(self, outcome: bytes | DigitappError) -> None:
        """Count a picture."""
        if not self._is_shown:
            return
        self._done += 1
        if isinstance(outcome, DigitappError):
            self._failed += 1
        else:
            self._doubtful += json.loads(outcome)["doubt"]
        self._draw_now_and_then()

    def expect(self, total: int) -> None:
        """Say how many pictures there are, as far as is known by now."""
        self._total = self._bar.length = total
        self._draw_now_and_then()

    def begin(self, done: int) -> None:
        """Say how many pictures earlier runs have done, when this one begins to read the others."""
        self._total = self._bar.length = self._total - done
        self._start, self._bar.start = time.monotonic(), time.time()

    def set(self, done: int, doubtful: int, failed: int) -> None:
        """Say how far this run is."""
        self._done, self._doubtful, self._failed = done, doubtful, failed
        self._draw_now_and_then()

    def _draw_now_and_then(self) -> None:
        if self._is_shown and time.monotonic() - self._drawn_at >= EVERY_S:
            self._draw()

    def _draw(self) -> None:
        self._bar.update(self._done - self._drawn, self._done)
        self._drawn, self._drawn_at = self._done, time.monotonic()

    def _said(self) -> str:
        rate = self._done / max(time.monotonic() - self._start, 1e-3)
        return f"{rate:,.0f}/s, {self._doubtful:,} doubtful, {self._failed:,} failed"

    def __enter__(self) -> "Progress":
        if self._is_shown:
            self._bar.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_shown:
            return
        self._draw()
        self._bar.__exit__(kind, error, trace)
        took_s = time.monotonic() - self._start
        counted = f"{self._done:,} of {self._total:,} pictures in {took_s:,.1f} s"
        print(f"{counted}: {self._said()}.", file=sys.stderr)
