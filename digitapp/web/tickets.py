"""Tickets: addresses that open the page once.

When the program starts a browser, the address that it is sent to lies in a file for a moment (see
`desktop.redirect`), and the browser keeps it in its history. So it holds a ticket in place of the
token. The page exchanges it for the token, which works once, within LIFE_S.
"""

import math
import secrets
import threading
import time
from collections.abc import Callable

from digitapp.errors import Unauthorized

LIFE_S, MOST = 120.0, 20
"""How long a ticket is valid, in seconds, and how many are at the same time: the newest."""

SPENT = "This address was opened before. Start digitapp again: it opens the page by a new one."


class Tickets:
    """The tickets of one server."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._issued: dict[str, tuple[float, Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def issue(self, on_end: Callable[[], None] = lambda: None) -> str:
        """A new ticket. `on_end` is called once when it is redeemed or no longer valid."""
        ticket, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            self._issued[ticket] = now + LIFE_S, on_end
            late = [each for each, (end, _) in self._issued.items() if end < now]
            gone = [self._issued.pop(each) for each in {*late, *list(self._issued)[:-MOST]}]
        for _, end_of in gone:
            end_of()
        return ticket

    def redeem(self, ticket: str) -> str:
        """The server's token.

        Raises:
            Unauthorized: it is not a ticket, was used before or is too old.
        """
        with self._lock:
            end, on_end = self._issued.pop(ticket, (-math.inf, lambda: None))
        on_end()
        if time.monotonic() > end:
            raise Unauthorized(SPENT)
        return self._token

    def close(self) -> None:
        """No ticket is valid any more; harmless twice."""
        with self._lock:
            gone, self._issued = self._issued, {}
        for _, on_end in gone.values():
            on_end()
