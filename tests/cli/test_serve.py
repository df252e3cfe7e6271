"""`digitapp serve`: what it prints, whom it lets in, and how it ends.

Most tests run it in this process and with its reader: `during` is called while it serves.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, Protocol

import pytest

import digitapp.cli.serve as command
from digitapp.cli.main import main
from digitapp.engine import Engine
from digitapp.jobs.reader import Here
from digitapp.web import serve as wiring
from tests.cli.program import TIMEOUT_S, running
from tests.web.client import BEARER, TOKEN, ask
from tests.web.processes import wait_until

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")

OWN = re.compile(r"Open (http://127\.0\.0\.1:(\d+)/)#token=(\S+)  \(Ctrl-C stops it\)\n")
"""How the program tells its address: the URL, the port and the token."""


class Served(NamedTuple):
    """How a run of the command ended, and what it printed."""

    status: int
    out: str
    err: str


class Draining(NamedTuple):
    """A server that drains: its address, its process, and a connection that was open before."""

    url: str
    process: "subprocess.Popen[str]"
    kept: http.client.HTTPConnection


class Serve(Protocol):
    """Runs the command until `during`, which is given what it has printed so far, returns."""

    def __call__(self, *options: str, during: Callable[[str], None] = ...) -> Served: ...


@pytest.fixture
def serve(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Serve]:
    monkeypatch.setattr(wiring, "make_reader", lambda *_: Here(engine))

    def run(*options: str, during: Callable[[str], None] = lambda _: None) -> Served:
        begin = ("", "")

        def sleep(_: float) -> None:
            nonlocal begin
            begin = capsys.readouterr()
            during(begin[0])
            raise KeyboardInterrupt

        monkeypatch.setattr(command, "time", SimpleNamespace(sleep=sleep))
        status = main(["serve", *options])
        end = capsys.readouterr()
        return Served(status, begin[0] + end.out, begin[1] + end.err)

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


@needs_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    with running("serve", "--port", "0") as process:
        assert process.stdout
        found = OWN.fullmatch(process.stdout.readline())
        assert found
        with urllib.request.urlopen(f"{found[1]}healthz") as reply:  # noqa: S310
            assert reply.status == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0
        assert "Traceback" not in err


@contextmanager
def draining(drain_s: float, number: signal.Signals = signal.SIGTERM) -> Iterator[Draining]:
    """A server that has got a signal while a connection to it was open."""
    options = ("--port", "0", "--token", TOKEN, "--drain-s", str(drain_s))
    with running("serve", *options) as process:
        assert process.stdout
        found = OWN.fullmatch(process.stdout.readline())
        assert found
        kept = http.client.HTTPConnection("127.0.0.1", int(found[2]), timeout=TIMEOUT_S)
        with closing(kept):
            kept.request("GET", "/readyz")
            assert kept.getresponse().read() == b"ready\n"
            process.send_signal(number)
            yield Draining(found[1], process, kept)


@needs_signals
def test_while_it_drains_it_is_not_ready_and_still_reads(seven: Path) -> None:
    with draining(4) as (url, process, kept):
        assert wait_until(lambda: ask(url, "GET", "/readyz").status == 503)
        refused = ask(url, "GET", "/readyz", headers={})
        assert (refused.code, refused.headers["Retry-After"]) == ("busy", "5")
        assert "about to stop" in refused.sentence
        assert ask(url, "GET", "/healthz", headers={}).body == b"ok\n"
        kept.request("POST", "/api/recognize", seven.read_bytes(), BEARER)
        answer = kept.getresponse()
        assert (answer.status, json.load(answer)["text"]) == (200, "7")
        assert answer.headers["Connection"] == "close"
        process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0
        with pytest.raises(ConnectionRefusedError):
            ask(url, "GET", "/healthz")


@needs_signals
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_drain(second: signal.Signals) -> None:
    with draining(3_600) as (url, process, _):
        assert wait_until(lambda: ask(url, "GET", "/readyz").status == 503)
        process.send_signal(second)
        _, err = process.communicate(timeout=TIMEOUT_S)
        assert (process.returncode, err) == (0, "")


@needs_signals
def test_ctrl_c_does_not_drain() -> None:
    with draining(3_600, signal.SIGINT) as (_, process, _):
        process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0


def test_it_makes_a_token_and_is_silent_where_nothing_is_open(serve: Serve) -> None:
    status, out, err = serve("--port", "0")
    found = OWN.fullmatch(out)
    assert found
    assert len(found[3]) >= 24
    assert (status, err) == (0, "")


def test_it_takes_the_token_from_the_environment(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITAPP_TOKEN", TOKEN)
    found = OWN.fullmatch(serve("--port", "0").out)
    assert found
    assert found[3] == TOKEN


def test_it_takes_the_token_from_a_file(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token.txt"
    file.write_text(f"{TOKEN}\nmore\n")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    found = OWN.fullmatch(serve("--port", "0", "--token-file", str(file)).out)
    assert found
    assert found[3] == TOKEN


def test_the_token_of_a_file_stays_out_of_logs(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(TOKEN)
    served = serve("--port", "0", "--token-file", str(file))
    assert re.fullmatch(r"Open http://127\.0\.0\.1:\d+/  \(Ctrl-C stops it\)\n", served.out)
    assert TOKEN not in served.err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"7351\n", "at least 16 characters"),
        (b"\n" + TOKEN.encode(), "first line of .* is empty"),
        (b"\xff\xfe" * 20, "it is no text"),
    ],
)
def test_a_file_without_a_fit_token_is_one_line_and_status_2(
    serve: Serve, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "token.txt"
    file.write_bytes(content)
    status, out, err = serve("--port", "0", "--token-file", str(file))
    assert (status, out) == (2, "")
    assert re.search(sentence, err)
    assert "7351" not in err


def test_a_taken_port_is_one_line_and_status_2(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = serve("--port", str(port))
    assert (status, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(f"digitapp: Port {port} is taken")


def test_it_lets_the_network_in(serve: Serve) -> None:
    def ask_both(out: str) -> None:
        found = re.fullmatch(rf"{OWN.pattern}In your network: (\S+)#token={TOKEN}\n", out)
        assert found
        own, port, token, other = found.groups()
        assert token == TOKEN
        assert other.endswith(f":{port}/")
        for url in (own, other):
            request = urllib.request.Request(  # noqa: S310
                f"{url}api/share", headers={"Authorization": f"Bearer {TOKEN}"}
            )
            with urllib.request.urlopen(request) as reply:  # noqa: S310
                assert json.load(reply)["address"] == f"{other}#token={TOKEN}"

    status, out, err = serve("--port", "0", "--lan", "--token", TOKEN, during=ask_both)
    found = OWN.match(out)
    assert found
    assert status == 0
    assert "what they send is not encrypted" in err
    assert f"--to 127.0.0.1:{found[2]})" in err


@pytest.mark.parametrize(
    ("host", "others", "who"),
    [
        ("0.0.0.0", True, "Every device in reach"),
        ("127.0.0.1", False, "Every program on this machine"),
    ],
)
def test_it_says_what_no_token_means(serve: Serve, host: str, others: bool, who: str) -> None:
    status, out, err = serve("--port", "0", "--host", host, "--no-token")
    assert status == 0
    assert "#token" not in out
    assert ("Other devices can reach this server" in err) is others
    assert f"{who} can use this server: it asks for no token" in err


@needs_signals
def test_in_a_container_all_lines_are_json_and_none_has_the_token(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(TOKEN)
    options = ("--host", "0.0.0.0", "--log-dir", "-", "--log-format", "json", "--drain-s", "0")
    with running("serve", "--port", "0", "--token-file", file, *options) as process:
        assert process.stdout
        found = re.fullmatch(r"Open (\S+/)  \(Ctrl-C stops it\)\n", process.stdout.readline())
        assert found
        assert ask(found[1], "GET", "/api/model").status == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert TOKEN not in out + err
    entries = [json.loads(line) for line in err.splitlines()]
    assert [entry["level"] for entry in entries] == ["INFO", "WARNING", "INFO", "INFO"]
    assert entries[2]["path"] == "/api/model"
