import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from digitapp.engine import Engine
from digitapp.engine.litert import Floats
from digitapp.errors import Unavailable
from digitapp.web.http.server import FILES, Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from tests.drawings import png
from tests.engine.inputs import digits_alone
from tests.web.client import ask, raw
from tests.web.processes import wait_until
from tests.web.servers import make_app, serving


def open_descriptors() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_port_is_free_again_at_once(tiny: Flask) -> None:
    with serving(tiny) as server:
        assert ask(server.url, "GET", "/healthz").status == 200
    bind("127.0.0.1", server.port).close()


def has_ipv6() -> bool:
    try:
        bind("::1", 0).close()
    except Unavailable:
        return False
    return True


ADDRESSES = [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")]
if has_ipv6():  # a machine without it has nothing to test there
    ADDRESSES.append(("::1", "[::1]"))


@pytest.mark.parametrize(("host", "shown"), ADDRESSES)
def test_the_url_can_be_opened(tiny: Flask, host: str, shown: str) -> None:
    with serving(tiny, host=host) as server:
        assert server.url.startswith(f"http://{shown}:")
        assert ask(server.url, "GET", "/healthz").status == 200


def test_the_address_holds_the_token_in_its_fragment(tiny: Flask) -> None:
    server = Server(tiny, bind("127.0.0.1", 0), threads=1)
    assert server.address("abc") == f"{server.url}#token=abc"
    assert server.address("a+b&c#%") == f"{server.url}#token=a%2Bb%26c%23%25"
    assert server.address(None) == server.url
    server.stop()


def test_after_stop_nothing_listens(tiny: Flask) -> None:
    server = Server(tiny, bind("127.0.0.1", 0), threads=2)
    server.start()
    assert ask(server.url, "GET", "/healthz").status == 200
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(server.url, "GET", "/healthz")


def test_stop_may_be_called_twice_from_several_threads_and_before_start(tiny: Flask) -> None:
    server = Server(tiny, bind("127.0.0.1", 0), threads=2)
    server.start()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(server.stop) for _ in range(4)]:
            done.result(10)
    server.stop()
    never = Server(tiny, bind("127.0.0.1", 0), threads=2)
    never.stop()
    never.stop()


def test_stop_lets_running_and_waiting_requests_finish() -> None:
    app = Flask("slow")
    entered = threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        time.sleep(0.5)
        return "done"

    server = Server(app, bind("127.0.0.1", 0), threads=1)
    server.start()
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask, server.url, "GET", "/slow") for _ in range(2)]
        assert entered.wait(10)
        time.sleep(0.2)  # the second is there and waits for the only thread
        server.stop()
        assert [answer.result().body for answer in answers] == [b"done", b"done"]


def test_stop_ends_connections_that_are_kept_with_their_last_answer() -> None:
    app = Flask("slow")
    entered, free = threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        free.wait(10)
        return "done"

    server = Server(app, bind("127.0.0.1", 0), threads=1)
    server.start()
    get = b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with ThreadPoolExecutor(2) as pool:
        answers = pool.submit(raw, server.url, get * 2)  # returns when the server closes
        assert entered.wait(10)
        stop = pool.submit(server.stop)
        time.sleep(0.2)
        free.set()
        received = answers.result(10)
        stop.result(10)
    assert received.count(b"done") == 2
    assert received.count(b"Connection: close") == 1


def test_stop_lets_a_request_arrive_that_has_begun(tiny: Flask) -> None:
    server = Server(tiny, bind("127.0.0.1", 0), threads=1)
    server.start()
    with ThreadPoolExecutor(1) as pool, socket.socket() as sock:
        sock.settimeout(10)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert ask(server.url, "GET", "/healthz").status == 200  # by now the first is heard
        stop = pool.submit(server.stop)
        time.sleep(0.3)
        sock.sendall(b"\r\n")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 OK")
        stop.result(10)


def test_stop_does_not_wait_for_polls(engine: Engine, inbox: Inbox) -> None:
    server = Server(make_app(engine, inbox=inbox), bind("127.0.0.1", 0), threads=2)
    server.start()
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(ask, server.url, "GET", "/api/desktop/next")
        time.sleep(0.3)
        start = time.monotonic()
        server.stop()
        assert poll.result().status == 204
        assert time.monotonic() - start < 5  # a poll lasts 20 s


def test_idle_connections_do_not_hold_the_server_up(tiny: Flask) -> None:
    with (
        serving(tiny) as server,
        socket.create_connection(("127.0.0.1", server.port), 10) as silent,
    ):
        assert ask(server.url, "GET", "/healthz").status == 200
        server.stop()
        assert silent.recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc: run it on Linux")
def test_nothing_leaks(tiny: Flask) -> None:
    def once() -> None:
        with serving(tiny) as server:
            ask(server.url, "POST", "/api/recognize", png(7))
            ask(server.url, "POST", "/api/recognize", bytes(3 << 20))
            raw(server.url, b"nonsense\r\n\r\n")

    before = set(threading.enumerate())  # another test's server may still run
    once()
    assert wait_until(lambda: set(threading.enumerate()) <= before)
    threads, descriptors = threading.active_count(), open_descriptors()
    for _ in range(20):
        once()
    assert wait_until(lambda: threading.active_count() <= threads)
    assert wait_until(lambda: open_descriptors() <= descriptors)


@pytest.mark.skipif(sys.platform == "win32", reason="knows no such bound: run it on Linux or macOS")
@pytest.mark.parametrize("bound", [1_024, 8_192])
def test_a_server_may_hold_many_files_open(tiny: Flask, bound: int) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = 10_000 if before[1] == resource.RLIM_INFINITY else before[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(bound, hard), before[1]))
        Server(tiny, bind("127.0.0.1", 0), threads=1).stop()
        expected = max(min(bound, hard), min(FILES, hard))
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (expected, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a Unix signal: run it on Linux or macOS")
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_handler_may_stop_the_server(signal_number: int) -> None:
    program = f"""
import signal, time
from flask import Flask
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
server = Server(Flask("empty"), bind("127.0.0.1", 0), threads=2)
stopped = []
signal.signal({int(signal_number)}, lambda *_: stopped.append(server.stop()))
server.start()
print(server.url, flush=True)
while not stopped:
    time.sleep(0.05)
print("closed", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert ask(url, "GET", "/").status == 404
        os.kill(process.pid, signal_number)
        assert process.stdout.read() == b"closed\n"
        assert process.wait(10) == 0


class Stuck:
    """An engine that answers when it may."""

    model = "stuck"

    def __init__(self) -> None:
        self.may, self.is_reading = threading.Event(), threading.Event()

    def probabilities(self, batch: Floats) -> Floats:
        self.is_reading.set()
        self.may.wait(30)
        return np.full((len(batch), 11), 1 / 11, dtype=np.float32)

    def windows(self, line: Floats) -> Floats:
        return np.full(((line.shape[1] - 28) // 2 + 1, 12), 1 / 12, dtype=np.float32)

    def ink(self, picture: Floats) -> Floats:
        return np.zeros((*picture.shape, 2), dtype=np.float32)

    def signs(self, around: Floats) -> Floats:
        return digits_alone(around)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    engine = Stuck()
    yield engine
    engine.may.set()


@pytest.fixture
def served(stuck: Stuck) -> Iterator[Callable[[float, int], str]]:
    with ExitStack() as end:

        def start(wait_s: float, threads: int) -> str:
            app = make_app(stuck, token=None, slots=Slots(1, wait_s))
            return end.enter_context(serving(app, threads)).url

        yield start
        stuck.may.set()


def test_health_is_answered_while_every_thread_is_taken(
    served: Callable[[float, int], str], stuck: Stuck
) -> None:
    url = served(20.0, 2)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(ask, url, "POST", "/api/recognize", png(7)) for _ in range(6)]
        time.sleep(0.5)
        assert ask(url, "GET", "/healthz", timeout_s=5).status == 200
        assert ask(url, "GET", "/readyz", timeout_s=5).code == "busy"
        assert not any(task.done() for task in waiting)
        stuck.may.set()
        assert [task.result().status for task in waiting] == [200] * 6


def test_what_waited_for_a_thread_waits_the_less_for_a_slot(
    served: Callable[[float, int], str], stuck: Stuck
) -> None:
    """Three wait one after the other for two threads, but none of them three times as long."""
    url = served(1.0, 2)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(ask, url, "POST", "/api/recognize", png(7))
        time.sleep(0.3)
        start = time.monotonic()
        others = [pool.submit(ask, url, "POST", "/api/recognize", png(7)) for _ in range(6)]
        answers = [task.result() for task in others]
        took_s = time.monotonic() - start
        stuck.may.set()
        assert first.result().status == 200
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
    assert took_s < 3  # one after the other they would take six


def test_all_threads_end_with_the_server(stuck: Stuck) -> None:
    before = set(threading.enumerate())
    with serving(make_app(stuck), threads=4):
        started = set(threading.enumerate()) - before
        assert len(started) == 6  # four, the quick lane's, and the server's own
    assert not any(thread.is_alive() for thread in started)


def test_a_hurried_stop_gives_up_what_still_runs(stuck: Stuck) -> None:
    app = make_app(stuck, token=None)
    with serving(app) as server, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, server.url, "POST", "/api/recognize", png(7))
        assert wait_until(stuck.is_reading.is_set)
        server.hurry()
        server.stop()
        assert not stuck.may.is_set()
        with pytest.raises((OSError, http.client.HTTPException)):
            waiting.result()
        stuck.may.set()


def test_who_connects_just_before_the_stop_is_answered(stuck: Stuck) -> None:
    stuck.may.set()
    app = make_app(stuck, token=None)
    server = Server(app, bind("127.0.0.1", 0), threads=4)
    head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    with ExitStack() as end:
        waiting = [
            end.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            for _ in range(8)
        ]
        for each in waiting:
            each.sendall(head)
        server.stop()  # it has not accepted one of them yet
        assert all(each.recv(1 << 16).startswith(b"HTTP/1.1 200 OK") for each in waiting)
