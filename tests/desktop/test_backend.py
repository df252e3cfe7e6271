"""The window's server: it starts while the window opens, and early requests are answered."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digitapp.desktop import backend
from digitapp.desktop.backend import Backend
from digitapp.errors import Unavailable
from digitapp.web.inbox import Inbox
from tests import family
from tests.desktop.screen import Screen
from tests.drawings import png
from tests.web.client import ask
from tests.web.processes import wait_until

OWNER = {"Authorization": "Bearer owner"}


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What the servers wait for before they are put together."""
    event, servers = threading.Event(), backend.servers

    def late(*arguments: Any) -> Any:
        assert event.wait(20)
        return servers(*arguments)

    monkeypatch.setattr(backend, "servers", late)
    yield event
    event.set()


def fail(*_: object) -> object:
    raise Unavailable("There is no engine here.")


def test_who_comes_early_waits_and_is_answered(gate: threading.Event) -> None:
    server = Backend(Inbox(), "owner", "litert")
    server.start()
    threading.Timer(0.3, gate.set).start()
    answer = ask(server.url, "POST", "/api/recognize", png(7), OWNER)
    server.stop()
    assert answer.json["text"] == "7"


def test_it_is_waited_for(gate: threading.Event) -> None:
    server = Backend(Inbox(), "owner", "litert")
    waited = threading.Thread(target=server.wait)
    waited.start()
    waited.join(0.1)
    assert waited.is_alive()
    gate.set()
    waited.join(20)
    assert not waited.is_alive()
    server.stop()


def test_a_window_that_is_closed_at_once_stops_it_too(gate: threading.Event) -> None:
    server = Backend(Inbox(), "owner", "litert")
    server.start()
    threading.Timer(0.1, gate.set).start()
    server.stop()
    assert_gone(server)


def test_one_that_never_began_leaves_no_socket() -> None:
    server = Backend(Inbox(), "owner", "litert")
    server.stop()
    assert_gone(server)


def test_what_keeps_it_from_starting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "servers", fail)
    server = Backend(Inbox(), "owner", "litert")
    told = threading.Event()
    server.start(told.set)
    assert told.wait(5)
    for do in (server.wait, server.stop):
        with pytest.raises(Unavailable, match="no engine"):
            do()
    assert_gone(server)


def test_without_a_fault_nothing_is_told() -> None:
    server = Backend(Inbox(), "owner", "litert")
    told = threading.Event()
    server.start(told.set)
    server.wait()
    server.stop()
    assert not told.is_set()


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process: run it on Linux or macOS")
def test_a_picture_that_kills_its_reader_leaves_the_window_whole() -> None:
    before = set(family.members(os.getpid()))
    server = Backend(Inbox(), "owner", "litert")
    server.start()
    assert ask(server.url, "POST", "/api/recognize", png(7), OWNER).json["text"] == "7"
    readers = set(family.members(os.getpid())) - before
    assert readers
    for reader in readers:
        os.kill(reader, signal.SIGKILL)
    assert wait_until(lambda: not any(map(family.runs, readers)))
    assert ask(server.url, "POST", "/api/recognize", png(5), OWNER).json["text"] == "5"
    server.stop()
    assert set(family.members(os.getpid())) == before


def assert_gone(server: Backend) -> None:
    """Nobody listens there any more."""
    with pytest.raises(OSError, match="refused"):
        ask(server.url, "GET", "/healthz")


BROKEN = """\
from digitapp.cli import main
from digitapp.desktop import backend
from digitapp.errors import Unavailable
def fail(*_):
    raise Unavailable("There is no engine here.")
backend.servers = fail
raise SystemExit(main.main([]))
"""


def test_a_window_without_a_server_closes_and_says_why(screen: Screen, tmp_path: Path) -> None:
    around = screen.environment | {"DIGITAPP_LOG_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN], env=around, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == "digitapp: There is no engine here."
