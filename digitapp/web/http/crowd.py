"""Which connections are closed: those that take their answers too slowly, and one where there are
too many.

Slow readers ("Sockstress", CVE-2008-4609, and its kind) hold a connection and an answer each at
almost no cost of their own.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol

GRACE_S, LEAST_RATE = 10.0, 2 * 1024
"""After so many seconds a sender must have taken so many bytes a second of what waits for it.

The page's largest file takes 8 s at that rate. A phone on a poor network has ten times as much.
"""

ANSWERED_S = 60.0
"""How long what waits for a sender may take to leave, in seconds: 1 MiB at 0.14 Mbit/s."""

CONNECTIONS, SPARE = 400, 32
"""Most connections that are open at the same time, and how many more while all are being answered.
For one more than CONNECTIONS, another is closed. More than both wait.
"""

IDLE_S = 1.0
"""A connection that is younger, in seconds, is not idle: its request is on its way."""

OF_ADDRESS = 200
"""Most connections of an address: a class of thirty behind one router has 180."""


class Taking:
    """How quickly a sender takes what waits for it."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._bytes = 0

    def took(self, size: int) -> None:
        """Note bytes that left."""
        self._bytes += size

    def look(self, waiting: int) -> None:
        """Note how many bytes wait now."""
        if not waiting:
            self._since = None
        elif self._since is None:
            self._since, self._bytes = time.monotonic(), 0

    @property
    def waits_s(self) -> float:
        """For how many seconds something has waited without a break."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    @property
    def is_too_slow(self) -> bool:
        """Whether the sender has had its time."""
        waits_s = self.waits_s
        is_slow = waits_s > GRACE_S and self._bytes < LEAST_RATE * waits_s
        return is_slow or waits_s > ANSWERED_S


class Connection(Protocol):
    """What is asked of a connection here; see waitress' `HTTPChannel`."""

    addr: tuple[str, int]
    creation_time: float
    requests: list[object]
    total_outbufs_len: int
    will_close: bool
    taking: Taking


def make_room(
    connections: Collection[Connection], newest: Connection, has_cap: Callable[[str], bool]
) -> None:
    """Close a connection if there are too many, or too many of the newest one's address.

    Args:
        connections: all that are open.
        newest: the latest, which is not closed: it has had no time to ask.
        has_cap: whether OF_ADDRESS holds for an address: not for a proxy's, which many share.
    """
    others = [each for each in connections if each is not newest]
    counts = Counter(each.addr[0] for each in others if not each.will_close)
    address = newest.addr[0]
    if counts[address] >= OF_ADDRESS and has_cap(address):
        close_one(others, address)
    elif counts.total() >= CONNECTIONS:
        close_one(others, counts.most_common(1)[0][0])


def close_one(connections: Collection[Connection], address: str) -> None:
    """Close an address' oldest idle connection, else the one that keeps its answers longest.

    So one address cannot use up the connections of the others. One that has just come is about to
    ask, and is not idle yet, if there is another to close. If SPARE is nearly used up too, one that
    is being answered is closed.
    """
    theirs = [each for each in connections if each.addr[0] == address and not each.will_close]
    quiet = [each for each in theirs if not each.requests and not each.total_outbufs_len]
    waiting = [each for each in theirs if each.total_outbufs_len]
    oldest = min(quiet, key=lambda each: each.creation_time, default=None)
    is_idle = oldest is not None and time.time() - oldest.creation_time > IDLE_S
    longest = max(waiting, key=lambda each: each.taking.waits_s, default=None)
    chosen = oldest if is_idle or longest is None else longest
    if chosen is None and len(connections) >= CONNECTIONS + SPARE // 2:
        chosen = min(theirs, key=lambda each: each.creation_time, default=None)
    if chosen is not None:
        chosen.will_close = True


def most_of(connections: Collection[Connection]) -> str:
    """The address that has the most connections; "" without any."""
    counts = Counter(each.addr[0] for each in connections if not each.will_close)
    return counts.most_common(1)[0][0] if counts else ""
