"""How many pictures are read at the same time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from digitapp.errors import Busy


class Slots:
    """Bounds the memory: a large picture takes up to 200 MB while it is decoded.

    The engine bounds itself, but by then the picture is decoded already.
    """

    def __init__(self, count: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a slot, waiting up to `wait_s` seconds for it.

        Raises:
            Busy: none came free in time.
        """
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy
        try:
            yield
        finally:
            self._free.release()

    def check(self) -> None:
        """Raise Busy when no slot is free now."""
        if not self._free.acquire(blocking=False):
            raise Busy
        self._free.release()
