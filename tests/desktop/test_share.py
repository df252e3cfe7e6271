"""Sharing with other devices, as the desktop window does it."""

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


class Window(NamedTuple):
    """The window's server, its token and inbox, and its sharing."""

    url: str
    token: str
    inbox: Inbox
    share: SwitchableShare


@pytest.fixture
def window() -> Iterator[Window]:
    inbox = Inbox()
    running = backend.servers(sockets.bind("127.0.0.1", 0), inbox, "owner", "litert")
    running.server.start()
    yield Window(running.server.url, "owner", inbox, running.share)
    running.stop()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_guest_reads_and_learns_nothing_of_the_window(window: Window) -> None:
    window.inbox.put_command("undo")
    told = ask(window.url, "PUT", "/api/share?on=1", headers=bearer("owner")).json
    url, token = told["address"].split("#token=")
    assert len(token) >= 43  # 32 bytes
    assert ask(url, "POST", "/api/recognize", png(7), bearer(token)).json["text"] == "7"
    assert ask(url, "GET", "/api/share", headers=bearer(token)).json == told
    for method, path in (("GET", "/api/desktop/next"), ("GET", "/api/desktop/files/1")):
        assert ask(url, method, path, headers=bearer(token)).status == 404
    assert ask(url, "PUT", "/api/share?on=0", headers=bearer(token)).status == 405
    assert ask(window.url, "GET", "/api/desktop/next", headers=bearer("owner")).json == {
        "kind": "command",
        "name": "undo",
    }


def test_each_has_a_token_of_its_own(window: Window) -> None:
    window.share.open()
    assert window.share.address
    url, token = window.share.address.split("#token=")
    assert ask(url, "GET", "/api/model", headers=bearer("owner")).status == 401
    assert ask(window.url, "GET", "/api/model", headers=bearer(token)).status == 401


def test_what_is_shared_again_has_another_token(window: Window) -> None:
    window.share.open()
    first = window.share.address
    window.share.close()
    window.share.open()
    assert first
    assert window.share.address
    assert first.partition("#")[2] != window.share.address.partition("#")[2]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc: run it on Linux")
def test_guests_pictures_are_read_in_processes_that_end_with_the_sharing(window: Window) -> None:
    def others() -> int:
        return len(list(family.members(os.getpid()))) - 1

    before = others()
    window.share.open()
    assert others() == before + max(config.setting("slots") - 1, 1)
    window.share.close()
    assert others() == before


def test_the_window_tells_which_engine_runs(window: Window) -> None:
    facts = ask(window.url, "GET", "/api/model", headers=bearer("owner")).json
    assert facts["engine"] == "litert"
