"""How many pictures are read at the same time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from digitapp.errors import Busy


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
