"""What tests of several folders share."""

import pytest

from digitapp.engine import Engine, load


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that people run, with the committed model."""
    return load("litert", slots=2)
