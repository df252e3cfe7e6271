"""Who sent a request that came through a proxy."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from digitapp import logs
from digitapp.engine import Engine
from digitapp.web.forwarded import is_in, sender
from tests.web.client import TOKEN, ask
from tests.web.servers import make_app, serving

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("::1"))


@pytest.mark.parametrize(
    ("address", "header", "found"),
    [
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7"),  # the left one may be made up
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"),  # through two proxies
        ("10.0.0.1", "192.0.2.7, unknown", "10.0.0.1"),
        ("10.0.0.1", ", ,", "10.0.0.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # no proxy that is trusted
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", "nobody:4711", "10.0.0.1"),
        ("10.0.0.1", ",".join(["10.0.0.2"] * 9_000), "10.0.0.2"),
    ],
)
def test_the_sender_is_the_first_that_no_trusted_proxy_is(
    address: str, header: str, found: str
) -> None:
    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": header}
    assert sender(environ, PROXIES) == found
    assert sender({**environ, "REMOTE_ADDR": found}, PROXIES) in {found, "10.0.0.2"}
    assert sender(environ, ()) == address


@pytest.mark.parametrize("address", ["", "a name", "999.1.1.1", "@"])
def test_what_is_no_address_is_in_no_network(address: str) -> None:
    assert not is_in(address, PROXIES)


def test_each_device_behind_a_proxy_has_a_rate_of_its_own(engine: Engine) -> None:
    app = make_app(engine, rate=2, proxies=PROXIES)

    def statuses(address: str, proxy: str = "127.0.0.1", count: int = 4) -> list[int]:
        return [
            app.test_client()
            .get(
                "/",
                headers={"X-Forwarded-For": address},
                environ_base={"REMOTE_ADDR": proxy},
            )
            .status_code
            for _ in range(count)
        ]

    assert statuses("192.0.2.7") == [200, 200, 429, 429]
    assert statuses("192.0.2.8") == [200, 200, 429, 429]
    assert statuses("192.0.2.9", "203.0.113.1") == [200, 200, 429, 429]
    assert statuses("192.0.2.10", "203.0.113.1", 1) == [429]  # a header that nobody trusts


def test_wrong_tokens_count_for_the_device_behind_the_proxy(engine: Engine) -> None:
    app = make_app(engine, proxies=PROXIES)

    def status(address: str, token: str) -> int:
        headers = {"X-Forwarded-For": address, "Authorization": f"Bearer {token}"}
        base = {"REMOTE_ADDR": "127.0.0.1"}
        return app.test_client().get("/api/model", headers=headers, environ_base=base).status_code

    assert [status("192.0.2.7", "wrong") for _ in range(11)] == [401] * 10 + [429]
    assert status("192.0.2.8", "wrong") == 401
    assert status("192.0.2.7", TOKEN) == 200


def test_a_real_server_takes_a_trusted_proxys_word_and_no_others(
    engine: Engine, tmp_path: Path
) -> None:
    """waitress drops such headers, if it is not told to leave them."""
    trusting = make_app(engine, proxies=PROXIES)
    headers = {"X-Forwarded-For": "192.0.2.7", "Authorization": "Bearer wrong"}
    for app in (trusting, make_app(engine)):
        with logs.start("test", str(tmp_path)), serving(app) as server:
            ask(server.url, "GET", "/api/model", headers=headers)
            ask(server.url, "POST", "/api/recognize", bytes(100_000), headers)  # by its head
    lines = (tmp_path / "test.requests.log").read_text().splitlines()
    senders = [line.split("digitapp.access: ")[1].split()[0] for line in lines]
    assert senders == ["192.0.2.7", "192.0.2.7", "127.0.0.1", "127.0.0.1"]
