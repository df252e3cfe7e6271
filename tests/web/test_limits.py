"""How much a server takes on: pictures at a time, requests of an address, wrong tokens."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitapp.errors import Busy, TooManyRequests
from digitapp.web import limits
from digitapp.web.limits import MOST_TRIES, Rate, Slots, Tries


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return clock


def test_the_eleventh_wrong_token_in_a_minute_is_too_many(clock: Clock) -> None:
    tries = Tries()
    for _ in range(MOST_TRIES):
        tries.count("10.0.0.7")
        clock.now += 1
    with pytest.raises(TooManyRequests) as caught:
        tries.count("10.0.0.7")
    assert caught.value.retry_after == 51
    tries.count("10.0.0.8")  # another one's do not count


def test_after_a_minute_a_wrong_token_is_heard_again(clock: Clock) -> None:
    tries = Tries()
    for _ in range(MOST_TRIES):
        tries.count("10.0.0.7")
    clock.now += 59.9
    with pytest.raises(TooManyRequests):
        tries.count("10.0.0.7")
    clock.now += 0.2
    tries.count("10.0.0.7")


def test_a_rate_lets_so_many_through(clock: Clock) -> None:
    rate = Rate(5)
    for _ in range(5):
        rate.count("10.0.0.7")
    with pytest.raises(TooManyRequests) as caught:
        rate.count("10.0.0.7")
    assert caught.value.retry_after == 1
    rate.count("10.0.0.8")
    clock.now += 0.2
    rate.count("10.0.0.7")
    with pytest.raises(TooManyRequests):
        rate.count("10.0.0.7")
    clock.now += 60  # rest is not saved up
    for _ in range(5):
        rate.count("10.0.0.7")
    with pytest.raises(TooManyRequests):
        rate.count("10.0.0.7")


@given(st.integers(0, 5_000))
def test_no_bound_is_no_bound(count: int) -> None:
    rate = Rate(math.inf)
    for _ in range(count % 50):
        rate.count("10.0.0.7")


def test_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ADDRESSES", 3)
    rate, tries = Rate(1), Tries()
    for number in range(50):
        rate.count(f"10.0.0.{number}")
        tries.count(f"10.0.0.{number}")
    assert list(rate._buckets) == list(tries._wrong) == ["10.0.0.47", "10.0.0.48", "10.0.0.49"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("fd00::1", "fd00::2", True),
        ("fd00::1", "fd00:0:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("10.0.0.7", "10.0.0.8", False),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.8", False),
        ("", "x", False),
    ],
)
def test_one_device_is_one_sender(one: str, other: str, alike: bool) -> None:
    rate = Rate(1)
    rate.count(one)
    try:
        rate.count(other)
    except TooManyRequests:
        assert alike
    else:
        assert not alike


def test_a_slot_is_given_back_even_after_an_error() -> None:
    slots = Slots(1, wait_s=0)
    with pytest.raises(ZeroDivisionError), slots.take():
        raise ZeroDivisionError
    with slots.take():
        pass


def test_no_more_than_the_slots_are_taken() -> None:
    slots = Slots(2, wait_s=0.01)
    with slots.take(), slots.take():
        with pytest.raises(Busy), slots.take():
            pass
        with pytest.raises(Busy):
            slots.check()
    slots.check()


def test_guests_leave_one_to_the_owner() -> None:
    slots = Slots(3, wait_s=0)
    guests = slots.for_guests()
    with guests.take(), guests.take():
        with pytest.raises(Busy), guests.take():
            pass
        with slots.take(), pytest.raises(Busy):
            slots.check()
        slots.check()
    with slots.take(), slots.take(), slots.take():
        with pytest.raises(Busy):
            guests.check()
        with pytest.raises(Busy), guests.take():
            pass
    guests.check()


def test_the_only_slot_is_shared() -> None:
    slots = Slots(1, wait_s=0)
    with slots.for_guests().take(), pytest.raises(Busy), slots.take():
        pass
