"""`POST /open`: who may hand files over, and what is no list of files."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitapp.engine import Engine
from digitapp.errors import BadRequest, TooLarge
from digitapp.web.handover import MAX_MESSAGE, Handover, Reply, pack, unpack
from digitapp.web.inbox import Inbox
from digitapp.web.tickets import Tickets
from tests.web.client import TOKEN, Response, ask
from tests.web.servers import make_app, serving

KEY = "a-key-for-tests"
RIGHT = {"Authorization": f"Key {KEY}"}
FILES = [Path("/pictures/seven.png").absolute(), Path("/pictures/ä \udcff\n.png").absolute()]


class Window:
    """A server as the desktop window has it, and the files that it was given."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[Path] = []
        self.tickets = Tickets(TOKEN)

    def take(self, files: list[Path]) -> Reply:
        self.taken += files
        return Reply("there", "a word", "once")

    def open(self, headers: dict[str, str], body: bytes = pack(FILES)) -> Response:
        return ask(self.url, "POST", "/open", body, headers)


@pytest.fixture(scope="module")
def served(engine: Engine) -> Iterator[Window]:
    first = Window()
    handover = Handover(KEY, first.take)
    app = make_app(engine, inbox=Inbox(), tickets=first.tickets, handover=handover)
    with serving(app) as server:
        first.url = server.url
        yield first


@pytest.fixture
def first(served: Window) -> Window:
    served.taken.clear()
    return served


def test_who_has_the_key_hands_files_over(first: Window) -> None:
    response = first.open(RIGHT)
    assert response.json == {"address": "there", "message": "a word", "once": "once"}
    assert response.headers["Cache-Control"] == "no-store"
    assert first.taken == FILES


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Key", f"Key {KEY}x", "Key x", f"Bearer {KEY}", f"Bearer {TOKEN}", f"Key {TOKEN}"],
)
def test_nobody_else_does(first: Window, authorization: str | None) -> None:
    response = first.open({} if authorization is None else {"Authorization": authorization})
    assert (response.status, response.code) == (401, "unauthorized")
    assert first.taken == []


def test_a_ticket_is_no_key_and_a_key_is_no_token(first: Window) -> None:
    ticket = first.tickets.issue()
    for scheme in ("Key", "Ticket"):
        assert first.open({"Authorization": f"{scheme} {ticket}"}).status == 401
    for path, scheme in (("/api/model", "Bearer"), ("/api/model", "Key"), ("/ticket", "Ticket")):
        method = "POST" if path == "/ticket" else "GET"
        headers = {"Authorization": f"{scheme} {KEY}"}
        assert ask(first.url, method, path, headers=headers).status == 401
    assert first.taken == []


@pytest.mark.parametrize(
    "foreign",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_page_cannot_ask(first: Window, foreign: dict[str, str]) -> None:
    assert first.open(RIGHT | foreign).status == 403
    assert first.taken == []


def test_other_servers_have_no_such_route(engine: Engine, url: str) -> None:
    assert ask(url, "POST", "/open", pack(FILES), RIGHT).status == 404
    with serving(make_app(engine)) as server:
        assert ask(server.url, "POST", "/open", pack(FILES), RIGHT).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b'["relative.png"]',
        b'["/a.png", "../b.png"]',
        b"\xff",
        b"[" * 100_000,
        pickle.dumps(["/a.png"]),
    ],
)
def test_nonsense_is_not_taken(first: Window, body: bytes) -> None:
    response = first.open(RIGHT, body)
    assert (response.status, response.code) == (400, "bad-request")
    assert first.taken == []


def test_a_list_too_long_is_not_taken(first: Window) -> None:
    response = first.open(RIGHT, b'["/a.png"]' + b" " * MAX_MESSAGE)
    assert (response.status, response.code) == (413, "too-large")
    assert first.taken == []


def test_no_files_are_a_call_too(first: Window) -> None:
    assert first.open(RIGHT, pack([])).status == 200
    assert first.taken == []


def test_files_come_as_they_went() -> None:
    assert unpack(pack(FILES)) == FILES
    with pytest.raises(TooLarge, match="too many files"):
        pack([Path("/" + "a" * 4000)] * 3000)
    with pytest.raises(BadRequest):
        unpack(json.dumps("/a.png").encode())
