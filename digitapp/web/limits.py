"""How much a server takes on: pictures at a time, requests of an address, wrong tokens.

Rates and tries remember at most ADDRESSES addresses, the latest ones, so that memory has a bound.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address, ip_network
from typing import TypeVar

from digitapp.errors import Busy, TooManyRequests

T = TypeVar("T")

ADDRESSES = 1_000
"""Most addresses that are remembered."""

MOST_TRIES = 10
"""Wrong tokens that an address may send within TRIES_S; the next one is refused as too many."""

TRIES_S = 60.0
"""Time for which a wrong token is held against its address, in seconds."""


class Tries:
    """Wrong tokens. A right one is never refused: behind a proxy a whole class is one address."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, address: str) -> None:
        """Note a wrong token.

        Raises:
            TooManyRequests: it is one too many; `retry_after` tells when the next is heard.
        """
        now = time.monotonic()
        with self._lock:
            times = _latest(self._wrong, address, deque)
            while times and times[0] <= now - TRIES_S:
                times.popleft()
            if len(times) >= MOST_TRIES:
                wait_s = int(times[0] + TRIES_S - now) + 1
                raise TooManyRequests("Too many wrong tokens. Wait a minute.", wait_s)
            times.append(now)


class Rate:
    """Requests of each address: `per_s` a second, and as many at once after a second of silence.

    A token bucket (Turner, "New directions in communications", 1986).
    """

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, address: str) -> None:
        """Note a request.

        Raises:
            TooManyRequests: the address asks faster than `per_s` a second.
        """
        if math.isinf(self._per_s):
            return
        now = time.monotonic()
        with self._lock:
            bucket = _latest(self._buckets, address, lambda: _Bucket(self._per_s, now))
            bucket.left = min(bucket.left + (now - bucket.at) * self._per_s, self._per_s)
            bucket.at = now
            if bucket.left < 1:
                raise TooManyRequests
            bucket.left -= 1


class _Bucket:
    """What is `left` of an address's requests, as of the time `at`."""

    __slots__ = ("at", "left")

    def __init__(self, left: float, at: float) -> None:
        self.left = left
        self.at = at


def _sender(address: str) -> str:
    """Who sends, as far as an address tells: of IPv6 one device has all that share 64 bits."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 6 and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return str(known)


def _latest(known: OrderedDict[str, T], address: str, make: Callable[[], T]) -> T:
    """The sender's entry, now the latest one; over ADDRESSES the earliest one goes."""
    address = _sender(address)
    if address not in known:
        known[address] = make()
        if len(known) > ADDRESSES:
            known.popitem(last=False)
    known.move_to_end(address)
    return known[address]


class Slots:
    """Bounds the memory: a large picture takes up to 200 MB while it is decoded.

    Engines and processes that read bound themselves, but by then the body is in memory, and for an
    engine the picture decoded.
    """

    def __init__(self, count: int, wait_s: float, within: "Slots | None" = None) -> None:
        """Have `count` of them; with `within` each of them is one of those too."""
        self.count = count
        self._wait_s = wait_s
        self._free = threading.BoundedSemaphore(count)
        self._within = within

    def for_guests(self) -> "Slots":
        """All but one of these, where there are several: the last one is the owner's."""
        return Slots(max(self.count - 1, 1), self._wait_s, self)

    @contextmanager
    def take(self, since: float | None = None) -> Iterator[None]:
        """Hold a slot, waiting up to `wait_s` seconds for it.

        The wait counts from `since`, a time of `time.monotonic()`, where one is given: a request
        that has waited for a thread already waits the less for a slot.

        Raises:
            Busy: none came free in time.
        """
        waited_s = 0.0 if since is None else time.monotonic() - since
        if not self._free.acquire(timeout=max(self._wait_s - waited_s, 0)):
            raise Busy
        try:
            with self._within.take(since) if self._within else nullcontext():
                yield
        finally:
            self._free.release()

    def check(self) -> None:
        """Raise Busy when no slot is free now."""
        if not self._free.acquire(blocking=False):
            raise Busy
        self._free.release()
        if self._within:
            self._within.check()
