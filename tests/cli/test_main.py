"""The command line: in this process, and in one of its own for signals, pipes and streams."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import digitapp
from digitapp.cli.main import main
from digitapp.desktop import window
from digitapp.errors import Unavailable
from digitapp.jobs import pool
from tests import drawings
from tests.cli.program import TIMEOUT_S, running

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")


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


@pytest.mark.parametrize(
    ("line", "offered"),
    [("digitapp rec", "recognize"), ("digitapp recognize --man", "--manifest")],
)
def test_the_shell_completes_what_is_begun(
    line: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_DIGITAPP_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    assert main([]) == 0
    assert capsys.readouterr().out == f"plain,{offered}\n"


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
