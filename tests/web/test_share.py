"""The way in for other devices."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from xml.etree import ElementTree

import pytest
from flask import Flask

from digitapp.engine import Engine
from digitapp.errors import Unavailable
from digitapp.web import share
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.share import Share, SwitchableShare
from tests.web.client import TOKEN, ask
from tests.web.servers import make_app, serving

ADDRESS = "http://192.168.1.5:8000/#token=" + "a" * 43


def opener(app: Flask, host: Callable[[], str]) -> Callable[[], tuple[Callable[[], None], str]]:
    """What a share opens: a server like any, on a loopback address."""

    def open_server() -> tuple[Callable[[], None], str]:
        server = Server(app, bind(host(), 0), threads=2)
        server.start()
        return server.stop, server.address(TOKEN)

    return open_server


@pytest.fixture
def switched(tiny: Flask) -> Iterator[SwitchableShare]:
    with closing(SwitchableShare(opener(tiny, lambda: "127.0.0.1"))) as switched:
        yield switched


@pytest.fixture
def owner(engine: Engine, switched: SwitchableShare) -> Iterator[str]:
    """The address of the owner's own server."""
    with serving(make_app(engine, inbox=Inbox(), share=switched), threads=2) as server:
        yield server.url


def test_it_follows_the_machine_into_another_network(tiny: Flask) -> None:
    here = "127.0.0.1"

    def where() -> str:
        if not here:
            raise Unavailable
        return here

    with closing(SwitchableShare(opener(tiny, lambda: here), where)) as switched:
        assert switched.to_json()["address"] is None
        switched.open()
        first = switched.to_json()["address"]
        assert first == switched.to_json()["address"]
        here = ""  # in no network for a while
        assert first == switched.to_json()["address"]
        here = "127.0.0.2"
        second = switched.to_json()["address"] or ""
        assert second.startswith("http://127.0.0.2:")
        assert ask(second.partition("#")[0], "GET", "/api/model").status == 200
        with pytest.raises(ConnectionRefusedError):
            ask((first or "").partition("#")[0], "GET", "/healthz")


def test_nothing_is_shared_at_first(url: str, owner: str) -> None:
    for server in (url, owner):
        assert ask(server, "GET", "/api/share").json == {"address": None, "qr": None}


def test_the_owner_opens_and_closes(owner: str, switched: SwitchableShare) -> None:
    told = ask(owner, "PUT", "/api/share?on=1").json
    assert told["address"] == switched.address
    assert told["qr"].startswith("<svg ")
    url = told["address"].partition("#")[0]
    assert ask(url, "GET", "/api/model").status == 200
    assert ask(owner, "PUT", "/api/share?on=1").json == told  # twice is once
    assert ask(owner, "GET", "/api/share").json == told
    assert ask(owner, "PUT", "/api/share?on=0").json["address"] is None
    with pytest.raises(ConnectionRefusedError):
        ask(url, "GET", "/healthz")
    assert ask(owner, "PUT", "/api/share?on=0").status == 200


@pytest.mark.parametrize("query", ["", "?on=2", "?on=", "?on=1&on=0", "?on=1&url=x", "?off=1"])
def test_another_wish_is_refused(owner: str, query: str) -> None:
    refused = ask(owner, "PUT", f"/api/share{query}")
    assert (refused.status, refused.code) == (400, "bad-request")


def test_guests_see_the_address_and_switch_nothing(engine: Engine) -> None:
    with serving(make_app(engine, share=Share(ADDRESS)), threads=2) as server:
        assert ask(server.url, "GET", "/api/share").json["address"] == ADDRESS
        assert ask(server.url, "PUT", "/api/share?on=0").status == 405
        assert ask(server.url, "GET", "/api/share", headers={}).status == 401


def test_the_qr_code_is_dark_on_light_with_a_border() -> None:
    root = ElementTree.fromstring(share.picture(ADDRESS))  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    ground, code = list(root)
    assert ground.get("fill") == "#fff"
    assert code.get("stroke") == "#000"
    assert (code.get("d") or "").startswith("M4 4.5")  # the border's four modules


def test_the_terminals_qr_code_is_of_blocks_alone() -> None:
    drawn = share.drawing(ADDRESS)
    assert set(drawn) <= set("█▀▄ \n")
    lines = drawn.splitlines()
    assert len({len(line) for line in lines}) == 1


def test_the_network_address_is_none_of_loopback() -> None:
    try:
        address = share.lan_address()
    except Unavailable as error:
        assert "--host" in error.message
        return
    with bind(address, 0) as sock:
        assert not sock.getsockname()[0].startswith("127.")


@pytest.mark.parametrize("found", [OSError, "127.0.0.1", "0.0.0.0"])
def test_without_a_network_the_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, found: type[OSError] | str
) -> None:
    class Probe(io.StringIO):
        def connect(self, _address: object) -> None:
            if found is OSError:
                raise OSError

        def getsockname(self) -> tuple[str, int]:
            return str(found), 1

    monkeypatch.setattr(socket, "socket", lambda *_: Probe())
    with pytest.raises(Unavailable, match="This machine is in no network"):
        share.lan_address()
