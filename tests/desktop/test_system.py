"""The environment of the system's programs that the built one starts."""

import os

import pytest

from digitapp import frozen


def test_the_system_s_programs_get_their_own_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "IS_FROZEN", True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    with frozen.for_others():
        assert os.environ["LD_LIBRARY_PATH"] == "/theirs"
    assert os.environ["LD_LIBRARY_PATH"] == "/ours"


def test_where_there_was_none_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "IS_FROZEN", True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    with pytest.raises(KeyError), frozen.for_others():
        assert "LD_LIBRARY_PATH" not in os.environ
        raise KeyError
    assert os.environ["LD_LIBRARY_PATH"] == "/ours"


def test_an_installed_program_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/people/set/it")
    with frozen.for_others():
        assert os.environ["LD_LIBRARY_PATH"] == "/people/set/it"
