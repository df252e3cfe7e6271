"""Refused requests in the log."""

import time
from collections.abc import Iterator

import pytest

from digitapp import refusals
from digitapp.refusals import MOST_TOLD, TOLD_S, Refusals


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """What the time is, in seconds."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    yield now


def test_the_first_is_told_and_the_others_are_counted(clock: list[float]) -> None:
    told: list[str] = []
    counted = Refusals(told.append)
    for _ in range(500):
        counted.note("192.0.2.7", "401")
    counted.note("192.0.2.7", "429")
    counted.note("192.0.2.8", "401")
    assert told == [
        "192.0.2.7: refused with 401",
        "192.0.2.7: refused with 429",
        "192.0.2.8: refused with 401",
    ]
    clock[0] += TOLD_S
    counted.note("192.0.2.9", "403")
    assert told[3:] == [
        "192.0.2.7: refused 499 more times with 401",
        "192.0.2.9: refused with 403",
    ]


@pytest.mark.usefixtures("clock")
def test_many_addresses_are_counted_together() -> None:
    told: list[str] = []
    counted = Refusals(told.append)
    for number in range(5_000):
        counted.note(f"2001:db8::{number:x}", "401")
    assert len(told) == MOST_TOLD + 1
    counted.sum_up()
    assert told[-1] == f"{refusals.OTHERS}: refused {4_999 - MOST_TOLD} more times with 401"


@pytest.mark.usefixtures("clock")
def test_the_end_tells_what_was_counted_once() -> None:
    told: list[str] = []
    counted = Refusals(told.append)
    counted.note("192.0.2.7", "401")
    counted.note("192.0.2.7", "401")
    counted.sum_up()
    counted.sum_up()
    assert told[1:] == ["192.0.2.7: refused 1 more times with 401"]
