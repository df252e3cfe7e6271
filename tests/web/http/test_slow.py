"""Readers that hardly read, and more connections than there is room for."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask

from digitapp.web.http import channel, listener, slow
from digitapp.web.http.server import Server
from digitapp.web.http.slow import Pace, one_too_many, slowest
from tests.web.client import ask
from tests.web.processes import wait_until
from tests.web.servers import serving

GET = b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ANSWER = 600_000
"""Bytes of an answer with its stages; more than the system's own buffers hold here."""

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="needs more loopback addresses: run it on Linux"
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that looks often, with a large answer at /large."""
    monkeypatch.setattr(listener, "LOOK_S", 0.05)
    app = Flask("large")
    app.add_url_rule("/large", "large", view_func=lambda: bytes(ANSWER))
    app.add_url_rule("/healthz", "health", view_func=lambda: "ok\n")
    with serving(app) as running:
        yield running


def connect(server: Server, end: ExitStack, source: str = "127.0.0.1") -> socket.socket:
    """A connection whose receiver takes little in advance."""
    sock = end.enter_context(socket.socket())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sock.settimeout(10)
    sock.bind((source, 0))
    sock.connect(("127.0.0.1", server.port))
    return sock


def read(sock: socket.socket, piece: int, pause_s: float) -> int:
    """How many bytes come, read in pieces with pauses, until the end or a reset."""
    count = 0
    try:
        while got := len(sock.recv(piece)):
            count += got
            time.sleep(pause_s)
    except ConnectionResetError:
        pass
    return count


def is_left(server: Server, within_s: float) -> bool:
    """Whether the server has closed all connections in time."""
    begin = time.monotonic()
    return (
        wait_until(lambda: not server._waitress.active_channels)
        and time.monotonic() - begin < within_s
    )


@dataclass
class Fake:
    """A connection that lags so many seconds."""

    lag: float
    creation_time: float = 0
    addr: tuple[str, int] = ("a", 1)
    will_close: bool = False

    def lag_s(self, _: float) -> float:
        return self.lag


def test_pace_is_measured_from_its_start() -> None:
    pace = Pace()
    pace.moved = 10 * slow.LEAST_RATE
    assert pace.lag_s(pace.began + 15) == 5
    assert not pace.is_too_slow(pace.began + 10 + slow.GRACE_S)
    assert pace.is_too_slow(pace.began + 11 + slow.GRACE_S)
    pace.moved = 10**9
    assert pace.is_too_slow(pace.began + slow.ANSWER_S + 1)


def test_the_slowest_goes_first_then_the_oldest() -> None:
    old, young, late, slower = Fake(0, 1), Fake(0.5, 2), Fake(3, 3), Fake(9, 4, will_close=True)
    assert slowest([old, young, late, slower]) is late
    assert slowest([young, old]) is old
    assert slowest([slower]) is None


def test_who_goes_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [Fake(8, addr=("few", n)) for n in range(2)]
    many = [Fake(n, addr=("many", n)) for n in range(4)]
    new = Fake(0, 9, ("few", 9))
    everybody = [*few, *many, new]
    assert one_too_many(everybody, new, 7) is None
    assert one_too_many(everybody, new, 6) is many[3]
    monkeypatch.setattr(slow, "PER_ADDRESS", 2)
    assert one_too_many(everybody, new, 7) in few


def test_of_many_addresses_with_one_connection_the_slowest_goes() -> None:
    each = [Fake(n % 5, n, (str(n), 1)) for n in range(10)]
    assert one_too_many(each, each[9], 9) is each[4]


def test_a_class_behind_one_address_has_room() -> None:
    assert 30 * 6 <= slow.PER_ADDRESS <= channel.CONNECTIONS / 2


def test_a_reader_who_takes_nothing_is_cut_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "GRACE_S", 0.5)
    with ExitStack() as end:
        sock = connect(server, end)
        sock.sendall(GET % b"large")
        assert wait_until(lambda: len(server._waitress.active_channels) == 1)
        monkeypatch.setattr(slow, "LEAST_RATE", 1 << 20)  # what the system took is no credit
        assert is_left(server, within_s=5)
        assert read(sock, 1 << 16, 0) < ANSWER


def test_a_reader_who_takes_too_long_is_cut_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "ANSWER_S", 0.5)
    with ExitStack() as end:
        sock = connect(server, end)
        sock.sendall(GET % b"large")
        assert read(sock, 2_000, 0.02) < ANSWER
        assert is_left(server, within_s=5)


def test_a_slow_but_steady_reader_gets_all(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "GRACE_S", 0.5)
    monkeypatch.setattr(slow, "LEAST_RATE", 50_000)
    with ExitStack() as end:
        sock = connect(server, end)
        sock.sendall((GET % b"large").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert read(sock, 4_000, 0.02) > ANSWER


SOURCES = [
    "127.0.0.1",
    pytest.param("127.0.0.{}", marks=linux),
]


@pytest.mark.parametrize("source", SOURCES)
def test_health_is_answered_beside_slow_readers(
    server: Server, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(channel, "CONNECTIONS", 5)
    with ExitStack() as end:
        for number in range(8):
            sock = connect(server, end, source.format(2 + number % 4))
            sock.sendall((GET % b"large") * 20)
            assert ask(server.url, "GET", "/healthz", timeout_s=5).status == 200
        assert len(server._waitress.active_channels) <= 6


@linux
def test_an_address_has_a_bound_of_its_own(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "PER_ADDRESS", 5)
    with ExitStack() as end:
        other = connect(server, end, "127.0.0.2")
        for _ in range(20):
            connect(server, end, "127.0.0.3")
        other.sendall(GET % b"healthz")
        assert other.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert wait_until(lambda: len(server._waitress.active_channels) == 6)


def test_what_is_left_of_an_answer_arrives_though_more_was_asked(server: Server) -> None:
    with ExitStack() as end:
        sock = connect(server, end)
        sock.sendall((GET % b"large") * 200)
        time.sleep(0.3)
        assert read(sock, 1 << 16, 0) % ANSWER < 2_000  # whole answers and their heads


PROGRAM = """
import resource, sys, time
from contextlib import suppress
from flask import Flask
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
app = Flask("few")
app.add_url_rule("/healthz", view_func=lambda: "ok")
server = Server(app, bind("127.0.0.1", 0), threads=2)
server.start()
print(server.url, flush=True)
taken = []
for line in sys.stdin:
    if line == "take\\n":
        with suppress(OSError):
            while True:
                taken.append(open("/dev/null"))
    if line == "free\\n":
        taken.clear()
    print(time.process_time(), flush=True)
server.stop()
"""


@contextmanager
def few_descriptors() -> Iterator[tuple[str, Callable[[str], float]]]:
    """A server that may open 64 files: its address, and what gives it an order.

    The orders are to take all descriptors and to free those; each returns the seconds of processor
    time that the server has used by then.
    """
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def order(word: str) -> float:
            print(word, file=stdin, flush=True)
            return float(stdout.readline())

        yield stdout.readline().strip(), order
        stdin.close()


@pytest.mark.skipif(sys.platform == "win32", reason="knows no such bound: run it on Linux or macOS")
@pytest.mark.parametrize("taker", ["connections", "files"])
def test_the_loop_rests_while_there_are_no_descriptors(taker: str) -> None:
    with few_descriptors() as (url, order), ExitStack() as end:
        port = int(url.rstrip("/").rpartition(":")[2])
        if taker == "files":
            order("take")
        for _ in range(100 if taker == "connections" else 3):
            end.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        begin, used_s = time.monotonic(), order("tell")
        time.sleep(2)
        used_s, took_s = order("tell") - used_s, time.monotonic() - begin
        assert used_s < took_s / 2
        if taker == "connections":
            assert ask(url, "GET", "/healthz", timeout_s=10).status == 200  # who is idle makes room
        end.close()
        order("free")
        assert ask(url, "GET", "/healthz", timeout_s=5).status == 200
