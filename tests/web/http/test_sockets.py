"""The sockets that servers listen on."""

import socket

import pytest

from digitapp.errors import Unavailable
from digitapp.web.http.sockets import bind


def test_bind_listens_at_once() -> None:
    with bind("127.0.0.1", 0) as sock:
        socket.create_connection(sock.getsockname(), 5).close()


def test_a_taken_port_is_named() -> None:
    with bind("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Port {port} is taken by another program"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1", "a" * 100, "127.0.0.1.5"])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(Unavailable, match=host):
        bind(host, 0)


@pytest.mark.parametrize("port", [-1, 65_536, 70_000])
def test_a_port_that_cannot_be_is_told(port: int) -> None:
    with pytest.raises(Unavailable, match=f"no port {port}"):
        bind("127.0.0.1", port)
