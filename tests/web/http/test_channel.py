"""Raw bytes on a real socket: bad HTTP is refused in the form of our errors, nothing breaks."""

import http.client
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from waitress import utilities  # type: ignore[import-untyped]
from waitress.adjustments import Adjustments  # type: ignore[import-untyped]

from digitapp.config import MAX_BODY
from digitapp.errors import InternalError
from digitapp.web.http import channel
from digitapp.web.http.parsing import Parser
from digitapp.web.http.replies import SECURITY
from digitapp.web.http.server import Server
from tests.drawings import png
from tests.web.client import TOKEN, ask, parse, raw
from tests.web.servers import serving

HOST = b"Host: 127.0.0.1\r\n"
AUTH = f"Authorization: Bearer {TOKEN}\r\n".encode()
POST = b"POST /api/recognize HTTP/1.1\r\n" + HOST + AUTH
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BYE = b"Connection: close\r\n\r\n"

MALFORMED: dict[str, tuple[bytes, int]] = {
    "not HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "one word": (b"HELLO\r\n\r\n", 400),
    "no method": (b" / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a method in small letters": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a version of nonsense": (b"GET / HTTP/x.y\r\n" + HOST + b"\r\n", 400),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: 127.0.0.1\r\n\r\n", 400),
    "a header without a colon": (b"GET / HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\n" + HOST + b"A : b\r\n\r\n", 400),
    "a folded first header": (b"GET / HTTP/1.1\r\n b: c\r\n" + HOST + b"\r\n", 400),
    "a zero byte in a header": (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\0c\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n" + BYE, 400),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n" + BYE, 403),
    "another host": (b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + BYE, 403),
    "a URL of another host": (b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + BYE, 403),
    "a URL without a host": (b"GET http:/// HTTP/1.1\r\n" + HOST + BYE, 400),
    "a URL of half an IPv6": (b"GET http://[::1/ HTTP/1.1\r\n" + HOST + BYE, 400),
    "no path": (b"GET index HTTP/1.1\r\n" + HOST + BYE, 400),
    "slashes before the API": (b"GET //api/model HTTP/1.1\r\n" + HOST + BYE, 401),
    "an API in disguise": (b"GET /%61p%69/model HTTP/1.1\r\n" + HOST + BYE, 401),
    "bytes in the path": (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + BYE, 400),
    "no proper UTF-8": (b"GET /%ff%fe HTTP/1.1\r\n" + HOST + BYE, 404),
    "a zero byte in the path": (b"GET /static/%00 HTTP/1.1\r\n" + HOST + BYE, 404),
    "a star": (b"GET * HTTP/1.1\r\n" + HOST + BYE, 404),
    "a proxy's method": (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + BYE, 400),
    "a length below zero": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length of letters": (POST + b"Content-Length: ten\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a length of 5,000 digits": (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
    "a length of a terabyte": (POST + b"Content-Length: 1000000000000\r\n\r\n", 413),
    "a length just too long": (POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
    "too long, and asks first": (
        POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        413,
    ),
    "another coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "chunks in HTTP/1.0": (
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"1\r\na\r\n0\r\n\r\n",
        400,
    ),
    "a version to come, in chunks": (
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.2") + b"1\r\na\r\n0\r\n\r\n",
        400,
    ),
    "a length and chunks": (
        POST + b"Content-Length: 11\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        400,
    ),
    "chunks and a length": (
        POST + b"transfer-encoding: Chunked\r\nContent-Length: 0\r\n\r\n1\r\na\r\n0\r\n\r\n",
        400,
    ),
    "a length and no coding": (POST + b"Content-Length: 1\r\nTransfer-Encoding:\r\n\r\na", 400),
    "chunks of chunks": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks twice": (CHUNKED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a chunk's size of letters": (CHUNKED + b"xyz\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk's size below zero": (CHUNKED + b"-1\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk that goes on": (CHUNKED + b"1\r\nabc\r\n0\r\n\r\n", 400),
    "an endless chunk size": (CHUNKED + b"0" * 10_000, 400),
    "an endless trailer": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 2_000, 400),
    "headers of 20 KiB": (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"b" * 20_480 + b"\r\n\r\n", 400),
    "endless headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000, 400),
    "an endless first line": (b"GET /" + b"a" * 100_000, 400),
}


@pytest.mark.parametrize(("sent", "status"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_requests_are_refused_in_our_form(url: str, sent: bytes, status: int) -> None:
    response = parse(raw(url, sent))
    assert response.status == status
    assert list(response.json["error"]) == ["code", "message"]
    assert response.headers["Content-Type"] == "application/json"
    for name, value in SECURITY:
        assert response.headers.get_all(name) == [value]
    assert "Server" not in response.headers
    assert "waitress" not in str(response)
    assert ask(url, "POST", "/api/recognize", png(7)).json["text"] == "7"


def test_a_request_cut_short_is_dropped_and_the_server_goes_on(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(url)
    short = (b"", b"GE", POST, POST + b"Content-Length: 100\r\n\r\nabc", CHUNKED + b"5\r\nab")
    for sent in (*short, *(sent for sent, _ in MALFORMED.values())):
        with socket.create_connection((address.hostname, address.port or 80), 10) as sock:
            sock.sendall(sent)
    assert ask(url, "POST", "/api/recognize", png(7)).json["text"] == "7"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MAX_BODY + 1, 2 * MAX_BODY])
def test_the_answer_to_a_body_too_large_reaches_its_sender(
    url: str, chunked: bool, size: int
) -> None:
    """The sender is still sending when the answer is written; a reset would lose it."""
    piece = bytes(1 << 20)
    sizes = [len(piece)] * (size >> 20) + [size & 0xFFFFF]
    body = (piece[:length] for length in sizes if length) if chunked else bytes(size)
    response = ask(url, "POST", "/api/recognize", body)
    assert (response.status, response.code) == (413, "too-large")
    assert response.headers["Connection"] == "close"


def test_a_body_that_is_asked_for_is_let_in(url: str) -> None:
    data = png(7)
    head = POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(data) + BYE
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 10) as sock:
        sock.sendall(head)
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(data)
        received = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    assert parse(received).json["text"] == "7"


LONG = b"Content-Length: %d\r\n" % MAX_BODY

STRANGERS: dict[str, tuple[bytes, int]] = {
    "no token": (HOST + LONG, 401),
    "another token": (HOST + LONG + b"Authorization: Bearer x\r\n", 401),
    "no token, and asks first": (HOST + LONG + b"Expect: 100-continue\r\n", 401),
    "no token, in chunks": (HOST + b"Transfer-Encoding: chunked\r\n", 401),
    "another origin": (HOST + AUTH + LONG + b"Origin: http://evil.example\r\n", 403),
    "another host": (AUTH + LONG + b"Host: evil.example\r\n", 403),
}


@pytest.mark.parametrize(("head", "status"), STRANGERS.values(), ids=STRANGERS)
def test_a_strangers_large_body_is_refused_before_it_comes(
    url: str, head: bytes, status: int
) -> None:
    """The sender waits for an answer to the head alone."""
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 5) as sock:
        sock.sendall(b"POST /api/recognize HTTP/1.1\r\n" + head + b"\r\n")
        received = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    response = parse(received)
    assert response.status == status
    assert response.headers["Connection"] == "close"
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_a_stranger_who_is_still_sending_is_told(url: str) -> None:
    response = ask(url, "POST", "/api/recognize", bytes(MAX_BODY), headers={})
    assert (response.status, response.code) == (401, "unauthorized")


def test_a_large_body_of_ones_own_is_read(url: str) -> None:
    response = ask(url, "POST", "/api/recognize", png(7) + bytes(1 << 20))
    assert response.json["text"] == "7"


def test_a_client_that_sends_no_more_is_answered(url: str) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 10) as sock:
        sock.sendall(POST + b"Content-Length: %d\r\n" % len(png(7)) + BYE + png(7))
        sock.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    assert parse(received).json["text"] == "7"


def test_expecting_no_body_gets_its_answer_at_once(url: str) -> None:
    received = raw(url, b"GET /healthz HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n" + BYE)
    assert parse(received).body == b"ok\n"


def test_requests_in_a_row_are_answered_in_a_row(url: str) -> None:
    get = b"GET /healthz HTTP/1.1\r\n" + HOST
    received = raw(url, (get + b"\r\n") * 3 + get + BYE)
    assert received.count(b"HTTP/1.1 200 OK") == 4


def test_what_follows_a_refused_request_is_not_run(url: str) -> None:
    smuggled = b"POST / HTTP/1.1\r\n" + HOST + b"\r\n"
    received = raw(url, POST + b"Content-Length: x\r\n\r\n" + smuggled)
    assert received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ") == 1
    assert b"405" not in received


def test_a_body_that_could_end_in_two_places_closes_the_connection(url: str) -> None:
    """Whether a proxy goes by the length or by the chunks, nothing of the body is a request."""
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    both = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(smuggled)
    received = raw(url, POST + both + smuggled)
    assert received.count(b"HTTP/1.1 ") == 1
    assert (parse(received).code, parse(received).headers["Connection"]) == ("bad-request", "close")


def test_an_old_client_is_served(url: str) -> None:
    received = raw(url, b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n")
    assert received.startswith(b"HTTP/1.0 200 OK")


def test_a_refusal_to_head_has_no_body(url: str) -> None:
    head = b"HEAD /api/recognize HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999\r\n\r\n"
    received = raw(url, head)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.endswith(b"\r\n\r\n")


def test_a_sender_who_never_ends_is_cut_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MAX_SWALLOWED", 1 << 20)
    address = urlsplit(url)
    piece = bytes(1 << 16)
    with (
        socket.create_connection((address.hostname, address.port or 80), 10) as sock,
        pytest.raises(OSError),  # reset or broken pipe, as the system likes
    ):
        sock.sendall(POST + b"Content-Length: 1000000000000\r\n\r\n")
        for _ in range(10_000):
            sock.sendall(piece)


def test_a_failure_inside_the_server_tells_nothing() -> None:
    error = channel.translate(utilities.InternalServerError("a secret detail"))
    assert isinstance(error, InternalError)
    assert "secret" not in error.message


def test_an_app_that_fails_before_flask_is_answered_in_our_form() -> None:
    def fail(*_: object) -> Iterator[bytes]:
        raise RuntimeError("a secret detail")

    broken = Flask("broken")
    broken.wsgi_app = fail  # type: ignore[assignment, method-assign]
    with serving(broken) as server:
        response = ask(server.url, "GET", "/")
    assert (response.status, response.code) == (500, "internal-error")


def test_a_request_that_is_no_request_has_a_path_for_the_log() -> None:
    assert Parser(Adjustments(), admit=print).path == ""


def test_a_slow_sender_is_waited_for(url: str) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    data = png(7)
    connection.putrequest("POST", "/api/recognize")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    for start in range(0, len(data), 500):
        connection.send(data[start : start + 500])
        time.sleep(0.01)
    response = connection.getresponse()
    assert json.loads(response.read())["text"] == "7"
    connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc: run it on Linux")
def test_a_sender_who_does_not_read_holds_no_files_and_is_cut_off(url: str) -> None:
    get = b"GET /static/app.css HTTP/1.1\r\n" + HOST + b"\r\n"
    one = len(raw(url, get.replace(HOST, HOST + b"Connection: close\r\n")))
    count = 3_000_000 // one + 1  # more than the system's own buffers hold
    before = len(list(Path("/proc/self/fd").iterdir()))
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.connect(("127.0.0.1", urlsplit(url).port or 80))
        sock.settimeout(10)
        sock.sendall(get * count)
        time.sleep(0.5)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 10
        received = sum(map(len, iter(lambda: sock.recv(1 << 16), b"")))  # it ends: no request after
    assert received < count * one


def test_a_request_has_its_own_time_though_it_came_with_the_end_of_another(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "WHOLE_S", 1.0)
    get = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 10) as sock:
        sock.sendall(get[:20])
        for _ in range(6):
            time.sleep(0.3)
            sock.sendall(get[20:] + get[:20])
            received = b""
            while not received.endswith(b"ok\n"):
                piece = sock.recv(1000)
                assert piece, "cut off"
                received += piece


def test_a_refused_sender_is_cut_off_in_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "WHOLE_S", 0.5)
    with (
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), 10) as sock,
        pytest.raises(OSError),  # reset or broken pipe, as the system likes
    ):
        sock.sendall(POST + b"Content-Length: 1000000000000\r\n\r\n")
        for _ in range(1_000):
            sock.sendall(b"x")
            time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address: run on Linux")
@pytest.mark.parametrize("sent", [b"", b"GET / HT", POST + b"Content-Length: 9\r\n\r\n"])
def test_one_address_cannot_take_all_connections(
    tiny: Flask, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(channel, "CONNECTIONS", 5)
    get = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    with serving(tiny) as server, ExitStack() as end:

        def connect(source: str) -> socket.socket:
            address = ("127.0.0.1", server.port)
            return end.enter_context(socket.create_connection(address, 10, (source, 0)))

        other = connect("127.0.0.2")
        greedy = [connect("127.0.0.3") for _ in range(20)]
        for sock in greedy:
            with suppress(OSError):  # it may be closed already
                sock.sendall(sent)
        assert ask(server.url, "GET", "/healthz").status == 200
        with suppress(ConnectionResetError):
            assert greedy[0].recv(1) == b""
        other.sendall(get)
        assert other.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_the_loop_rests_while_a_thread_is_sending(
    tiny: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []
    seen: list[int] = []
    step, flush = Server._step, channel.Channel._flush_some

    def count(server: Server, timeout_s: float) -> None:
        turns.append(1)
        step(server, timeout_s)

    def linger(channel: channel.Channel, do_close: bool = True) -> bool:
        if channel.requests:  # a thread answers, and holds the buffers
            before = len(turns)
            channel.server.pull_trigger()  # as when another connection has something to say
            time.sleep(0.3)
            seen.append(len(turns) - before)
        return bool(flush(channel, do_close))

    monkeypatch.setattr(Server, "_step", count)
    monkeypatch.setattr(channel.Channel, "_flush_some", linger)
    with serving(tiny, threads=1) as server:
        assert ask(server.url, "GET", "/healthz").status == 200
    assert seen
    assert max(seen) < 10
