"""A ticket opens the page once, soon, and tells nothing else."""

from functools import partial

import pytest
from flask import Flask

from digitapp.errors import Unauthorized
from digitapp.web import tickets
from digitapp.web.tickets import LIFE_S, MOST, Tickets
from tests.web.client import TOKEN, ask

RIGHT = {"Host": "127.0.0.1"}


class Clock:
    """Time that goes when it is told to, in seconds."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(tickets, "time", clock)
    return clock


def test_the_first_gets_the_token_and_nobody_after() -> None:
    some = Tickets("secret")
    ticket = some.issue()
    assert some.redeem(ticket) == "secret"
    with pytest.raises(Unauthorized, match="opened before"):
        some.redeem(ticket)


def test_it_holds_no_token_and_is_no_other() -> None:
    some = Tickets("secret")
    one, other = some.issue(), some.issue()
    assert one != other
    assert len(one) >= 43  # 32 bytes
    assert "secret" not in one
    assert some.redeem(other) == some.redeem(one) == "secret"


@pytest.mark.parametrize("guess", ["", "x", "secret"])
def test_what_is_no_ticket_gets_nothing(guess: str) -> None:
    some = Tickets("secret")
    ticket = some.issue()
    with pytest.raises(Unauthorized):
        some.redeem(guess)
    assert some.redeem(ticket) == "secret"


def test_it_is_good_for_a_while(clock: Clock) -> None:
    some = Tickets("secret")
    early, late = some.issue(), some.issue()
    clock.now += LIFE_S
    assert some.redeem(early) == "secret"
    clock.now += 0.1
    with pytest.raises(Unauthorized):
        some.redeem(late)


def test_of_too_many_the_oldest_go() -> None:
    some = Tickets("secret")
    issued = [some.issue() for _ in range(MOST + 1)]
    with pytest.raises(Unauthorized):
        some.redeem(issued[0])
    assert {some.redeem(ticket) for ticket in issued[1:]} == {"secret"}


def test_its_end_is_told_once(clock: Clock) -> None:
    some = Tickets("secret")
    ended: list[str] = []
    names = ("used", "late", "left")
    used, late, left = (some.issue(partial(ended.append, name)) for name in names)
    some.redeem(used)
    assert ended == ["used"]
    clock.now += LIFE_S + 1
    with pytest.raises(Unauthorized):
        some.redeem(late)
    assert ended == ["used", "late"]
    last = some.issue(partial(ended.append, "last"))
    assert ended == ["used", "late", "left"]
    some.close()
    some.close()
    assert ended == ["used", "late", "left", "last"]
    for ticket in (left, last):
        with pytest.raises(Unauthorized):
            some.redeem(ticket)


def test_over_http_it_is_given_for_the_token(url: str, given: Tickets) -> None:
    right = {"Authorization": f"Ticket {given.issue()}"}
    answer = ask(url, "POST", "/ticket", headers=right)
    assert (answer.status, answer.json) == (200, {"token": TOKEN})
    assert answer.headers["Cache-Control"] == "no-store"
    again = ask(url, "POST", "/ticket", headers=right)
    assert (again.status, again.code) == (401, "unauthorized")


@pytest.mark.parametrize("authorization", [None, "", "Ticket", "Ticket x", f"Bearer {TOKEN}"])
def test_over_http_nothing_else_is(url: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    assert ask(url, "POST", "/ticket", headers=headers).status == 401


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_page_cannot_give_it(url: str, given: Tickets, foreign: dict[str, str]) -> None:
    ticket = given.issue()
    refused = ask(url, "POST", "/ticket", headers={"Authorization": f"Ticket {ticket}", **foreign})
    assert refused.status == 403
    assert given.redeem(ticket) == TOKEN


def test_without_a_window_there_are_none(tiny: Flask) -> None:
    response = tiny.test_client().post("/ticket", headers=RIGHT)
    assert response.status_code == 404
