"""Which connections are closed."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from digitapp.web.http import crowd
from digitapp.web.http.crowd import GRACE_S, LEAST_RATE, Taking, make_room


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the time is, in seconds."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def after(clock: list[float], seconds: int, a_second: int, waiting: int = 10_000_000) -> Taking:
    """A sender that has taken so many bytes a second for so long."""
    taking = Taking()
    taking.look(waiting)
    for _ in range(seconds):
        clock[0] += 1
        taking.took(a_second)
        taking.look(waiting)
    return taking


@pytest.mark.parametrize(
    ("seconds", "a_second", "is_cut"),
    [
        (int(GRACE_S), 0, False),
        (int(GRACE_S) + 1, LEAST_RATE // 2, True),
        (int(GRACE_S) + 1, LEAST_RATE * 2, False),
        (int(crowd.ANSWERED_S), LEAST_RATE * 2, False),
        (int(crowd.ANSWERED_S) + 1, 1_000_000, True),
    ],
)
def test_a_sender_has_a_least_rate_and_a_deadline(
    clock: list[float], seconds: int, a_second: int, is_cut: bool
) -> None:
    assert after(clock, seconds, a_second).is_too_slow is is_cut


def test_time_counts_only_while_something_waits(clock: list[float]) -> None:
    taking = after(clock, 9, 0)
    taking.look(0)
    clock[0] += 100
    assert not taking.is_too_slow
    taking.look(1)
    clock[0] += 9
    assert not taking.is_too_slow


def connection(
    address: str, age: float, waiting: int = 0, waits_s: float = 0, busy: int = 0
) -> Any:
    return SimpleNamespace(
        addr=(address, 1),
        creation_time=time.time() - age,
        requests=[1] * busy,
        total_outbufs_len=waiting,
        will_close=False,
        taking=SimpleNamespace(waits_s=waits_s),
    )


def closed(connections: list[Any]) -> list[int]:
    return [place for place, each in enumerate(connections) if each.will_close]


def test_up_to_the_bound_nobody_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CONNECTIONS", 3)
    three = [connection("a", 1), connection("a", 2), connection("b", 3)]
    make_room(three, three[2], lambda _: True)
    assert closed(three) == []


def test_the_oldest_idle_one_of_the_greediest_address_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CONNECTIONS", 3)
    found = [
        connection("a", 1),
        connection("a", 5),
        connection("a", 9, waiting=100),
        connection("b", 99),
    ]
    make_room(found, found[-1], lambda _: True)
    assert closed(found) == [1]


def test_without_an_idle_one_that_goes_which_keeps_answers_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "CONNECTIONS", 3)
    found = [
        connection("a", 1, waiting=100, waits_s=5),
        connection("a", 5, waiting=100, waits_s=50),
        connection("a", 9, busy=1),
        connection("b", 99, waiting=100, waits_s=99),
    ]
    make_room(found, found[-1], lambda _: True)
    assert closed(found) == [1]
    make_room(found, found[-1], lambda _: True)  # there is room now
    assert closed(found) == [1]


def test_what_is_being_answered_is_closed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CONNECTIONS", 1)
    many = [connection("a", age, busy=1) for age in range(1, 2 + crowd.SPARE // 2)]
    make_room(many, many[0], lambda _: True)
    assert closed(many) == []
    many.append(connection("a", 0))
    make_room(many, many[-1], lambda _: True)
    assert closed(many) == [len(many) - 2]  # the oldest
    found = [connection("a", 1, busy=1), connection("a", 2, busy=1)]
    make_room(found, found[-1], lambda _: True)
    assert closed(found) == []


@pytest.mark.parametrize("has_cap", [True, False])
def test_an_address_has_a_cap_unless_it_is_a_proxys(
    monkeypatch: pytest.MonkeyPatch, has_cap: bool
) -> None:
    monkeypatch.setattr(crowd, "OF_ADDRESS", 2)
    found = [connection("b", 99)] + [connection("a", age) for age in (4, 3, 2)]
    make_room(found, found[-1], lambda _: has_cap)
    assert closed(found) == ([1] if has_cap else [])


@pytest.mark.parametrize(("age", "chosen"), [(0.2, 0), (2, 1)])
def test_one_that_has_just_come_is_not_idle_yet(
    monkeypatch: pytest.MonkeyPatch, age: float, chosen: int
) -> None:
    monkeypatch.setattr(crowd, "CONNECTIONS", 2)
    found = [connection("a", 9, waiting=1, waits_s=8), connection("a", age), connection("b", 0)]
    make_room(found, found[-1], lambda _: True)
    assert closed(found) == [chosen]
