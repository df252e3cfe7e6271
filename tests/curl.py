"""Examples for curl, run as a person would type them."""

import os
import shutil
import subprocess
from pathlib import Path


def missing() -> str | None:
    """What to install before examples can run; None when all is there."""
    if shutil.which("curl") is None or shutil.which("bash") is None:
        return "curl or bash is missing; on Debian: apt-get install curl"
    return None


def typed(command: str, folder: Path, **variables: str) -> str:
    """What the command prints when it is typed in that folder.

    Raises:
        AssertionError: it failed; the message is what it said.
    """
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
