"""A server in a process of its own, as people start it, and the memory that it takes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.web.client import TOKEN

MB = 1_000_000


class Process(NamedTuple):
    """A running server."""

    url: str
    pid: int

    def memory(self, field: str) -> float:
        """A line of Linux' own account in MB: VmRSS is now, VmHWM was the most so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{field}:\s+(\d+) kB", status)
        assert found, status
        return int(found[1]) * 1024 / MB


@contextmanager
def serve(*options: str) -> Iterator[Process]:
    """Run `digitapp serve` on a free port until the block ends."""
    command = [sys.executable, "-m", "digitapp", "serve", "--port", "0", "--token", TOKEN]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Process(_url(process), process.pid)
        finally:
            process.terminate()


def _url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+?/", line):
            return found[0]
    raise AssertionError(f"The server ended with {process.wait()} and told no address.")
