"""What tests of several folders share."""

import os

import pytest

from digitapp.engine import Engine, load


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that people run, with the committed model."""
    return load("litert", slots=2)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test counts as failed: it has shown nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
