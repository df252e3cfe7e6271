"""A process that reads pictures, as the program that has started it sees it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, TypeAlias, cast

from digitapp.jobs import fork, rights, wire
from digitapp.jobs.wire import How, Outcome, Picture
from digitapp.paths import IS_FROZEN

Popen: TypeAlias = subprocess.Popen[bytes] | fork.Forked

LEAVE_S = 2.0
"""How long a process has to end after its input is closed, in seconds."""

START_S = 20.0
"""How long a process has to load; it takes half a second."""

WAIT_S = 10.0
"""A process that takes so much longer than its processor time is stuck and is killed, in seconds.

It also waits for other processes: on a busy machine they take most of the time.
"""

STOPPED_S = 2.0
"""A watchdog that wakes so much too late, in seconds, was stopped itself."""

ROOT = str(Path(__file__).parents[2])
START = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
import sys
sys.path.append(sys.argv.pop(1))
from digitapp.jobs.child import run
run()
"""
"""How Python starts this digitapp and no file of the current folder."""


class Watchdog:
    """Kills processes that do not finish in time. One thread watches all of them."""

    def __init__(self) -> None:
        self._due: dict[object, tuple[Popen, float]] = {}
        self._wakes_at = float("inf")
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @contextmanager
    def killed_after(self, popen: Popen, seconds: float) -> Iterator[None]:
        """Kill the process if this lasts for longer."""
        due, watch = time.monotonic() + seconds, object()
        with self._changed:
            self._due[watch] = popen, due
            if due < self._wakes_at:  # mostly it sleeps no longer than that anyway
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(watch, None)

    def close(self) -> None:
        """End the thread; harmless twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._is_closed:
                now = time.monotonic()
                if now - self._wakes_at > STOPPED_S:  # the processes were stopped, too (Ctrl-Z)
                    again = now + WAIT_S
                    self._due = {watch: (popen, again) for watch, (popen, _) in self._due.items()}
                for watch, (popen, due) in list(self._due.items()):
                    if due <= now:
                        popen.kill()
                        del self._due[watch]
                self._wakes_at = min((due for _, due in self._due.values()), default=float("inf"))
                wait_s = min(self._wakes_at - now, threading.TIMEOUT_MAX)
                self._changed.wait(wait_s if self._due else None)


class Process:
    """One process; `child.run` is what runs in it."""

    def __init__(self, watchdog: Watchdog) -> None:
        python = [sys.executable, "-P", "-c", START, ROOT]
        program = [sys.executable, "--reader"] if IS_FROZEN else python
        self.popen: Popen = fork.take() or subprocess.Popen(  # noqa: S603
            program, stdin=PIPE, stdout=PIPE, env=rights.environment(os.environ)
        )
        self._to = cast("IO[bytes]", self.popen.stdin)
        self._from = cast("IO[bytes]", self.popen.stdout)
        self._watchdog = watchdog
        self._model = ""

    def model(self) -> str:
        """The model that it runs: its first message, once it has loaded.

        Raises:
            EOFError, OSError: it does not start.
        """
        if not self._model:
            with self._watchdog.killed_after(self.popen, START_S):
                [said] = wire.outcomes(self._from, 1)
            if not isinstance(said, bytes):
                raise said
            self._model = said.decode()
        return self._model

    def read(self, how: How, pictures: Sequence[Picture], found: list[Outcome]) -> None:
        """Have it read pictures, and put what comes of each into `found`, one after the other.

        Raises:
            EOFError, OSError: it has died, or was killed because it took too long.
            ValueError: it has been ended.
        """
        self.model()
        with self._watchdog.killed_after(self.popen, how.budget_s + WAIT_S):
            wire.send_bunch(self._to, how, pictures)
            found.extend(wire.outcomes(self._from, len(pictures)))  # what comes before a death, too

    def end(self) -> int:
        """End it, if it has not ended yet; returns its exit status."""
        with self._watchdog.killed_after(self.popen, LEAVE_S):
            with suppress(OSError):
                self._to.close()  # it ends when its input does
            status = self.popen.wait()
        self._from.close()
        return status
