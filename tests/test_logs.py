"""The log: what is in it, what never is, that it stays small, and that nothing fails for it."""

import io
import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from digitapp import log_files, logs
from digitapp.errors import Unavailable
from digitapp.logs import AccessLog
from digitapp.web.http import replies
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from tests.web import client

posix = pytest.mark.skipif(sys.platform == "win32", reason="asks for POSIX' permissions")

NEVER = ["secret", "Bearer", "holiday.png", "one_digit"]
"""What the requests of these tests carry and no log may hold."""


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers 200 with two bytes, or fails before or after it has begun to answer."""
    if environ["PATH_INFO"] == "/fault":
        raise KeyError("fault")
    status = "204 No Content" if environ["PATH_INFO"] == "/none" else "200 OK"
    start_response(status, [] if status[0:3] == "204" else [("content-length", "2")], None)
    return [b"ok"]


def ask(path: str, method: str = "GET", **more: str) -> list[bytes]:
    """Pass a request through the layer, with all that must not be noted."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "one_digit=1&token=secret",
        "REQUEST_URI": f"{path}?token=secret",
        "REMOTE_ADDR": "192.168.1.7",
        "HTTP_AUTHORIZATION": "Bearer secret",
        "HTTP_USER_AGENT": "holiday.png",
        **more,
    }
    return list(AccessLog(app)(environ, lambda *_: io.BytesIO().write))


def lines(folder: Path, name: str = "test.log") -> list[str]:
    """The entries without their time, which each must have."""
    found = (folder / name).read_text(encoding="utf-8").splitlines()
    return [line[24:] if line[:4].isdigit() and line[23] == " " else line for line in found]


def noted(folder: Path) -> list[str]:
    """The requests of a log, without the milliseconds."""
    start = "INFO digitapp.access: "
    return [
        line.removeprefix(start).rpartition(" B ")[0]
        for line in lines(folder, "test.requests.log")
        if line.startswith(start)
    ]


class TestStart:
    def test_start_and_end_are_noted(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path / "new" / "folder")):
            pass
        first, last = lines(tmp_path / "new" / "folder")
        assert first.startswith("INFO digitapp: test of digitapp ")
        assert first.endswith(f"process {os.getpid()}")
        assert last == "INFO digitapp: test ends"

    def test_the_user_s_own_folder_is_the_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("XDG_STATE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setenv("HOME", str(tmp_path))
        with logs.start("test"):
            pass
        [path] = tmp_path.rglob("test.log")
        assert "digitapp" in path.parts[len(tmp_path.parts) :]

    @posix
    def test_it_is_closed_to_other_users(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path / "logs")):
            pass
        assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "logs" / "test.log").stat().st_mode) == 0o600

    def test_a_later_start_goes_on_in_the_same_file(self, tmp_path: Path) -> None:
        for _ in range(3):
            with logs.start("test", str(tmp_path)):
                pass
        assert len(lines(tmp_path)) == 6

    def test_two_at_a_time_have_a_file_each(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with logs.start("test", str(tmp_path)), logs.start("test", str(tmp_path)):
            assert len(lines(tmp_path, "test-2.log")) == 1
        assert capsys.readouterr().err == ""

    def test_everything_is_as_it_was_afterwards(self, tmp_path: Path) -> None:
        def state() -> list[object]:
            loggers = [logging.getLogger(name) for name in ("", "digitapp", "waitress")]
            settings = [(logger.level, logger.handlers[:]) for logger in loggers]
            return [threading.excepthook, *settings]

        before = state()
        with logs.start("test", str(tmp_path)):
            assert state() != before
        assert state() == before

    @pytest.mark.parametrize("name", ["file/logs", "file"])
    def test_a_folder_that_cannot_be_written_is_a_sentence(
        self, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").touch()
        with logs.start("test", str(tmp_path / name)):
            ask("/")
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("digitapp: There is no log: ")

    def test_with_every_file_taken_it_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(log_files, "SIDE_BY_SIDE", 1)
        with logs.start("test", str(tmp_path)), logs.start("test", str(tmp_path)):
            pass
        assert "1 programs have theirs already" in capsys.readouterr().err


class TestAccess:
    @pytest.mark.parametrize(
        ("request_", "noted_as"),
        [
            (("/api/recognize", "POST"), "192.168.1.7 POST /api/recognize 200 2"),
            (("/", "HEAD"), "192.168.1.7 HEAD / 200 0"),
            (("/none", "GET"), "192.168.1.7 GET /none 204 0"),
            (("/a b\r\n2026 INFO x", "GET"), "192.168.1.7 GET /a%20b%0D%0A2026%20INFO%20x 200 2"),
            (("/\x1b[31m\u00e4", "GET"), "192.168.1.7 GET /%1B%5B31m%E4 200 2"),
            (("/" + "a" * 5000, "GET"), f"192.168.1.7 GET /{'a' * 199} 200 2"),
            (("/", "A" * 5000), ""),
        ],
    )
    def test_a_request_is_a_line(
        self, tmp_path: Path, request_: tuple[str, str], noted_as: str
    ) -> None:
        with logs.start("test", str(tmp_path)):
            assert ask(*request_) == [b"ok"]
        assert noted(tmp_path)[0].startswith(noted_as)
        assert all(len(line) < log_files.MAX_LINE + 100 for line in lines(tmp_path))

    def test_what_is_secret_is_never_noted(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path)):
            ask("/")
            with pytest.raises(KeyError):
                ask("/fault")
        text = (tmp_path / "test.log").read_text()
        assert not [word for word in NEVER if word in text]

    def test_a_fault_of_the_app_is_noted_as_500(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path)), pytest.raises(KeyError):
            ask("/fault")
        assert noted(tmp_path) == ["192.168.1.7 GET /fault 500 0"]

    def test_the_milliseconds_are_those_of_the_app(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path)):
            logs.note("::1", "GET", "/", "200", "2", time.perf_counter() - 1.25)
        took_ms = float(lines(tmp_path, "test.requests.log")[0].split(" B ")[1].removesuffix(" ms"))
        assert 1250 <= took_ms < 60_000

    def test_without_a_log_nothing_is_noted(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert ask("/") == [b"ok"]
        assert capfd.readouterr() == ("", "")

    def test_requests_of_many_threads_are_all_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log_files, "MAX_FILE", 5_000)
        monkeypatch.setattr(log_files, "KEPT", 100)
        with logs.start("test", str(tmp_path)):
            threads = [
                threading.Thread(target=lambda: [ask("/") for _ in range(50)]) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        files = sorted(tmp_path.glob("test.requests.log*"))
        assert sum(path.read_text().count(" GET / 200 2 B ") for path in files) == 400
        assert len(files) > 5


class TestEntries:
    def test_the_log_stays_small(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(log_files, "MAX_FILE", 10_000)
        with logs.start("test", str(tmp_path)):
            for _ in range(2000):
                ask("/")
        sizes = [path.stat().st_size for path in tmp_path.glob("test.requests.log*")]
        assert len(sizes) == log_files.KEPT + 1
        assert max(sizes) < 11_000

    def test_many_requests_push_out_nothing_that_matters(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log_files, "MAX_FILE", 10_000)
        with logs.start("test", str(tmp_path)):
            logs.log.info("Sharing is on.")
            for number in range(2000):
                logs.note("192.0.2.7", "GET", "/api/model", "401", "9", time.perf_counter())
                ask(f"/{number}")
        assert lines(tmp_path)[1:] == [
            "INFO digitapp: Sharing is on.",
            "INFO digitapp: 192.0.2.7: refused with 401",
            "INFO digitapp: 192.0.2.7: refused 1999 more times with 401",
            "INFO digitapp: test ends",
        ]

    def test_an_unforeseen_error_is_there_with_its_traceback(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(ZeroDivisionError), logs.start("test", str(tmp_path)):
            _ = 1 / 0
        entry = lines(tmp_path)
        assert entry[1] == "ERROR digitapp: A fault ends the program."
        assert entry[2] == "    Traceback (most recent call last):"
        assert entry[-2] == "    ZeroDivisionError: division by zero"
        assert entry[-1] == "INFO digitapp: test ends"
        assert capsys.readouterr().err == ""  # Python itself prints it

    @pytest.mark.parametrize(
        "error", [Unavailable("Port 1 is taken."), KeyboardInterrupt(), SystemExit(2)]
    )
    def test_what_people_are_told_is_no_fault(self, tmp_path: Path, error: BaseException) -> None:
        with pytest.raises(type(error)), logs.start("test", str(tmp_path)):
            raise error
        assert len(lines(tmp_path)) == 2

    def test_a_thread_s_error_is_there_too(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with logs.start("test", str(tmp_path)):
            thread = threading.Thread(target=lambda: [][0])
            thread.start()
            thread.join()
        assert "ERROR digitapp: A fault ends a thread." in lines(tmp_path)
        assert "    IndexError: list index out of range" in lines(tmp_path)
        assert "IndexError" in capsys.readouterr().err

    def test_other_libraries_warn_in_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with logs.start("test", str(tmp_path)):
            logging.getLogger("waitress").warning("careful\x1b[2J")
            logging.getLogger("PIL.Image").debug("a detail")
            logging.getLogger("PIL.Image").warning("odd")
        told = ["WARNING waitress: careful\\x1b[2J", "WARNING PIL.Image: odd"]
        assert lines(tmp_path)[1:-1] == told
        assert capsys.readouterr().err == "careful\\x1b[2J\n"

    def test_no_entry_can_pass_for_another(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path)):
            logs.log.info("bad\r\n2026-01-01 00:00:00,000 INFO digitapp: forged \x1b[2J\u2028")
            logs.log.info("long %s", "a" * 10_000)
            logs.log.info("many %s", "\n" * 10_000)
        text = (tmp_path / "test.log").read_text(encoding="utf-8")
        assert "\n    2026-01-01 00:00:00,000 INFO digitapp: forged \\x1b[2J\\u2028\n" in text
        assert "\r" not in text
        assert len(text) < 5_000

    def test_a_traceback_tells_no_picture_s_name(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret" / "holiday.png"
        with pytest.raises(RuntimeError), logs.start("test", str(tmp_path)):
            try:
                secret.read_bytes()
            except FileNotFoundError as error:
                raise RuntimeError("It failed.") from error
        text = (tmp_path / "test.log").read_text()
        assert "No such file or directory: (a file)" in text
        assert "holiday.png" not in text

    def test_a_disk_that_is_full_is_told_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with logs.start("test", str(tmp_path)):
            with monkeypatch.context() as patch:
                patch.setattr(log_files.File, "shouldRollover", fail)
                for _ in range(3):
                    assert ask("/") == [b"ok"]
            ask("/")
        (line,) = capsys.readouterr().err.splitlines()
        assert line == "digitapp: The log cannot be written: [Errno 28] No space left on device"
        assert len(noted(tmp_path)) == 1


@posix
def test_a_program_that_was_killed_leaves_its_file_free(tmp_path: Path) -> None:
    code = (
        "import sys; from digitapp import logs\n"
        "with logs.start('test', sys.argv[1]): print('there', flush=True); sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.kill()
    with logs.start("test", str(tmp_path)):
        pass
    assert len(lines(tmp_path)) == 3
    assert not (tmp_path / "test-2.log").exists()


def test_an_unforeseen_error_behind_the_web_is_told_once_with_its_path_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Flask("digitapp.web")
    app.register_error_handler(HTTPException, replies.for_http_exception)
    app.add_url_rule("/fault", view_func=lambda: str(1 // 0))
    app.wsgi_app = AccessLog(app.wsgi_app)  # type: ignore[method-assign]
    with logs.start("test", str(tmp_path)):
        server = Server(app, bind("127.0.0.1", 0), threads=2)
        server.start()
        answer = client.ask(server.url, "GET", "/fault?token=secret")
        gone = client.ask(server.url, "GET", "/static/none.png?token=secret")
        server.stop()
    assert (answer.status, answer.code) == (500, "internal-error")
    text = (tmp_path / "test.log").read_text()
    assert "ERROR digitapp.web: Exception on /fault [GET]\n    Traceback " in text
    assert text.count("    ZeroDivisionError: ") == 1
    assert capsys.readouterr().err.count("ZeroDivisionError: ") == 1
    assert "secret" not in text
    assert noted(tmp_path) == [
        f"127.0.0.1 GET /fault 500 {len(answer.body)}",
        f"127.0.0.1 GET /static/none.png 404 {len(gone.body)}",
    ]


class TestJson:
    """Lines that are JSON: the same entries, the same privacy, and no forged line."""

    def entries(self, folder: Path, name: str = "test.requests.log") -> list[dict[str, Any]]:
        text = (folder / name).read_text(encoding="ascii")
        return [json.loads(line) for line in text.splitlines()]

    def test_a_request_has_its_fields(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path), "json"):
            ask("/api/recognize", "POST")
        [entry] = self.entries(tmp_path)
        when = datetime.fromisoformat(entry.pop("time"))
        assert when.utcoffset() == timedelta(0)
        assert abs(when - datetime.now(UTC)) < timedelta(minutes=5)
        ms = entry.pop("ms")
        assert entry == {
            "level": "INFO",
            "logger": "digitapp.access",
            "message": f"192.168.1.7 POST /api/recognize 200 2 B {ms:.1f} ms",
            "sender": "192.168.1.7",
            "method": "POST",
            "path": "/api/recognize",
            "status": 200,
            "bytes": 2,
        }

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", '/x\r\n{"level": "INFO", "message": "forged"}'),
            ("GET", '/", "status": 200, "path": "'),
            ('G\n{"level": "x"}\u2028', "/\u2028\u0085\x1b[31m"),
            ("A" * 5000, "/" + "a" * 5000),
        ],
    )
    def test_nobody_forges_a_line_or_a_field(self, tmp_path: Path, method: str, path: str) -> None:
        with logs.start("test", str(tmp_path), "json"):
            ask(path, method, REMOTE_ADDR="192.0.2.1")
        [entry] = self.entries(tmp_path)
        assert (entry["status"], entry["sender"]) == (200, "192.0.2.1")
        assert entry["path"].startswith("/")
        assert len(json.dumps(entry)) < 4 * log_files.MAX_LINE
        text = (tmp_path / "test.requests.log").read_bytes()
        assert text.count(b"\n") == 1
        assert b"\x1b" not in text

    def test_a_fault_is_one_line_with_its_trace(self, tmp_path: Path) -> None:
        with logs.start("test", str(tmp_path), "json"):
            try:
                (tmp_path / NEVER[2]).open()
            except OSError:
                logs.log.exception("A fault.\nAnd a second line")
            with pytest.raises(KeyError):
                ask("/fault")
        first, fault, last = self.entries(tmp_path, "test.log")
        assert (first["level"], fault["level"]) == ("INFO", "ERROR")
        assert fault["message"] == "A fault.\nAnd a second line"
        assert "FileNotFoundError" in fault["exception"]
        assert last["message"] == "test ends"
        text = (tmp_path / "test.log").read_text() + (tmp_path / "test.requests.log").read_text()
        assert not [word for word in NEVER if word in text]

    def test_what_people_read_on_the_terminal_stays_text(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with logs.start("test", str(tmp_path), "json"):
            logs.log.warning("Look here.")
        assert capsys.readouterr().err == "Look here.\n"


class TestStandardError:
    """Where there is no folder to write, as in a container."""

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_both_logs_go_there_each_entry_once(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        form: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with logs.start("test", "-", form):
            ask("/")
            logs.log.warning("Look here.")
            logging.getLogger("waitress").warning("And there.")
        first, request, look, there, last = capsys.readouterr().err.splitlines()
        assert "test of digitapp" in first
        assert "192.168.1.7 GET / 200 2 B" in request
        assert "Look here." in look
        assert "And there." in there
        assert "test ends" in last
        assert list(tmp_path.iterdir()) == []
        if form == "json":
            assert json.loads(look)["level"] == "WARNING"
        else:
            assert look[:4].isdigit()

    def test_nobody_who_reads_it_is_no_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = io.StringIO()
        monkeypatch.setattr(sys, "stderr", closed)
        with logs.start("test", "-"):
            closed.close()
            assert ask("/") == [b"ok"]
