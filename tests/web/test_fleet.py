"""Three servers behind a real nginx, with the configuration that `build/nginx` has."""

import http.client
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digitapp.config import MAX_BODY
from tests.drawings import png
from tests.test_metrics import figures, value
from tests.web.client import BEARER, Response, ask, parse
from tests.web.fleet import NGINX, Fleet, fleet
from tests.web.processes import wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="sends Unix signals"),
    pytest.mark.skipif(NGINX is None, reason="needs nginx"),
]

CLIENTS = 6


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """For all tests: they may restart its servers, but leave all of them running."""
    folder = tmp_path_factory.mktemp("fleet")
    with fleet(folder, "--wait-s", "20", "--drain-s", "1", "--rate", "5") as running:
        yield running


class Clients:
    """Threads that have pictures read on connections that stay open, until `end`."""

    def __init__(self, url: str, tries: int = 1) -> None:
        self.statuses: list[int] = []
        self.wrong: list[tuple[str, str]] = []
        self._address, self._tries = urlsplit(url), tries
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        host = self._address.hostname or ""
        connection = http.client.HTTPConnection(host, self._address.port, timeout=60)
        while not self._over.is_set():
            number = (number + 1) % 10
            for _ in range(self._tries):
                try:
                    connection.request("POST", "/api/recognize", png(number), BEARER)
                    response = connection.getresponse()
                    status, body = response.status, response.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    status, body = 0, b""
                if status == 200:
                    break
            self.statuses.append(status)
            if status == 200 and f'"text": "{number}"'.encode() not in body:
                self.wrong.append((str(number), body.decode()))
        connection.close()


def logged(running: Fleet) -> str:
    """The requests that all servers have noted."""
    folder = Path(running.folder, "log")
    return "".join(file.read_text() for file in folder.glob("serve*.requests.log"))


def from_address(url: str, source: str, headers: dict[str, str]) -> Response:
    """A request for the model from another address of this machine."""
    address = urlsplit(url)
    lines = {"Host": "digits.example", "Connection": "close", **BEARER, **headers}
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    place = (address.hostname, address.port or 80)
    with socket.create_connection(place, 30, source_address=(source, 0)) as sock:
        sock.sendall(f"GET /api/model HTTP/1.1\r\n{head}\r\n".encode())
        received = b""
        while chunk := sock.recv(1 << 16):
            received += chunk
    return parse(received)


def test_one_token_opens_all_of_them(behind: Fleet) -> None:
    assert ask(behind.url, "GET", "/api/model", headers={}).status == 401
    for number in range(6):
        response = ask(behind.url, "POST", "/api/recognize", png(number))
        assert (response.status, response.json["text"]) == (200, str(number))
    for port in behind.ports:  # each has read some
        text = ask(f"http://127.0.0.1:{port}/", "GET", "/metrics").body.decode()
        assert value(figures(text), "pictures_total") > 0


def test_the_name_and_the_page_are_passed_on(behind: Fleet) -> None:
    named = {"Host": "digits.example"}
    assert ask(behind.url, "GET", "/", headers=named).status == 200
    assert ask(behind.url, "GET", "/", headers={"Host": "foreign.example"}).code == "forbidden"


@pytest.mark.skipif(sys.platform != "linux", reason="has other addresses of the loopback")
def test_the_sender_s_own_address_is_noted_whatever_it_tells(behind: Fleet) -> None:
    told = {"X-Forwarded-For": "192.0.2.99"}
    assert from_address(behind.url, "127.0.0.2", told).status == 200
    assert wait_until(lambda: "127.0.0.2 GET /api/model 200" in logged(behind))
    assert "192.0.2.99" not in logged(behind)


def test_the_sender_s_own_address_is_what_the_rate_counts(behind: Fleet) -> None:
    def statuses(address: str, count: int) -> list[int]:
        headers = {**BEARER, "X-Forwarded-For": address}  # of a proxy on this machine before nginx
        return [ask(behind.url, "GET", "/api/model", headers=headers).status for _ in range(count)]

    assert 429 in statuses("192.0.2.7", 60)
    assert statuses("192.0.2.8", 1) == [200]


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/docs/../metrics"])
def test_figures_are_not_passed_on(behind: Fleet, path: str) -> None:
    assert ask(behind.url, "GET", path).code == "not-found"


def test_a_body_that_is_too_large_is_refused_as_digitapp_does_it(behind: Fleet) -> None:
    try:
        response = ask(behind.url, "POST", "/api/recognize", bytes(MAX_BODY + 1))
    except (BrokenPipeError, ConnectionResetError):
        pytest.fail("The answer did not reach the sender.")
    assert (response.status, response.code) == (413, "too-large")
    assert "20 MiB" in response.sentence
    assert ask(behind.url, "POST", "/api/recognize", bytes(MAX_BODY)).status == 415


def test_a_rolling_restart_loses_no_answer(behind: Fleet) -> None:
    before = {behind.pid(port) for port in behind.ports}
    clients = Clients(behind.url)
    try:
        assert behind.restart() == [0, 0, 0]
    finally:
        clients.end()
    assert not before & {behind.pid(port) for port in behind.ports}
    assert len(clients.statuses) > CLIENTS
    assert set(clients.statuses) == {200}
    assert clients.wrong == []


def test_who_retries_once_does_not_see_that_a_server_was_killed(behind: Fleet) -> None:
    clients = Clients(behind.url, tries=2)
    try:
        assert wait_until(lambda: len(clients.statuses) > 2 * CLIENTS)
        [port, *_] = behind.ports
        assert behind.end(port, signal.SIGKILL) == -signal.SIGKILL
        count = len(clients.statuses)
        assert wait_until(lambda: len(clients.statuses) > count + 5 * CLIENTS)
        behind.start(port)
    finally:
        clients.end()
    assert set(clients.statuses) == {200}
    assert clients.wrong == []


def test_while_no_server_runs_it_says_so_as_digitapp_does(tmp_path: Path) -> None:
    with fleet(tmp_path, "--drain-s", "0") as running:
        for port in running.ports:
            os.kill(running.pid(port), signal.SIGKILL)
        assert wait_until(lambda: ask(running.url, "POST", "/api/recognize", png(1)).status == 503)
        response = ask(running.url, "POST", "/api/recognize", png(1))
        assert (response.code, response.headers["Retry-After"]) == ("busy", "1")
