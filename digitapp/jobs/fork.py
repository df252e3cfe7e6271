"""A process that reads pictures, forked from this one: the command line's first.

A process of its own Python takes 20 ms longer to be there, of the 130 ms of a whole start. A fork
has a copy of what this process knows. So it is made before anything is read, on Linux alone (the
libraries of macOS do not all bear it), and never if the environment seems to hold a secret, such
as the token.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from digitapp.jobs import child, rights

STANDARD = (0, 1, 2)
"""The descriptors of the standard streams."""


class Forked:
    """A forked process that runs `child.run`, with what `subprocess.Popen` has of its kind."""

    def __init__(self) -> None:
        (source, to), (back, target) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _read(source, target)
        os.close(source)
        os.close(target)
        self.stdin, self.stdout = os.fdopen(to, "wb"), os.fdopen(back, "rb")
        self._status: int | None = None
        self._reaping = threading.Lock()  # the number of a process that is gone may be another's

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        with self._reaping:
            if self._status is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self._status = os.waitstatus_to_exitcode(status) if pid else None
            return self._status

    def wait(self) -> int:
        """The exit status, once it has ended."""
        while (status := self.poll()) is None:
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        return status

    def kill(self) -> None:
        """End it at once; harmless twice."""
        with self._reaping:
            if self._status is None:
                os.kill(self.pid, signal.SIGKILL)


_ready: list[Forked] = []


@contextmanager
def ahead() -> Iterator[None]:
    """Have one load, for the first that calls `take` in the block. If nobody does, it is ended."""
    if _may_fork():
        _ready.append(Forked())
    try:
        yield
    finally:
        while unused := take():
            unused.kill()
            unused.wait()
            unused.stdin.close()
            unused.stdout.close()


def take() -> Forked | None:
    """The process that was started ahead, if there is one left."""
    return _ready.pop() if _ready else None


def _may_fork() -> bool:
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and rights.is_harmless(os.environ)
        and all(map(_is_open, STANDARD))  # else the pipes would get their numbers
    )


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _read(source: int, target: int) -> NoReturn:
    """Be the process that reads: with both pipes' ends as standard streams and no other file."""
    try:
        os.dup2(source, 0)
        os.dup2(target, 1)
        os.closerange(max(STANDARD) + 1, os.sysconf("SC_OPEN_MAX"))
        child.run(at_once=False)
    except BaseException:  # noqa: BLE001 (nothing of the command line must run here)
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)
