"""The command line: in this process, and in one of its own for signals, pipes and streams."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import Image

import digitapp
from digitapp.cli.main import main, plain
from digitapp.config import MAX_BODY
from digitapp.desktop import window
from digitapp.errors import Unavailable
from digitapp.jobs import pool, wire
from digitapp.recognition.answer import Answer, Symbol
from digitapp.vision.types import Box, LeftOut
from tests import drawings, family
from tests.cli.program import TIMEOUT_S, running

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    path.write_bytes(drawings.png(7))
    return path


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A four on the standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(drawings.png(4))))


class TestStart:
    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out == f"digitapp {digitapp.__version__}\n"

    def test_help_and_version_import_nothing_heavy(self) -> None:
        code = (
            "import sys, digitapp.cli.main\n"
            "for option in ('--version', '--help'): assert digitapp.cli.main.main([option]) == 0\n"
            "heavy = {'numpy', 'PIL', 'flask', 'waitress', 'webview', 'ai_edge_litert'}\n"
            "print('heavy:', sorted(heavy & set(sys.modules)))\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "heavy: []", done

    def test_works_without_a_console(self, seven: Path) -> None:
        code = (
            "import sys; sys.stdin = sys.stdout = sys.stderr = None\n"
            "from digitapp.cli.main import main\n"
            f"status = main(['recognize', {str(seven)!r}, 'gone.png'])\n"
            "sys.exit(40 + status + main(['--help']) + main(['--version']))\n"
        )
        assert subprocess.run([sys.executable, "-c", code]).returncode == 41

    def test_an_unknown_engine_is_one_line_and_status_2(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--engine", "abacus"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "'abacus'" in line

    def test_a_missing_model_is_one_line_and_status_2(
        self, seven: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def missing(*_: object) -> None:
            raise FileNotFoundError("digits.tflite is in none of a, b; install again.")

        monkeypatch.setattr(pool, "asset", missing)
        assert main(["recognize", str(seven)]) == 2
        assert capsys.readouterr().err.startswith("digitapp: digits.tflite is in none of")


class TestRecognize:
    def test_says_what_a_picture_says(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven)]) == 0
        assert capsys.readouterr().out == f"{seven}: 7\n"

    def test_reads_folders_in_order(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for digit in (3, 1, 4):
            (tmp_path / f"{digit}.png").write_bytes(drawings.png(digit))
        assert main(["recognize", str(tmp_path)]) == 0
        lines = [line.rsplit(os.sep, 1)[1] for line in capsys.readouterr().out.splitlines()]
        assert lines == ["1.png: 1", "3.png: 3", "4.png: 4"]

    def test_an_empty_picture_says_that_there_is_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Image.new("L", (50, 50), 255).save(tmp_path / "white.png")
        assert main(["recognize", str(tmp_path / "white.png")]) == 0
        assert capsys.readouterr().out.endswith("white.png: (nothing to read)\n")

    def test_a_failure_is_a_line_and_the_others_go_on(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = tmp_path / "notes.txt"
        text.write_text("seven")
        gone, folder = tmp_path / "gone.png", tmp_path / "folder"
        folder.mkdir()
        assert main(["recognize", *map(str, (text, gone, folder, seven))]) == 1
        out, err = capsys.readouterr()
        assert out == f"{seven}: 7\n"
        assert [line.split(": ")[0] for line in err.splitlines()] == [
            str(text),
            str(gone),
            str(folder),
        ]

    def test_a_file_over_the_bound_is_refused(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "large.png"
        path.touch()
        os.truncate(path, MAX_BODY + 1)
        assert main(["recognize", str(path), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "too-large"

    def test_a_name_cannot_command_the_terminal(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(tmp_path / "a\n\x1b[31m\udcffé.png")]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "a\\n\\x1b[31m\\udcffé.png: There is no such file." in line

    def test_one_digit_takes_all_ink_as_one(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pair = Image.new("L", (600, 280), 255)
        pair.paste(drawings.draw(1), (0, 0))
        pair.paste(drawings.draw(7), (320, 0))
        pair.save(tmp_path / "pair.png")
        main(["recognize", str(tmp_path / "pair.png"), "--json"])
        main(["recognize", str(tmp_path / "pair.png"), "--json", "--one-digit"])
        many, one = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        assert many["text"] == "17"
        assert len(one["symbols"]) == 1

    @pytest.mark.usefixtures("piped")
    def test_reads_the_standard_input(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["recognize", "-"]) == 0
        assert capsys.readouterr().out == "-: 4\n"


class TestJson:
    def test_a_line_is_the_answer_with_its_file(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert list(answer) == [
            *("file", "text", "doubt", "symbols", "numbers", "left_out"),
            *("turned", "width", "height", "model", "elapsed_ms"),
        ]
        assert (answer["file"], answer["text"]) == (str(seven), "7")
        assert (answer["width"], answer["height"]) == (280, 280)
        assert "input" not in answer["symbols"][0]

    def test_input_adds_what_the_cnn_saw(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--json", "--input"]) == 0
        (digit,) = json.loads(capsys.readouterr().out)["symbols"]
        assert len(base64.b64decode(digit["input"])) == 784

    def test_a_failure_is_a_line_too(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = tmp_path / "gone.png"
        assert main(["recognize", str(gone), str(seven), "--json"]) == 1
        out, err = capsys.readouterr()
        first, second = (json.loads(line) for line in out.splitlines())
        message = "There is no such file."
        assert first == {"file": str(gone), "error": {"code": "not-found", "message": message}}
        assert second["text"] == "7"
        assert err == ""


class TestStages:
    def test_the_pictures_go_into_the_folder_and_the_answers_stay(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        other = tmp_path / "other" / "seven.png"
        other.parent.mkdir()
        other.write_bytes(drawings.png(1))
        folder = tmp_path / "made" / "here"
        assert main(["recognize", "--stages", str(folder), str(seven), str(other)]) == 0
        assert capsys.readouterr().out == f"{seven}: 7\n{other}: 1\n"
        assert sorted(path.name for path in folder.iterdir()) == [
            f"{stem}-{stage}.png"
            for stem in ("seven (2)", "seven")
            for stage in ("1-grey", "2-ink", "3-marks", "4-input")
        ]

    def test_nothing_is_written_of_a_picture_that_cannot_be_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "made"
        assert main(["recognize", "--stages", str(folder), str(tmp_path / "gone.png")]) == 1
        assert list(folder.iterdir()) == []

    def test_a_folder_that_cannot_be_made_is_one_line_and_status_2(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", "--stages", str(seven), str(seven)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"digitapp: The folder {str(seven)!r} cannot be made: ")

    def test_a_picture_that_cannot_be_written_is_a_line_and_the_others_go_on(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one = tmp_path / "one.png"
        one.write_bytes(drawings.png(1))
        (tmp_path / "made" / "seven-1-grey.png").mkdir(parents=True)
        assert main(["recognize", "--stages", str(tmp_path / "made"), str(seven), str(one)]) == 1
        out, err = capsys.readouterr()
        assert out == f"{one}: 1\n"
        assert "seven-1-grey.png' cannot be written" in err

    @pytest.mark.usefixtures("piped")
    def test_the_standard_input_has_its_pictures_too(self, tmp_path: Path) -> None:
        assert main(["recognize", "--stages", str(tmp_path), "-"]) == 0
        assert (tmp_path / "picture-3-marks.png").is_file()


def symbol(text: str, second: str = "0", *, doubtful: bool = False) -> Symbol:
    alternatives = ((text, 0.7), (second, 0.3))
    return Symbol(text, 0.7, doubtful, alternatives, None, Box(0, 0, 1, 1), 0, 0, bytes(784))


def doubt(best: str, second: str) -> Symbol:
    return symbol(best, second, doubtful=True)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "(nothing to read)"),
        ([["7"]], "7"),
        ([[doubt("7", "1")]], "7 (or 1?)"),
        ([["2", "0", doubt("2", "7"), "4"]], "2024 (or 2074?)"),
        ([["1", "2"], ["3"]], "12 / 3"),
        ([["1", "?"]], "1? [look at it: 1 not read]"),
        ([[doubt("1", "7"), doubt("4", "9")]], "14 (or 74, 19?)"),
        ([[doubt("1", "7")] * 4], "1111 (or 7111, 1711, 1171, ...?)"),
        ([["3", doubt(".", ","), "5"]], "3.5 (or 3,5?)"),
    ],
)
def test_plain_text_shows_rows_and_doubt(rows: Sequence[Sequence[str | Symbol]], text: str) -> None:
    symbols = [
        replace(symbol(each) if isinstance(each, str) else each, row=number, number=number)
        for number, row in enumerate(rows)
        for each in row
    ]
    assert plain(answer_of(symbols)) == text


def answer_of(symbols: Sequence[Symbol], *left_out: str) -> dict[str, Any]:
    parts = tuple(LeftOut(Box(0, 0, 1, 1), why) for why in left_out)
    return Answer(tuple(symbols), parts, False, 0, 10, 10, "digits", 1.0).to_json()


def test_plain_text_keeps_numbers_apart_and_doubt_in_its_place() -> None:
    row = [symbol("1"), replace(doubt("2", "7"), number=1), replace(symbol("3"), number=1)]
    assert plain(answer_of(row)) == "1 23 (or 1 73?)"


def test_plain_text_says_what_was_left_out_and_may_be_writing() -> None:
    said = plain(answer_of([symbol("7")], "ruling", "speck", "picture"))
    assert said == "7 [look at it: 1 left out that may be writing]"
    assert plain(answer_of([], "ruling")) == "(nothing to read)"


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process: run it on Linux or macOS")
def test_a_picture_that_breaks_its_reader_is_a_line_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for digit in (3, 1, 4):
        (tmp_path / f"{digit}.png").write_bytes(drawings.png(digit))
    send, broken = wire.send_bunch, drawings.png(3)

    def breaking(pipe: IO[bytes], how: wire.How, pictures: Sequence[wire.Picture]) -> None:
        if broken in pictures:
            [reader] = set(family.members(os.getpid())) - before
            os.kill(reader, signal.SIGPROF)
        send(pipe, how, pictures)

    before = set(family.members(os.getpid()))
    monkeypatch.setattr(wire, "send_bunch", breaking)
    assert main(["recognize", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert [line[-1] for line in out.splitlines()] == ["1", "4"]
    assert "takes too long" in err
    assert set(family.members(os.getpid())) == before


class TestOutput:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
    @pytest.mark.parametrize("arguments", [["recognize", "-"], ["--version"]])
    def test_a_full_disk_is_a_sentence_and_a_status(self, arguments: list[str]) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "digitapp", *arguments],
                input=drawings.png(4),
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=TIMEOUT_S,
            )
        assert done.returncode == 74
        assert done.stderr == b"digitapp: The output cannot be written: No space left on device.\n"

    def test_each_line_leaves_at_once_and_the_input_is_read_to_its_end(self, seven: Path) -> None:
        with running("recognize", seven, "-") as process:
            assert process.stdout
            assert process.stdout.readline() == f"{seven}: 7\n"  # while `-` is still open
            assert process.poll() is None
            assert isinstance(process.stdin, io.TextIOWrapper)
            process.stdin.buffer.write(drawings.png(4))
            assert process.communicate(timeout=TIMEOUT_S) == ("-: 4\n", "")
            assert process.returncode == 0

    @needs_signals
    def test_ctrl_c_ends_with_130_and_no_traceback(self, seven: Path) -> None:
        with running("recognize", seven, "-") as process:
            assert process.stdout
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=TIMEOUT_S)
            assert process.returncode == 130
            assert "Traceback" not in err

    @needs_signals
    def test_a_closed_pipe_ends_quietly(self, seven: Path) -> None:
        with running("recognize", *[seven] * 50) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            err = process.stderr.read()
            assert process.wait(TIMEOUT_S) == 141
            assert "Traceback" not in err
            assert "BrokenPipe" not in err


class TestWindow:
    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Path], str]]:
        calls: list[tuple[list[Path], str]] = []

        def run(files: list[Path], engine_name: str) -> int:
            calls.append((files, engine_name))
            return 0

        monkeypatch.setattr(window, "run", run)
        return calls

    def test_is_what_opens_without_a_command(
        self, opened: list[tuple[list[Path], str]], seven: Path
    ) -> None:
        assert main([]) == 0
        assert main([str(seven), "gone.png"]) == 0
        assert main(["window", str(seven.parent)]) == 0
        assert opened == [
            ([], "litert"),
            ([seven, Path("gone.png")], "litert"),
            ([seven], "litert"),
        ]

    def test_what_it_cannot_do_without_is_one_line_and_status_2(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def run(*_: object) -> int:
            raise Unavailable("No.")

        monkeypatch.setattr(window, "run", run)
        assert main([]) == 2
        assert capsys.readouterr().err == "digitapp: No.\n"
