"""What may stand on the command line, and where settings come from."""

from typing import Any

import pytest

from digitapp import config
from digitapp.cli.main import main, program
from tests.web.client import TOKEN

Calls = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The commands that were called, and with what, in place of what they do."""
    found: Calls = []

    def note(name: str) -> Any:
        def command(*_: object, **given: Any) -> int:
            found.append((name, given))
            return 0

        return command

    for name, command in program.commands.items():
        monkeypatch.setattr(command, "callback", note(name))
    return found


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
def test_only_a_command_word_in_the_first_place_is_a_command(
    argv: list[str], command: str, calls: Calls
) -> None:
    assert main(argv) == 0
    assert [name for name, _ in calls] == [command]


def test_words_for_the_window_are_files(calls: Calls) -> None:
    main(["a.png", "b"])
    [(_, given)] = calls
    assert given["words"] == ("a.png", "b")


def test_the_line_goes_before_the_environment(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITAPP_PORT", "1234")
    monkeypatch.setenv("DIGITAPP_THREADS", "5")
    main(["serve", "--port", "4321"])
    [(_, given)] = calls
    assert (given["port"], given["threads"], given["host"]) == (4321, 5, "127.0.0.1")


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("off", False)])
def test_a_flag_may_come_from_the_environment(
    text: str, value: bool, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITAPP_ONE_DIGIT", text)
    main(["recognize", "a.png"])
    main(["recognize", "a.png", "--one-digit"])
    assert [given["one_digit"] for _, given in calls] == [value, True]


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--wrong"], "No such option"),
        (["recognize"], "Give pictures or folders to read, or --manifest."),
        (["recognize", "a.png", "--json", "--csv"], "Give --json or --csv, not both."),
        (["recognize", "a.png", "--out", "a.txt"], "Say what --out is to hold"),
        (["recognize", "a.png", "--resume"], "--resume goes on with a file: give --out too."),
        (["recognize", "a.png", "--stages", "x", "--jobs", "2"], "--jobs and --timeout are for"),
        (
            ["recognize", "a.png", "--jobs", "0"],
            "Invalid value for '--jobs': 0 is not in",
        ),
        (
            ["recognize", "a.png", "--timeout", "0"],
            "Invalid value for '--timeout': 0.0",
        ),
        (
            ["recognize", "--manifest", "gone.txt"],
            "Invalid value for '--manifest': 'gone.txt'",
        ),
        (["gone.png"], "There is no file 'gone.png'."),
        (
            ["recognise", "a.png"],
            "There is no file 'recognise'. Did you mean the command recog",
        ),
        (["recognize", "a.png", "--input"], "--input adds to the JSON lines: give --json too."),
        (["serve", "extra"], "Got unexpected extra argument (extra)"),
        (["serve", "--port"], "Option '--port' requires an argument."),
        (["serve", "--port", "x"], "--port='x' is not a value for port."),
        (["serve", "--port", "65536"], "--port='65536' is not a value for port."),
        (["serve", "--slots", "0"], "--slots='0' is not a value for slots."),
        (["serve", "--threads", "-1"], "--threads='-1' is not a value for threads."),
        (["serve", "--wait-s", "nan"], "--wait-s='nan' is not a value for wait_s."),
        (["serve", "--allow-host", "http://evil.example"], "--allow-host='http://evil.example' is"),
        (["serve", "--lan", "--host", "::1"], "Give --lan or --host, not both."),
        (["serve", "--token", TOKEN, "--no-token"], "Give --token or --no-token, not both."),
        (["serve", "--token", TOKEN, "--token-file", "t"], "Give --token or --token-file, not"),
        (["serve", "--token-file", "t", "--no-token"], "Give --token-file or --no-token, not"),
        (["serve", "--token", "7351"], "--token: A token has at least 16 characters."),
        (["serve", "--token-file", "no/such"], "The token's file cannot be read: No such file"),
        (["serve", "--por", "80"], "No such option"),
    ],
)
def test_wrong_lines_are_refused_with_a_sentence_and_status_2(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith(f"digitapp: {sentence}")


def test_a_wrong_word_is_told_with_where_help_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["serve", "--por", "80"])
    assert capsys.readouterr().err.endswith(" See `digitapp serve --help`.\n")


@pytest.mark.parametrize("argv", [["serve"], ["recognize", "a.png"], []])
def test_a_wrong_variable_is_one_line_and_status_2(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "one_digit" if "recognize" in argv else "slots"
    monkeypatch.setenv(f"DIGITAPP_{name.upper()}", "many")
    assert main(argv) == 2
    assert capsys.readouterr().err == (
        f"digitapp: DIGITAPP_{name.upper()}='many' is not a value for {name}.\n"
    )


@pytest.mark.parametrize("row", config.SETTINGS, ids=lambda row: row.name)
def test_help_tells_every_setting_with_its_variable(
    row: config.Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("serve", "recognize"):
        assert main([command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"{row.option} " in text
    assert f"{row.help} [env var: {row.variable}" in text


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_the_commands(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0
    text = capsys.readouterr().out
    assert "  serve      Serve the page and the API until Ctrl-C or SIGTERM.\n" in text
    assert "  recognize  Print what pictures say, a line each, in order.\n" in text
    assert (
        "    digitapp recognize scans/ a.png   print what the pictures say, a line each\n" in text
    )
    assert "--reader" not in text
