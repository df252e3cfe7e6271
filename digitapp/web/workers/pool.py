"""A pool of processes that read pictures.

Python runs one thread at a time. So in one process, pictures would wait for each other and for
HTTP, however many processors there are. And if a decoder crashes on a damaged file, only that
file's answer is lost.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, cast

from digitapp.config import SETTINGS
from digitapp.engine import MODELS
from digitapp.errors import InternalError, TooLarge, Unavailable, from_code
from digitapp.logs import access, log
from digitapp.paths import IS_FROZEN, asset
from digitapp.web.workers import rights

LEAVE_S = 2.0
"""How long a process has to end after its input is closed, in seconds."""

LONGEST_S = 20.0
"""A process that reads one picture for longer is stuck and is killed. The worst take a second."""

ROOT = str(Path(__file__).parents[3])
START = """
import sys
sys.path.append(sys.argv.pop(1))
from digitapp.web.workers.child import run
sys.exit(run())
"""
"""How Python starts this digitapp and no file of the current folder."""

TOO_LONG = TooLarge("This picture takes too long to read. Save it anew, or a smaller part of it.")

NO_START = "What reads the pictures does not start. Install digitapp again."

ANSWER, ERROR, FAULT = b"answer", b"error", b"fault"
"""Kinds of messages: an answer, an error of ours, or the traceback of an unforeseen one."""


class Processes:
    """Reads in processes with the default engine. Each reads one picture at a time."""

    engine = "litert"

    def __init__(self, count: int) -> None:
        """Start `count` processes. The server's slots limit how many pictures wait for them.

        Raises:
            FileNotFoundError: the model is missing.
            Unavailable: they do not start.
        """
        for name in MODELS:
            asset(name)
        self._is_closed = False
        self._changing = threading.Lock()
        self._all: list[_Process] = []
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()  # the latest used is warm
        try:
            for _ in range(count):  # they load at the same time
                self._all.append(_Process())
            self.model, *_ = [process.model() for process in self._all]
        except BaseException as fault:
            self.close()
            if isinstance(fault, (EOFError, OSError)):
                raise Unavailable(NO_START) from None
            raise
        for process in self._all:
            self._free.put(process)

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """See `Reader.read`.

        Raises:
            TooLarge: it took more than `rights.BUDGET_S`.
            InternalError: the process that read it has died. Another takes its place.
        """
        process = self._free.get()
        try:
            if process.popen.poll() is not None:  # it died while it was idle: nothing is lost
                process = self._replace(process)
            kind, body = process.read(data, flags)
        except BaseException as fault:
            # Replace it whatever happened: its late answer must not go to the next picture.
            status = process.end()
            process = self._replace(process)
            if not isinstance(fault, (EOFError, OSError, ValueError)):
                raise
            log.error("A process that read a picture has died, status %s.", status)
            raise (TOO_LONG if rights.is_over_budget(status) else InternalError()) from None
        finally:
            self._free.put(process)
        return _answer(kind, body)

    def close(self) -> None:
        """End all processes; harmless twice."""
        with self._changing:
            self._is_closed = True
        with ThreadPoolExecutor(len(self._all) or 1) as pool:
            list(pool.map(_Process.end, self._all))

    def _replace(self, dead: "_Process") -> "_Process":
        with self._changing:
            if self._is_closed:
                return dead
            dead.end()
            process = _Process()
            self._all[self._all.index(dead)] = process
            return process


class _Process:
    """One process; `child.run` is what runs in it."""

    def __init__(self) -> None:
        python = [sys.executable, "-P", "-c", START, ROOT]
        program = [sys.executable, "--reader"] if IS_FROZEN else python
        self.popen = subprocess.Popen(program, stdin=PIPE, stdout=PIPE, env=_environment())  # noqa: S603
        self._to = cast("IO[bytes]", self.popen.stdin)
        self._from = cast("IO[bytes]", self.popen.stdout)
        self._model = ""

    def model(self) -> str:
        """The model that it runs: its first message, once it has loaded."""
        if not self._model:
            self._model = _answer(*self._receive()).decode()
        return self._model

    def read(self, data: bytes, flags: Collection[str]) -> tuple[bytes, bytes]:
        """Have it read a picture; returns the kind of its message, and the message.

        Raises:
            EOFError, OSError: it has died, or was killed after LONGEST_S.
            ValueError: it has been ended.
        """
        with self._killed_after(LONGEST_S):
            self.model()
            send(self._to, " ".join(flags).encode(), data)
            return self._receive()

    def end(self) -> int:
        """End it, if it has not ended yet; returns its exit status."""
        with self._killed_after(LEAVE_S):
            with suppress(OSError):
                self._to.close()  # it ends when its input does
            status = self.popen.wait()
        self._from.close()
        return status

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        late = threading.Timer(seconds, self.popen.kill)
        late.daemon = True
        late.start()
        try:
            yield
        finally:
            late.cancel()
            late.join()

    def _receive(self) -> tuple[bytes, bytes]:
        return receive(self._from), receive(self._from)


def _environment() -> dict[str, str]:
    """This process's environment without the program's settings.

    What decodes strangers' files needs neither the token nor to know where it is kept.
    """
    ours = {row.variable for row in SETTINGS}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _answer(kind: bytes, body: bytes) -> bytes:
    """The answer that a process sent, or the error that it raised."""
    if kind == ANSWER:
        return body
    if kind == ERROR:
        *error, cause = json.loads(body)
        if cause:
            access.info("A picture's decoder failed: %s", cause)
        raise from_code(*error)
    raise RuntimeError(f"in a process that reads pictures:\n{body.decode()}")


def send(pipe: IO[bytes], *messages: bytes) -> None:
    """Write messages to a pipe, each after its length in 4 bytes."""
    for message in messages:
        pipe.write(len(message).to_bytes(4))
        pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read a message from a pipe.

    Raises:
        EOFError: the other end is closed.
    """
    return _exactly(int.from_bytes(_exactly(4, pipe)), pipe)


def _exactly(size: int, pipe: IO[bytes]) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found
