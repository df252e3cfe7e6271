"""Processes that read pictures.

A server for many has processes for it. Python runs one thread at a time, so in one process pictures
would wait for each other and for HTTP, whatever the processors; and a decoder that crashes on a
damaged file takes no more with it than that file's answer.
"""

import json
import math
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, cast

from digitapp.config import BY_NAME
from digitapp.engine import MODELS
from digitapp.errors import InternalError, Unavailable, from_code
from digitapp.logs import log
from digitapp.paths import IS_FROZEN, asset

LEAVE_S = 2.0
"""How long a process has to end when nothing is left to read, in seconds."""

LONGEST_S = 20.0
"""A process that reads one picture for longer is stuck, and ended; the worst ones take a second."""

LOOK_S = 1.0
"""How often that is looked at, in seconds."""

ROOT = str(Path(__file__).parents[3])
START = """
import sys
sys.path.append(sys.argv.pop(1))
from digitapp.cli.main import main
sys.exit(main())
"""
"""How Python starts this very digitapp, whatever lies in the folder where it is started."""

TOKEN = BY_NAME["token"].variable
"""What a process that decodes strangers' files need not know."""

NO_START = "What reads the pictures does not start. Install digitapp again."

LENGTH = struct.Struct("!I")
"""What stands before each message in a pipe: its bytes."""

ANSWER, ERROR, FAULT = b"answer", b"error", b"fault"
"""What a process sends: an answer, an error of ours or the traceback of an unforeseen one."""


class Processes:
    """Reads in processes of its own, each a picture at a time, with the default engine."""

    engine = "litert"

    def __init__(self, count: int) -> None:
        """Start `count` of them. A picture waits for a free one; the server's slots bound that.

        Raises:
            FileNotFoundError: the model is not there.
            Unavailable: they do not start.
        """
        for name in MODELS:
            asset(name)
        self._closed = threading.Event()
        self._changing = threading.Lock()
        self._all: list[_Process] = []
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()  # the latest: it is warm
        self._watcher = threading.Thread(target=self._watch, name="digitapp-watch", daemon=True)
        self._watcher.start()
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
            InternalError: the one that read it has died; another takes its place.
        """
        process = self._free.get()
        try:
            if process.has_died:  # while it had nothing to do: the picture is not lost
                process = self._replace(process)
            kind, body = process.read(data, flags)
        except BaseException as fault:
            # Whatever it was: what this process may still send is no other picture's answer.
            status = process.end()
            process = self._replace(process)
            if not isinstance(fault, (EOFError, OSError, ValueError)):
                raise
            log.error("A process that read a picture has died, status %s.", status)
            raise InternalError from None
        finally:
            self._free.put(process)
        return _answer(kind, body)

    def close(self) -> None:
        """End them all; harmless twice."""
        with self._changing:
            self._closed.set()
        with ThreadPoolExecutor(len(self._all) or 1) as pool:
            list(pool.map(_Process.end, self._all))
        self._watcher.join()

    def _replace(self, dead: "_Process") -> "_Process":
        with self._changing:
            if self._closed.is_set():
                return dead
            dead.end()
            process = _Process()
            self._all[self._all.index(dead)] = process
            return process

    def _watch(self) -> None:
        """End what is stuck, whose picture is then answered as if it had died."""
        while not self._closed.wait(LOOK_S):
            for process in list(self._all):
                if process.is_stuck:
                    process.kill()


class _Process:
    """One of them; `digitapp.web.child` is what runs in it."""

    def __init__(self) -> None:
        program = [sys.executable] if IS_FROZEN else [sys.executable, "-P", "-c", START, ROOT]
        others = {name: value for name, value in os.environ.items() if name != TOKEN}
        self._popen = subprocess.Popen(  # noqa: S603
            [*program, "--reader"], stdin=PIPE, stdout=PIPE, env=others
        )
        self._to = cast("IO[bytes]", self._popen.stdin)
        self._from = cast("IO[bytes]", self._popen.stdout)
        self._model = ""
        self._since = math.inf  # when it was given its picture

    @property
    def has_died(self) -> bool:
        """Whether it has ended by itself."""
        return self._popen.poll() is not None

    @property
    def is_stuck(self) -> bool:
        """Whether it reads one picture for longer than any takes."""
        return time.monotonic() - self._since > LONGEST_S

    def model(self) -> str:
        """What it runs: its first word, once it has loaded."""
        if not self._model:
            self._model = _answer(*self._receive()).decode()
        return self._model

    def read(self, data: bytes, flags: Collection[str]) -> tuple[bytes, bytes]:
        """Have it read a picture; what kind of message it sends, and the message.

        Raises:
            EOFError, OSError: it has died.
            ValueError: it has been ended.
        """
        self._since = time.monotonic()
        try:
            self.model()
            send(self._to, " ".join(flags).encode(), data)
            return self._receive()
        finally:
            self._since = math.inf

    def kill(self) -> None:
        """End it at once."""
        self._popen.kill()

    def end(self) -> int:
        """End it, if it has not ended yet; its exit status."""
        late = threading.Timer(LEAVE_S, self.kill)
        late.start()
        with suppress(OSError):
            self._to.close()  # it ends when nothing more can come
        status = self._popen.wait()
        late.cancel()
        late.join()
        self._from.close()
        return status

    def _receive(self) -> tuple[bytes, bytes]:
        return receive(self._from), receive(self._from)


def _answer(kind: bytes, body: bytes) -> bytes:
    """The answer that a process sent, or the error that it raised."""
    if kind == ANSWER:
        return body
    if kind == ERROR:
        raise from_code(*json.loads(body))
    raise RuntimeError(f"in a process that reads pictures:\n{body.decode()}")


def send(pipe: IO[bytes], *messages: bytes) -> None:
    """Put messages into a pipe."""
    for message in messages:
        pipe.write(LENGTH.pack(len(message)))
        pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Take a message from a pipe.

    Raises:
        EOFError: the other end is closed.
    """
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError
    return message
