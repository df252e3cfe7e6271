"""A screen for the tests, or a word on what to install for it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.screen import Screen, environment, eventually, started

PROGRAMS = ("Xvfb", "openbox", "xdotool")


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A screen of 1400x1000 pixels with a window manager."""
    _need_programs()
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    size = ["-screen", "0", "1400x1000x24"]
    # Without -noreset it starts anew when xdotool leaves as the only client: openbox may miss it.
    server_command = ["Xvfb", "-displayfd", "1", *size, "-nolisten", "tcp", "-noreset"]
    quiet = {"stderr": subprocess.DEVNULL}
    with started(server_command, stdout=subprocess.PIPE, **quiet) as server:
        assert server.stdout
        screen = Screen(f":{server.stdout.readline().strip()}", home)
        with started(["openbox"], env=screen.environment, **quiet):
            eventually(screen.has_manager, "openbox")
            yield screen


@pytest.fixture
def blind(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without a display."""
    return environment(tmp_path)


def _need_programs() -> None:
    if sys.platform != "linux":
        pytest.skip("these tests drive an X11 screen")
    for program in PROGRAMS:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: apt-get install {program.lower()}")
    pytest.importorskip("PySide6.QtWebEngineCore", reason="pip install '.[desktop]'")
