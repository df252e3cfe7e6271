"""How much a server takes on: pictures at a time, requests of an address, wrong tokens.

Rate and Tries remember the latest ADDRESSES addresses, so that their memory is bounded.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address, ip_network
from typing import TypeVar

from digitapp.errors import Busy, TooManyRequests

T = TypeVar("T")

ADDRESSES = 1_000
"""Most addresses that are remembered."""

MOST_TRIES, TRIES_S = 10, 60.0
"""Wrong tokens that an address may send within so many seconds; one more is refused as too many."""


class Tries:
    """Limits wrong tokens by address. The right token always works: a proxy is one address."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, address: str) -> None:
        """Note a wrong token.

        Raises:
            TooManyRequests: it is one too many; `retry_after` says when the next is accepted.
        """
        sender, now = _sender(address), time.monotonic()
        with self._lock:
            times = [at for at in self._wrong.get(sender, ()) if at > now - TRIES_S]
            _remember(self._wrong, sender, [*times, now][:MOST_TRIES])
        if len(times) >= MOST_TRIES:
            wait_s = int(times[0] + TRIES_S - now) + 1
            raise TooManyRequests("Too many wrong tokens. Wait a minute.", wait_s)


class Rate:
    """Limits requests by address: `per_s` a second, as many at once after a second of silence.

    A token bucket (Turner, "New directions in communications", 1986): what is left, and as of when.
    """

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, address: str) -> None:
        """Note a request.

        Raises:
            TooManyRequests: the address asks faster than `per_s` a second.
        """
        if math.isinf(self._per_s):
            return
        sender, now = _sender(address), time.monotonic()
        with self._lock:
            left, at = self._buckets.get(sender, (self._per_s, now))
            left = min(left + (now - at) * self._per_s, self._per_s)
            _remember(self._buckets, sender, (left - 1 if left >= 1 else left, now))
        if left < 1:
            raise TooManyRequests


def _sender(address: str) -> str:
    """The device behind an address. One device has all IPv6 addresses that share 64 bits."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 6 and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return str(known)


def _remember(known: OrderedDict[str, T], sender: str, entry: T) -> None:
    """Make it the latest entry. Above ADDRESSES the earliest one is forgotten."""
    known[sender] = entry
    known.move_to_end(sender)
    if len(known) > ADDRESSES:
        known.popitem(last=False)


LEAVING = Busy("This server is about to stop. Ask another one, or this one again later.", 5)
"""What `/readyz` says then. A server takes some seconds to end and to start again."""


class Slots:
    """Limits the pictures that are read at the same time, and with them the memory.

    A large picture takes up to 200 MB while it is decoded. This is the only limit of pictures.
    """

    def __init__(self, count: int, wait_s: float, within: "Slots | None" = None) -> None:
        """Make `count` slots. Whoever takes one takes one of `within` too, if that is given."""
        self.count, self._wait_s, self._within = count, wait_s, within
        self._free = threading.BoundedSemaphore(count)
        self._is_draining = False

    def for_guests(self) -> "Slots":
        """All but one of these, if there are several: one is left to this machine's owner."""
        return Slots(max(self.count - 1, 1), self._wait_s, self)

    @contextmanager
    def take(self, since: float | None = None) -> Iterator[None]:
        """Hold a slot, waiting up to `wait_s` seconds for it.

        The wait counts from `since`, a time of `time.monotonic()`, if that is given: it includes
        the time that a request waited for a thread.

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

    def drain(self) -> None:
        """Have `check` refuse from now on: the server stops soon. Slots are still given."""
        self._is_draining = True

    @property
    def is_draining(self) -> bool:
        """Whether `drain` was called, here or of those that these are a part of."""
        return self._is_draining or (self._within is not None and self._within.is_draining)

    def check(self) -> None:
        """Raise Busy when no slot is free now, or the server stops soon."""
        if self.is_draining:
            raise LEAVING
        with self.take(since=-math.inf):  # it has waited long enough
            pass
