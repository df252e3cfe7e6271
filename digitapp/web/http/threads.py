"""The threads that answer requests, and one more for health checks.

Each request carries the time when it had arrived. So its waits for a thread and for a slot together
are limited, not each by itself.
"""

import time
from typing import TYPE_CHECKING

from waitress import task  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from digitapp.web.http.channel import Channel

QUICK = ("/healthz", "/readyz")
"""Paths that are answered at once, however many pictures wait."""


class Workers(task.ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' pool of threads, with a thread of its own for QUICK."""

    def __init__(self, threads: int) -> None:
        """Start `threads` of them, and the one for QUICK."""
        super().__init__()
        self._quick = task.ThreadedTaskDispatcher()
        self._quick.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, channel: "Channel") -> None:
        """Queue a connection whose oldest request has arrived."""
        channel.arrived = time.monotonic()
        if channel.requests[0].path in QUICK:
            self._quick.add_task(channel)
        else:
            super().add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Stop all threads within `timeout` seconds."""
        end = time.monotonic() + timeout
        done: bool = super().shutdown(cancel_pending, timeout)
        return self._quick.shutdown(cancel_pending, max(end - time.monotonic(), 0)) and done
