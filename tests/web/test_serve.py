"""The wiring of a server: who shares what, and in which order it starts."""

import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from digitapp.engine import Engine
from digitapp.errors import Unavailable
from digitapp.jobs import pool
from digitapp.web import serve
from digitapp.web.http import sockets
from digitapp.web.http.server import Server
from tests.web.client import BEARER, TOKEN, ask

NETWORK = "127.0.0.2"
"""Stands for this machine's address in its network."""


class Patient:
    """A reader that answers when it may."""

    model, engine = "patient sha256:0", "litert"

    def __init__(self) -> None:
        self.may = threading.Event()
        self.reading = threading.Semaphore(0)
        self.closed = 0

    def read(self, data: bytes, flags: Collection[str]) -> bytes:  # noqa: ARG002
        self.reading.release()
        assert self.may.wait(30)
        return b'{"text": "7", "doubt": false, "symbols": [], "elapsed_ms": 1.5}'

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    patient = Patient()
    monkeypatch.setattr(serve, "make_reader", lambda *_: patient)
    monkeypatch.setattr(serve, "lan_address", lambda: NETWORK)
    yield patient
    patient.may.set()


def running(
    *, port: int = 0, lan: bool = False, slots: int = 2
) -> AbstractContextManager[list[Server]]:
    return serve.running(
        host="127.0.0.1",
        port=port,
        lan=lan,
        token=TOKEN,
        engine="litert",
        slots=slots,
        wait_s=0,
        threads=4,
        names=["digits.example"],
        rate=5,
    )


def post(server: Server) -> int:
    return ask(server.url, "POST", "/api/recognize", b"a picture").status


@pytest.mark.usefixtures("reader")
def test_this_machine_alone_has_one_listener() -> None:
    with running() as [server]:
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert ask(server.url, "GET", "/api/share").json == {"address": None, "qr": None}


@pytest.mark.usefixtures("reader")
def test_the_network_has_a_listener_of_its_own_at_the_same_port() -> None:
    with running(lan=True) as [own, network]:
        assert network.url == f"http://{NETWORK}:{own.port}/"
        for server in (own, network):
            told = ask(server.url, "GET", "/api/share").json
            assert told["address"] == f"{network.url}#token={TOKEN}"
            assert ask(server.url, "GET", "/api/model", headers={}).status == 401
            named = {**BEARER, "Host": "digits.example"}
            assert ask(server.url, "GET", "/api/model", headers=named).status == 200
            assert ask(server.url, "PUT", "/api/share?on=0").status == 405
            assert ask(server.url, "GET", "/api/desktop/next").status == 404


def test_the_network_leaves_a_slot_to_the_owner(reader: Patient) -> None:
    with running(lan=True, slots=3) as [own, network], ThreadPoolExecutor(3) as threads:
        guests = [threads.submit(post, network) for _ in range(2)]
        for _ in guests:
            assert reader.reading.acquire(timeout=30)
        assert post(network) == 503
        mine = threads.submit(post, own)
        assert reader.reading.acquire(timeout=30)
        assert post(own) == 503
        reader.may.set()
        assert [answer.result() for answer in (*guests, mine)] == [200] * 3


def test_a_taken_port_is_told_before_the_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(serve, "make_reader", lambda *_: loaded.append("model"))
    with sockets.bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Port {port} is taken"):
            running(port=port).__enter__()
    assert loaded == []


def test_without_a_network_the_port_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise Unavailable("This machine is in no network.")

    monkeypatch.setattr(serve, "lan_address", nowhere)
    with sockets.bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="no network"), running(port=port, lan=True):
        pass
    sockets.bind("127.0.0.1", port).close()


@pytest.mark.parametrize("fault", [FileNotFoundError("digits.tflite"), Unavailable("no engine")])
def test_without_a_model_the_port_is_free_again(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def missing(*_: object) -> object:
        raise fault

    monkeypatch.setattr(serve, "make_reader", missing)
    with sockets.bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with pytest.raises(type(fault)), running(port=port):
        pass
    sockets.bind("127.0.0.1", port).close()


def test_at_the_end_nothing_listens_and_the_reader_is_closed(reader: Patient) -> None:
    with running(lan=True) as servers:
        assert reader.closed == 0
    assert reader.closed == 1
    for server in servers:
        with pytest.raises(ConnectionRefusedError):
            ask(server.url, "GET", "/healthz")


def test_the_default_engine_reads_in_as_many_processes_as_there_are_slots(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: list[int] = []
    monkeypatch.setattr(pool, "Processes", counts.append)
    serve.make_reader("litert", 3)
    assert counts == [3]


def test_keras_reads_in_this_process(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr("digitapp.engine.load", lambda name: {"keras": engine}[name])
    reader = serve.make_reader("keras", 3)
    assert (reader.engine, reader.model) == ("keras", engine.model)
