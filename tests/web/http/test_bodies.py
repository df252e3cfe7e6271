"""The files that bodies wait in: they are closed at once, and a full disk is told."""

import errno
import gc
import io
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from waitress import buffers  # type: ignore[import-untyped]

from tests.drawings import png
from tests.web.client import TOKEN, ask, raw
from tests.web.processes import wait_until
from tests.web.servers import serving

LARGE = 1 << 20
HEAD = f"POST /api/recognize HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
LONG = f"{HEAD}Content-Length: {2 * LARGE}\r\n\r\n".encode()
CHUNKED = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{2 * LARGE:x}\r\n".encode()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every file that a body has been written to."""
    made: list[Any] = []

    def make(buffer: buffers.TempfileBasedBuffer) -> Any:
        made.append(tempfile.TemporaryFile("w+b"))  # noqa: SIM115 (the buffer closes it)
        return made[-1]

    monkeypatch.setattr(buffers.TempfileBasedBuffer, "newfile", make)
    return made


@contextmanager
def no_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def upload(port: int, head: bytes, end: ExitStack) -> socket.socket:
    """A connection that has sent half of a large body."""
    sock = end.enter_context(socket.create_connection(("127.0.0.1", port), 10))
    sock.sendall(head + bytes(LARGE))
    return sock


@pytest.mark.parametrize("head", [LONG, CHUNKED])
def test_uploads_that_break_off_leave_no_file(tiny: Flask, files: list[Any], head: bytes) -> None:
    with serving(tiny) as server, no_collector():
        with ExitStack() as end:
            for _ in range(10):
                upload(server.port, head, end)
            assert wait_until(lambda: len(files) == 10)
            assert not any(file.closed for file in files)
        assert wait_until(lambda: all(file.closed for file in files))


def test_a_body_that_waits_for_a_thread_goes_with_its_sender(files: list[Any]) -> None:
    app = Flask("stuck")
    entered, free = threading.Event(), threading.Event()

    @app.get("/stuck")
    def stuck() -> str:
        entered.set()
        free.wait(10)
        return "done"

    with serving(app, threads=1) as server, no_collector(), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, server.url, "GET", "/stuck")
        assert entered.wait(10)
        with ExitStack() as end:
            upload(server.port, LONG, end).sendall(bytes(LARGE))
            assert wait_until(lambda: len(server._waitress.active_channels) == 2)
            assert wait_until(lambda: len(files) == 1)
            waiting = server._waitress.active_channels.values()
            assert wait_until(lambda: all(each.requests for each in waiting))
        # It is not read from while its request waits, so its end shows when the server cuts it.
        for each in list(waiting):
            each.will_close |= each.answering is None
        server._waitress.pull_trigger()
        assert wait_until(lambda: files[0].closed)
        free.set()
        assert answer.result(10).body == b"done"


def test_a_body_that_is_being_read_is_left_to_its_thread(
    files: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("slow")
    entered, free, read = threading.Event(), threading.Event(), []

    @app.post("/api/recognize")
    def slow() -> str:
        entered.set()
        free.wait(10)
        read.append(len(request.get_data()))
        return "done"

    with serving(app, threads=1) as server:
        with ExitStack() as end:
            upload(server.port, LONG, end).sendall(bytes(LARGE))
            assert entered.wait(10)
            for each in list(server._waitress.active_channels.values()):
                each.will_close = True
            server._waitress.pull_trigger()
            assert wait_until(lambda: not server._waitress.active_channels)
        free.set()
        assert wait_until(lambda: files[0].closed)
    assert read == [2 * LARGE]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


class Full(io.BytesIO):
    """A file on a full disk: it fails when it is written, and again when it is closed."""

    def write(self, data: Any) -> int:  # noqa: ARG002
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        super().close()
        raise OSError(errno.ENOSPC, "No space left on device")


def no_file() -> Any:
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


def too_many() -> Any:
    raise OSError(errno.EMFILE, "Too many open files")


FAILURES = {
    "written": (Full, "no room on the server's disk"),
    "made": (no_file, "no room on the server's disk"),
    "opened": (too_many, "busy"),
}


@pytest.mark.parametrize(("file", "sentence"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_the_disk_does_not_take_is_refused(
    tiny: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    file: Any,
    sentence: str,
    chunked: bool,
) -> None:
    monkeypatch.setattr(buffers.TempfileBasedBuffer, "newfile", lambda _: file())
    body = png(7) + bytes(3 * LARGE)
    pieces = (body[start : start + LARGE] for start in range(0, len(body), LARGE))
    with serving(tiny) as server:
        response = ask(server.url, "POST", "/api/recognize", pieces if chunked else body)
        assert (response.status, response.code) == (503, "busy")
        assert sentence in response.sentence
        assert response.headers["Connection"] == "close"
        assert int(response.headers["Retry-After"]) > 0
        assert ask(server.url, "POST", "/api/recognize", png(7)).status == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_small_bodies_and_all_answers_need_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("large")

    @app.post("/api/recognize")
    def large() -> bytes:
        return bytes(8 * LARGE)

    monkeypatch.setattr(buffers.TempfileBasedBuffer, "newfile", lambda _: Full())
    body = b"Connection: close\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
    with serving(app) as server:
        assert len(raw(server.url, HEAD.encode() + body)) > 8 * LARGE


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc: run it on Linux")
def test_no_descriptor_is_left(tiny: Flask) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with serving(tiny) as server, no_collector():
        assert ask(server.url, "GET", "/healthz").status == 200
        before = descriptors()
        for _ in range(3):
            with ExitStack() as end:
                for _ in range(10):
                    upload(server.port, LONG, end)
        assert wait_until(lambda: descriptors() <= before)
