"""A pool of processes that read pictures.

Python runs one thread at a time. So in one process, pictures would wait for each other and for
HTTP, however many processors there are. And if a decoder crashes on a damaged file, only that
file's answer is lost.
"""

import os
import queue
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from digitapp.engine import MODELS
from digitapp.errors import DigitappError, InternalError, TooLarge, Unavailable
from digitapp.jobs import rights
from digitapp.jobs.process import Process, Watchdog
from digitapp.jobs.wire import How, Outcome, Picture
from digitapp.logs import log
from digitapp.paths import asset

TOO_LONG = TooLarge("This picture takes too long to read. Save it anew, or a smaller part of it.")

NO_START = (
    "What reads the pictures does not start: {reason}. If that stays, install digitapp again."
)

CLOSED = Unavailable("What reads the pictures is closed.")

FORKED = Unavailable("Readers belong to the process that made them. Make others in this one.")


class Processes:
    """Reads in processes with the default engine. Each reads one picture at a time."""

    engine = "litert"

    def __init__(self, count: int, budget_s: float = rights.BUDGET_S) -> None:
        """Start `count` processes; a picture may take `budget_s` seconds of processor time.

        `on_restart` is called whenever a process that has died was replaced.

        How many pictures wait for them is for the caller to limit, as a server's slots do.

        Raises:
            FileNotFoundError: the model is missing.
            Unavailable: they do not start.
        """
        for name in MODELS:
            asset(name)
        self.count, self._budget_s = count, budget_s
        self.on_restart: Callable[[], object] = lambda: None
        self._is_closed, self._owner = False, os.getpid()
        self._changing = threading.Lock()
        self._watchdog = Watchdog()
        self._all: list[Process] = []
        self._free: queue.LifoQueue[Process] = queue.LifoQueue()  # the latest used is warm
        try:
            for _ in range(count):  # they load at the same time
                self._all.append(Process(self._watchdog))
            self.model, *_ = [process.model() for process in self._all]
        except BaseException as fault:
            self.close()
            if isinstance(fault, (EOFError, OSError)):
                reason = getattr(fault, "strerror", None) or "it ended at once"
                raise Unavailable(NO_START.format(reason=reason)) from None
            raise
        for process in self._all:
            self._free.put(process)

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """See `Reader.read`.

        Raises:
            TooLarge: it took more than its processor time.
            InternalError: the process that read it has died. Another takes its place.
        """
        [outcome] = self.read_bunch([data], flags)
        if isinstance(outcome, bytes):
            return outcome
        raise outcome

    def read_bunch(self, pictures: Sequence[Picture], flags: Collection[str]) -> list[Outcome]:
        """Have one process read pictures, one after the other; what comes of each.

        If it dies, those that are not read are read again, each for itself: so it is told which of
        them is to blame, and none is lost with it.

        Raises:
            Unavailable: it is closed, or another process has made it.
        """
        if self._is_closed or self._owner != os.getpid():
            raise CLOSED if self._is_closed else FORKED
        found: list[Outcome] = []
        death = self._read_until_death(pictures, flags, found)
        if death and len(pictures) == 1:
            return [death]
        for picture in pictures[len(found) :] if death else ():
            found += self.read_bunch([picture], flags)
        return found

    def close(self) -> None:
        """End all processes; harmless twice."""
        with self._changing:
            self._is_closed = True
        with ThreadPoolExecutor(len(self._all) or 1) as pool:
            list(pool.map(Process.end, self._all))
        self._watchdog.close()

    def _read_until_death(
        self, pictures: Sequence[Picture], flags: Collection[str], found: list[Outcome]
    ) -> DigitappError | None:
        """Fill `found` with what comes of pictures; an error if the process dies meanwhile."""
        process = self._free.get()
        try:
            if process.popen.poll() is not None:  # it died while it was idle: nothing is lost
                process = self._replace(process)
            process.read(How(flags, self._budget_s), pictures, found)
        except BaseException as fault:
            # Replace it whatever happened: its late answer must not go to the next picture.
            status = process.end()
            process = self._replace(process)
            if not isinstance(fault, (EOFError, OSError, ValueError)):
                raise
            if not self._is_closed:
                log.error("A process that read a picture has died, status %s.", status)
            return TOO_LONG if rights.is_over_budget(status) else InternalError()
        finally:
            self._free.put(process)
        return None

    def _replace(self, dead: Process) -> Process:
        with self._changing:
            if self._is_closed:
                return dead
            dead.end()
            process = Process(self._watchdog)
            self._all[self._all.index(dead)] = process
        self.on_restart()
        return process


def processors() -> int:
    """How many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux, where a container may have fewer
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
