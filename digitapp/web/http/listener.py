"""waitress' listener, adapted: it cuts off who is too slow, and rests when it cannot accept."""

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

from waitress import server  # type: ignore[import-untyped]
from waitress.adjustments import Adjustments  # type: ignore[import-untyped]

from digitapp.config import MAX_BODY
from digitapp.metrics import Uncounted
from digitapp.web.forwarded import Network
from digitapp.web.http import slow
from digitapp.web.http.channel import Channel, adjustments

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""Why a connection that waits cannot be accepted: the process or the system has no room for it."""

REST_S = 0.2
"""How long the listener rests when it cannot accept, in seconds. Without it the loop would spin,
since the connection still waits."""

SEND_BUFFER = 128 * 1024
"""Bytes of answers that the system takes for a connection before they are sent. Linux would take up
to 4 MiB: 400 readers who do not read could hold 1.6 GB, and would look as if they had read."""

ACCEPTS = 64
"""Most connections that are accepted in one round of the loop. With one a round, as waitress does
it, whoever came after 250 others waited 3 s while all threads were busy."""

LOOK_S = 1.0
"""Seconds between two looks at who is too slow."""


class Listener(server.TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections, and keeps their number and their slowness in bounds."""

    channel_class = Channel
    active_channels: dict[int, Channel]
    stopping = draining = False
    guard: Any = None
    metrics = Uncounted()
    proxies: tuple[Network, ...] = ()

    def __init__(
        self, app: Callable[..., Any], sock: socket.socket, dispatcher: Any, of: dict[int, Any]
    ) -> None:
        """Listen on a socket that is bound already; `of` is the loop's map of its sockets."""
        place = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(
            app,
            of,
            _sock=sock,
            dispatcher=dispatcher,
            adj=Adjustments(**adjustments(sock, MAX_BODY)),
            sockinfo=place,
            bind_socket=False,
        )
        self._is_short = self._has_more = False
        self._rests_until = self._looks_at = 0.0

    def tidy(self) -> None:
        """Mark who is too slow, and close whoever is marked; the loop calls it before it waits.

        waitress closes a connection once its socket takes bytes, which may be never if nobody
        reads. It must not happen while the loop goes through its events: a new connection could
        get the descriptor of a closed one, and with it the events of that.
        """
        now = time.monotonic()
        channels = list(self.active_channels.values())
        if now >= self._looks_at:
            self._looks_at = now + LOOK_S
            for each in channels:
                each.will_close |= each.is_too_slow(now)
        for each in channels:
            if each.will_close:
                each.cut()

    def rest_s(self) -> float | None:
        """How many seconds the listener still rests; None if it does not."""
        left = self._rests_until - time.monotonic()
        return left if left > 0 else None

    def readable(self) -> bool:
        """Whether to accept connections."""
        return bool(super().readable()) and self.rest_s() is None

    def handle_accept(self) -> None:
        """Accept the connections that wait."""
        self._has_more = True
        for _ in range(ACCEPTS):
            if not self._has_more:
                break
            super().handle_accept()

    def accept(self) -> Any:
        """Accept a connection; None if there is none.

        Raises:
            OSError: it cannot be accepted; waitress goes on.
        """
        self._has_more = False
        try:
            accepted = super().accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._make_room()
            raise
        self._is_short = False
        self._has_more = accepted is not None
        return accepted

    def set_socket_options(self, conn: socket.socket) -> None:
        """Bound what the system takes of answers for a new connection."""
        super().set_socket_options(conn)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def _make_room(self) -> None:
        """Mark the slowest connection, but rest if there is none or if that did not help."""
        worst = slow.slowest(self.active_channels.values())
        if self._is_short or worst is None or worst.lag_s(time.monotonic()) < slow.YOUNG_S:
            self._is_short = False
            self._rests_until = time.monotonic() + REST_S
        else:
            self._is_short = True
            worst.will_close = True
