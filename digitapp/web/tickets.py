"""Addresses that open the page once.

A browser that the program starts gets the page's address among its arguments, which every user of
the machine can read. So a ticket stands there in the token's place. The page exchanges it for the
token: the first who comes gets it, within LIFE_S, and nobody after.
"""

import math
import secrets
import threading
import time

from digitapp.errors import Unauthorized

LIFE_S = 120.0
"""How long a ticket is good, in seconds."""

MOST = 20
"""Tickets that are good at the same time; of more the oldest go."""

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
            Unauthorized: it is no ticket, was redeemed already or is too old.
        """
        with self._lock:
            end = self._ends.pop(ticket, -math.inf)
        if time.monotonic() > end:
            raise Unauthorized(SPENT)
        return self._token
