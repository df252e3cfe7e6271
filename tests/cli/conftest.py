"""Pictures for the commands."""

import io
import sys

import pytest

from tests import drawings


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A four on the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(drawings.png(4))))
