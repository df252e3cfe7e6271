"""The first module: it says the version at once, and starts what reads ahead of all else."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from digitapp.cli import main as command_line
from digitapp.cli import start
from digitapp.jobs import fork
from tests import drawings


def test_the_version_is_what_the_command_line_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["--version"]) == command_line.main(["--version"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


def test_all_else_is_left_to_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "four.png").write_bytes(drawings.png(4))
    assert start.main(["recognize", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("four.png: 4\n")
    assert start.main(["recognize"]) == 2


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["recognize", "gone.png", "--json"], 1),
        (["recognize", "gone.png", "--engine=litert", "--stages", "gone/folder/of"], 0),
        (["recognize", "--help"], 0),
        (["serve", "--help"], 0),
        (["--help"], 0),
    ],
)
def test_a_reader_is_started_ahead_where_one_will_be_needed(
    words: list[str], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def ahead() -> AbstractContextManager[None]:
        started.append(1)
        return nullcontext()

    monkeypatch.setattr(fork, "ahead", ahead)
    start.main(words)
    assert len(started) == count
