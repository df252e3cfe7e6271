"""Tickets: addresses that open the page once.

When the program starts a browser, every user of the machine can read the address in the browser's
arguments. So it holds a ticket in place of the token. The page exchanges it for the token, which
works once, within LIFE_S.
"""

import math
import secrets
import threading
import time

from digitapp.errors import Unauthorized

LIFE_S, MOST = 120.0, 20
"""How long a ticket is valid, in seconds, and how many are at the same time: the newest."""

SPENT = "This address was opened before. Start digitapp again: it opens the page by a new one."


class Tickets:
    """The tickets of one server."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self) -> str:
        """A new ticket."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._ends[ticket] = time.monotonic() + LIFE_S
            for old in list(self._ends)[:-MOST]:
                del self._ends[old]
        return ticket

    def redeem(self, ticket: str) -> str:
        """The server's token.

        Raises:
            Unauthorized: it is not a ticket, was used before or is too old.
        """
        with self._lock:
            end = self._ends.pop(ticket, -math.inf)
        if time.monotonic() > end:
            raise Unauthorized(SPENT)
        return self._token
