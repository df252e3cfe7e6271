"""The built program, or a word on how to build it.

`BUILT_PROGRAM` names another one, for example the installed `/usr/bin/digitapp`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.conftest import screen

__all__ = ["screen"]

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = 65_534
"""A user without rights, as every Linux has one."""


@pytest.fixture(scope="session")
def program() -> Path:
    """The executable."""
    path = Path(os.environ.get("BUILT_PROGRAM", ROOT / "dist" / "digitapp" / "digitapp"))
    if sys.platform == "win32":
        path = path.with_suffix(".exe")
    if not path.is_file():
        pytest.skip("there is no built program: python build/build.py --no-pack")
    return path


@pytest.fixture(scope="session")
def headless() -> Path:
    """The executable of the build without a window."""
    path = ROOT / "dist" / "digitapp-headless" / "digitapp"
    if not path.is_file():
        pytest.skip("it is not built: python build/build.py --headless --no-pack")
    return path


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, str]:
    """An environment without a display, and with a home of its own."""
    return {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can look into, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="digitapp-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def moved(program: Path, open_folder: Path) -> Path:
    """The program in a folder with blanks and accents, which nobody but root can write."""
    place = open_folder / "Père Noël's programs"
    try:
        shutil.copytree(program.resolve().parent, place, symlinks=True, copy_function=os.link)
    except OSError:  # another file system
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(program.resolve().parent, place, symlinks=True)
    subprocess.run(["chmod", "-R", "a-w,a+rX", place], check=True)
    return place / "digitapp"


def as_nobody() -> dict[str, Any]:
    """What makes `subprocess` start a program as another user; nothing where we are none."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
