"""Refused requests in the log: each address's first one at once, the others as a count.

So a stranger who is refused a thousand times a second leaves a few lines an hour, and what matters
stays in the log.
"""

import threading
import time
from collections.abc import Callable

TOLD_S = 600.0
"""Seconds for which further refusals of an address are counted."""

MOST_TOLD = 5
"""Addresses that are told within that time. A sender may have more; they are counted together."""

OTHERS = "other addresses"


class Refusals:
    """Counts refusals; `tell` writes a line."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._begun = -TOLD_S
        self._more: dict[tuple[str, str], int] = {}

    def note(self, sender: str, status: str) -> None:
        """Note that a sender's request was refused with that status."""
        with self._lock:
            if time.monotonic() - self._begun >= TOLD_S:
                self._sum_up()
                self._begun = time.monotonic()
            known = (sender, status) in self._more or len(self._more) < MOST_TOLD
            key = (sender if known else OTHERS, status)
            if key in self._more:
                self._more[key] += 1
                return
            self._more[key] = 0
        self._tell(f"{key[0]}: refused with {status}")

    def sum_up(self) -> None:
        """Tell what was counted, and begin anew."""
        with self._lock:
            self._sum_up()
            self._begun = -TOLD_S

    def _sum_up(self) -> None:
        for (sender, status), count in self._more.items():
            if count:
                self._tell(f"{sender}: refused {count} more times with {status}")
        self._more.clear()
