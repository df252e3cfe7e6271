"""The threads that answer: many for pictures, and one that is kept for the quick questions.

Each request carries the time at which it was whole, so that what waits for a thread and what waits
for a recognition slot wait no longer together than one of them alone may.
"""

import threading
import time
from typing import TYPE_CHECKING

from waitress import task  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from digitapp.web.http.channel import Channel

QUICK = ("/healthz", "/readyz")
"""Paths that are answered at once, however many pictures wait."""


class Workers(task.ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' pool of threads, with a lane of its own for QUICK."""

    def __init__(self, threads: int) -> None:
        """Start `threads` of them, and one more for the quick lane."""
        super().__init__()
        self._quick = task.ThreadedTaskDispatcher()
        self._quick.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, channel: "Channel") -> None:
        """Queue a connection whose oldest request is whole."""
        channel.arrived = time.monotonic()
        if channel.requests[0].path in QUICK:
            self._quick.add_task(channel)
        else:
            super().add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Stop all threads, both lanes within `timeout` seconds together."""
        end = time.monotonic() + timeout
        done: bool = super().shutdown(cancel_pending, timeout)
        return self._quick.shutdown(cancel_pending, max(end - time.monotonic(), 0)) and done

    def start_new_thread(self, target: object, thread_no: int) -> None:
        """As waitress does, under a name that tells whose it is."""
        name = f"digitapp-{thread_no}"
        threading.Thread(target=target, name=name, args=(thread_no,), daemon=True).start()  # type: ignore[arg-type]
