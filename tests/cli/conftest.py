"""Pictures for the commands."""

import io
import sys
from pathlib import Path

import pytest

from tests import drawings


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    path.write_bytes(drawings.png(7))
    return path


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A four on the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(drawings.png(4))))
