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


def test_a_job_that_goes_on_counts_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(0, is_shown=True) as progress:
        for total in (1_000, 2_000):
            progress.expect(total)
        progress.begin(1_500)
        progress.set(200, 30, 4)
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("200 of 500 pictures in ")
    assert said.endswith("30 doubtful, 4 failed.")


def test_the_time_left_is_of_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1_000.0
    monkeypatch.setattr("time.time", lambda: clock)
    with Progress(0, is_shown=True) as progress:
        progress.expect(1_100)
        progress.begin(100)
        clock += 10
        progress.set(500, 0, 0)
        progress._draw()
        assert progress._bar.eta == pytest.approx(10)
