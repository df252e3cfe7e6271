"""The door for other devices, as the desktop window has it."""

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from digitapp import config
from digitapp.desktop import backend
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox
from digitapp.web.share import SwitchableShare
from tests import family
from tests.drawings import png
from tests.web.client import ask


class House(NamedTuple):
    """The window's server, its token, its inbox and its door."""

    url: str
    token: str
    inbox: Inbox
    door: SwitchableShare


@pytest.fixture
def house() -> Iterator[House]:
    inbox = Inbox()
    server, door = backend.servers(sockets.bind("127.0.0.1", 0), inbox, "owner", "litert")
    server.start()
    yield House(server.url, "owner", inbox, door)
    door.close()
    server.stop()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_guest_reads_and_learns_nothing_of_the_window(house: House) -> None:
    house.inbox.put_command("undo")
    told = ask(house.url, "PUT", "/api/share?on=1", headers=bearer("owner")).json
    url, token = told["address"].split("#token=")
    assert len(token) >= 43  # 32 bytes
    assert ask(url, "POST", "/api/recognize", png(7), bearer(token)).json["text"] == "7"
    assert ask(url, "GET", "/api/share", headers=bearer(token)).json == told
    for method, path in (("GET", "/api/desktop/next"), ("GET", "/api/desktop/files/1")):
        assert ask(url, method, path, headers=bearer(token)).status == 404
    assert ask(url, "PUT", "/api/share?on=0", headers=bearer(token)).status == 405
    assert ask(house.url, "GET", "/api/desktop/next", headers=bearer("owner")).json == {
        "kind": "command",
        "name": "undo",
    }


def test_each_has_a_token_of_its_own(house: House) -> None:
    house.door.open()
    assert house.door.address
    url, token = house.door.address.split("#token=")
    assert ask(url, "GET", "/api/model", headers=bearer("owner")).status == 401
    assert ask(house.url, "GET", "/api/model", headers=bearer(token)).status == 401


def test_a_door_that_is_opened_again_has_another_token(house: House) -> None:
    house.door.open()
    first = house.door.address
    house.door.close()
    house.door.open()
    assert first
    assert house.door.address
    assert first.partition("#")[2] != house.door.address.partition("#")[2]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc: run it on Linux")
def test_guests_pictures_are_read_in_processes_that_go_when_the_door_is_shut(house: House) -> None:
    def others() -> int:
        return len(list(family.members(os.getpid()))) - 1

    before = others()
    house.door.open()
    assert others() == before + max(config.setting("slots") - 1, 1)
    house.door.close()
    assert others() == before


def test_the_window_tells_which_engine_runs(house: House) -> None:
    facts = ask(house.url, "GET", "/api/model", headers=bearer("owner")).json
    assert facts["engine"] == "litert"
