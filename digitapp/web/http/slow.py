"""How slow a connection may be, and which one is cut off when there are too many.

One measure serves for all: by how many seconds a connection lags behind one that moves LEAST_RATE.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

LEAST_RATE = 4 * 1024
"""Bytes a second that a reader takes at least. A phone on bad Wi-Fi has ten times as much."""

GRACE_S = 10.0
"""How far a reader may lag behind LEAST_RATE, in seconds: Wi-Fi that changes its access point is
silent for some of them. Then the connection is cut off."""

ANSWER_S = 300.0
"""How long answers may take to be sent, in seconds, at whatever rate: 1.2 MB at LEAST_RATE, twice
an answer with its stages."""

PER_ADDRESS = 200
"""Most connections of one address: thirty tablets behind one router, six connections each, make
180."""

YOUNG_S = 1.0
"""A lag that counts as none, in seconds: who has just connected may not have sent anything yet."""


class Pace:
    """How fast bytes move: since `began`, a time of `time.monotonic()`, `moved` of them."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Count anew from now on."""
        self.began, self.moved = time.monotonic(), 0

    def lag_s(self, now: float) -> float:
        """Seconds by which this lags behind LEAST_RATE; below zero if it is faster."""
        return now - self.began - self.moved / LEAST_RATE

    def is_too_slow(self, now: float) -> bool:
        """Whether GRACE_S or ANSWER_S is over."""
        return self.lag_s(now) > GRACE_S or now - self.began > ANSWER_S


class Connection(Protocol):
    """What is asked of a connection; `creation_time` is when it was opened."""

    addr: tuple[str, int]
    creation_time: float
    will_close: bool

    def lag_s(self, now: float) -> float:
        """Seconds by which it lags behind LEAST_RATE; 0 while it waits for us."""
        ...


C = TypeVar("C", bound=Connection)


def slowest(connections: Collection[C]) -> C | None:
    """The connection that lags most, or the oldest of those that do not lag; None if all close."""
    now = time.monotonic()
    return max(
        (each for each in connections if not each.will_close),
        key=lambda each: (max(each.lag_s(now), YOUNG_S), -each.creation_time),
        default=None,
    )


def one_too_many(
    connections: Collection[C],
    newest: C,
    most: int,
    has_cap: Callable[[str], bool] = lambda _: True,
) -> C | None:
    """Which other connection must go now that `newest` is there; None while there is room.

    If its address has more than PER_ADDRESS, it is the slowest of them, unless `has_cap` says that
    the address has no such bound: many share a proxy's. If there are more than
    `most` in all, it is the slowest of the addresses that have the most. So one address cannot use
    up the connections of the others.
    """
    open_ones = [each for each in connections if not each.will_close]
    counts = Counter(each.addr[0] for each in open_ones)
    if counts[newest.addr[0]] > PER_ADDRESS and has_cap(newest.addr[0]):
        crowd = {newest.addr[0]}
    elif len(open_ones) > most:
        highest = max(counts.values())
        crowd = {address for address, count in counts.items() if count == highest}
    else:
        return None
    return slowest([each for each in open_ones if each.addr[0] in crowd and each is not newest])
