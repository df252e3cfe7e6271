"""A server in a process of its own, as people start it."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.web.client import TOKEN

AT_ONCE = ("--drain-s", "0")
"""Nobody else asks these servers: they need not wait at their end."""


class Process(NamedTuple):
    """A running server."""

    url: str
    pid: int


@contextmanager
def serve(*options: str) -> Iterator[Process]:
    """Run `digitapp serve` on a free port until the block ends."""
    command = [sys.executable, "-m", "digitapp", "serve", "--port", "0", "--token", TOKEN, *AT_ONCE]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Process(_url(process), process.pid)
        finally:
            process.terminate()


def wait_until(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within half a minute."""
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def _url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+?/", line):
            return found[0]
    raise AssertionError(f"The server ended with {process.wait()} and told no address.")
