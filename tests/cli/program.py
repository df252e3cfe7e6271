"""The program in a process of its own, as people start it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT_S = 60


@contextmanager
def running(*arguments: str | Path, **more: Any) -> Iterator["subprocess.Popen[str]"]:
    """Run `digitapp` with these arguments and pipes until the block ends; `more` are for Popen."""
    command = [sys.executable, "-m", "digitapp", *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **more
    ) as process:
        try:
            yield process
        finally:
            process.kill()
