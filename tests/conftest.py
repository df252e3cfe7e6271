"""What tests of several folders share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitapp.engine import Engine, load
from tests import drawings


@pytest.fixture(scope="session", autouse=True)
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the lock and the log of whoever runs the tests out of them, in every process."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "DIGITAPP_LOG_DIR",
            "XDG_RUNTIME_DIR",
            "XDG_STATE_HOME",
            "WIN_PD_OVERRIDE_LOCAL_APPDATA",
        ):
            (folder / name).mkdir(0o700)
            patch.setenv(name, str(folder / name))
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let Ctrl-C reach the programs that are tried: a script's background job has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that people run, with the committed model."""
    return load("litert")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test counts as failed: it has shown nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """A picture of a 7."""
    path = tmp_path / "seven.png"
    path.write_bytes(drawings.png(7))
    return path
