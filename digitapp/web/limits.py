"""How often one address may ask, and how often it may be wrong about the token.

Both remember at most ADDRESSES addresses, the latest ones: memory has a bound, whoever asks.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import TypeVar

from digitapp.errors import TooManyRequests

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
