"""What may stand on the command line, and where settings come from."""

from pathlib import Path

import pytest

from digitapp import config
from digitapp.cli.options import parse, settle


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        ([], "window"),
        (["photo.png"], "window"),
        (["--engine", "keras", "photo.png"], "window"),
        (["./serve"], "window"),
        (["window", "serve"], "window"),
        (["serve"], "serve"),
        (["recognize", "serve"], "recognize"),
    ],
)
def test_only_a_command_word_in_the_first_place_is_a_command(argv: list[str], command: str) -> None:
    assert parse(argv).command == command


def test_files_for_the_window_are_paths() -> None:
    assert parse(["a.png", "b"]).files == [Path("a.png"), Path("b")]


def test_the_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITAPP_PORT", "1234")
    monkeypatch.setenv("DIGITAPP_THREADS", "5")
    arguments = parse(["serve", "--port", "4321"])
    settle(arguments)
    assert (arguments.port, arguments.threads, arguments.host) == (4321, 5, "127.0.0.1")


def test_a_flag_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITAPP_ONE_DIGIT", "yes")
    arguments = parse(["recognize", "a.png"])
    settle(arguments)
    assert arguments.one_digit is True


@pytest.mark.parametrize(
    "argv",
    [
        ["--wrong"],
        ["recognize"],
        ["recognize", "a.png", "--input"],
        ["serve", "--port", "x"],
        ["serve", "--port", "65536"],
        ["serve", "--slots", "0"],
        ["serve", "--threads", "-1"],
        ["serve", "--wait-s", "nan"],
        ["serve", "--token", "t", "--no-token"],
        ["serve", "--por", "80"],
    ],
)
def test_wrong_lines_are_refused_with_status_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit:
        parse(argv)
    assert exit.value.code == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("row", config.SETTINGS, ids=lambda row: row.name)
def test_help_tells_every_setting_with_its_variable(
    row: config.Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("serve", "recognize"):
        with pytest.raises(SystemExit):
            parse([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert f"--{row.name.replace('_', '-')} " in text
    assert row.help in text
    assert row.variable in text


def test_help_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        parse(["--help"])
    assert exit.value.code == 0
    text = capsys.readouterr().out
    assert "serve      serve the page and the API\n" in text
    assert "recognize  print what pictures say, a line each\n" in text
