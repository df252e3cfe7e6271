"""Progress on a terminal: the rate, the time left, how many are doubtful or failed."""

import json

import pytest

from digitapp.cli.progress import Progress
from digitapp.errors import NotFound


@pytest.mark.usefixtures("terminal")
def test_the_sum_at_the_end_counts_all(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(4, is_shown=True) as progress:
        for doubt in (True, False, False):
            progress.count(json.dumps({"doubt": doubt}).encode())
        progress.count(NotFound())
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert err.splitlines()[-1].startswith("4 of 4 pictures in ")
    assert err.endswith("1 doubtful, 1 failed.\n")


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(1, is_shown=False) as progress:
        progress.count(NotFound())
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click._termui_impl.isatty", lambda _: True)
