"""What the tests of several measurements share."""

from pathlib import Path

import pytest

from tests.train.evaluation import a_suite


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite `mixed`."""
    return a_suite.make(tmp_path_factory.mktemp("suites"))
