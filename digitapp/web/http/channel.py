"""waitress with our manners: errors in our JSON, bounds that it leaves open, a patient farewell.

waitress names the classes that do its work on class attributes; here they are replaced.
"""

import socket
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import Any

from waitress import channel, parser, task, utilities  # type: ignore[import-untyped]

from digitapp import logs
from digitapp.errors import BadRequest, DigitappError, InternalError, TooLarge
from digitapp.web.http.replies import NO_STORE, SECURITY, reply

MAX_HEAD = 16 * 1024
"""Longest request line and headers together, in bytes."""

MAX_LINE = 4 * 1024
"""Longest size line or trailer of a chunked body, in bytes; waitress leaves both open."""

WHOLE_S = 60.0
"""Longest time that a request may take to arrive, in seconds: 20 MiB at 3 Mbit/s."""

CONNECTIONS = 400
"""Connections that are open at the same time; for one more another has to go."""

SPARE = 32
"""Most connections above that, while all others are being answered; the next ones wait."""

ARRIVED = "digitapp.arrived"
"""Where WSGI's environment tells when the request was whole."""

MAX_UNREAD = 128 * 1024
"""Bytes of answers that may lie unread when another request of the same connection is answered."""

MAX_SWALLOWED = 64 * 1024 * 1024
"""Most bytes of a refused body that are read and thrown away, in bytes."""


LARGE = 64 * 1024
"""Whoever sends more than so many bytes must show at once that it may, not when all are there."""


class Refused(utilities.Error):  # type: ignore[misc]
    """A request that is refused before its body came; tells our error."""

    def __init__(self, error: DigitappError) -> None:
        super().__init__(error.message)
        self.error = error


def translate(error: utilities.Error) -> DigitappError:
    """waitress' error as ours. Its own text can hold parts of the request and is not passed on."""
    if isinstance(error, Refused):
        return error.error
    if isinstance(error, utilities.RequestEntityTooLarge):
        return TooLarge()
    if isinstance(error, utilities.RequestHeaderFieldsTooLarge):
        return BadRequest(f"The request's headers are longer than {MAX_HEAD // 1024} KiB.")
    if isinstance(error, utilities.ServerNotImplemented):
        return BadRequest("Send the body as it is or chunked; no other Transfer-Encoding is known.")
    if isinstance(error, utilities.BadRequest):
        return BadRequest("The request is no valid HTTP.")
    return InternalError()


class ErrorTask(task.ErrorTask):  # type: ignore[misc]
    """Answers a request that never reached the app, as the app would."""

    def execute(self) -> None:
        """Write the whole response."""
        self.status, headers, body = reply(translate(self.request.error))
        self.response_headers.extend([*headers, NO_STORE, *SECURITY])
        self.set_close_on_finish()
        method = getattr(self.request, "command", "")
        self.write(b"" if method == "HEAD" else body)
        logs.note(
            self.channel.addr[0],
            method or "-",
            self.request.path,
            self.status[:3],
            str(len(body)),
            time.perf_counter(),
        )


class Task(task.WSGITask):  # type: ignore[misc]
    """Answers a request by the app, which is told since when it waits."""

    def get_environment(self) -> dict[str, Any]:
        """WSGI's environment, and under ARRIVED the time of `time.monotonic()`."""
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED] = self.channel.arrived
        # With it each unread answer holds a file open: one sender could use up all there may be.
        environ.pop("wsgi.file_wrapper", None)
        return environ


class Parser(parser.HTTPRequestParser):  # type: ignore[misc]
    """Refuses what waitress' own parser stumbles over, and large bodies of strangers."""

    completed: bool
    chunked: bool
    headers_finished: bool
    content_length: int
    path = ""  # of a request that could not be parsed: waitress logs it all the same

    def __init__(self, adj: Any, admit: "Callable[[Parser], None]") -> None:
        """Take a request whose body is wanted unless `admit` raises a DigitappError."""
        super().__init__(adj)
        self._admit = admit

    def received(self, data: bytes) -> int:
        """Take bytes of the request; returns how many belong to it."""
        is_head = not self.headers_finished
        consumed: int = super().received(data)
        if is_head and self.headers_finished and self._is_large():
            self._ask()
        if self.chunked and not self.completed and self._longest_line() > MAX_LINE:
            self.error = utilities.BadRequest("chunk line too long")
            self.completed = True
        if self.completed:
            # Nothing more is wanted: "100 Continue" would make waitress read on, error or not.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head; a URI or a length that Python refuses is the sender's error."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise parser.ParsingError(str(error)) from None
        if self.version == "1.0" and "TRANSFER_ENCODING" in self.headers:
            # HTTP/1.0 knows no chunks; what follows could pass for a request (RFC 9112, 6.1).
            raise parser.ParsingError("Transfer-Encoding in HTTP/1.0")

    def _is_large(self) -> bool:
        return not self.completed and (self.chunked or self.content_length > LARGE)

    def _ask(self) -> None:
        try:
            self._admit(self)
        except DigitappError as error:
            self.error = Refused(error)
            self.completed = True

    def _longest_line(self) -> int:
        return max(len(self.body_rcv.control_line), len(self.body_rcv.trailer))


class Channel(channel.HTTPChannel):  # type: ignore[misc]
    """One connection. After an error it reads on for a while before it closes.

    To close while a sender is still sending resets the connection, and the answer that says why
    ("the picture is too large") is lost on the way.
    """

    task_class = Task
    error_task_class = ErrorTask
    arrived = 0.0
    began = 0.0
    close_when_flushed: bool
    total_outbufs_len: int
    refused = False
    farewell = False
    swallowed = 0
    creation_time: float

    def __init__(self, server: Any, *more: Any, **named: Any) -> None:
        """Be open; where that is one too many, another closes."""
        super().__init__(server, *more, **named)
        self.parser_class = partial(Parser, admit=self._admit)
        if len(server.active_channels) > CONNECTIONS:
            make_room(server.active_channels.values())

    def check_client_disconnected(self) -> bool:
        """Whether nobody waits for the answer any more: the client left, or the server stops."""
        return not self.connected or self.server.stopping or self._has_left()

    def _admit(self, request: Parser) -> None:
        """Ask the app's guard, by the head alone, whether a large body may come."""
        if self.server.guard is not None:
            self.server.guard.check_sender(Task(self, request).get_environment())

    def _has_left(self) -> bool:
        """Whether the client closed; what it may have sent stays where it is."""
        try:
            return self.socket is None or not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False  # it is silent, and waits
        except OSError:
            return True

    def service(self) -> None:
        """Answer the oldest request.

        It is the last answer to one who does not read, and to all when the server stops: told so,
        nobody sends a request on this connection that would be lost.
        """
        request = self.requests[0]
        self.refused = request.error is not None
        is_latest = len(self.requests) == 1 and self.request is None
        if (self.server.stopping and is_latest) or self.total_outbufs_len > MAX_UNREAD:
            request.headers["CONNECTION"] = "close"
        super().service()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests, and note when the first ones of the latest came."""
        before = self.request
        is_taken = bool(super().received(data))
        if before is None or self.request is not before:
            self.began = time.monotonic()
        return is_taken

    def readable(self) -> bool:
        """Whether bytes are wanted; of a request that does not become whole no longer."""
        is_open = self.farewell or self.request is not None
        if is_open and time.monotonic() - self.began > WHOLE_S:
            self.will_close = True
        return self.farewell or super().readable()

    def writable(self) -> bool:
        """Whether the loop has to send; not while a thread that answers is sending itself.

        Its bytes are in the buffer then and the socket takes more, so the loop would turn without
        a pause and keep the thread from the interpreter. The thread wakes the loop when it is done.
        """
        if not super().writable():
            return False
        if self.requests and not self.will_close:
            if not self.outbuf_lock.acquire(blocking=False):
                return False
            self.outbuf_lock.release()
        return True

    def handle_read(self) -> None:
        """Take bytes, or after the farewell throw them away."""
        if not self.farewell:
            super().handle_read()
            return
        self.swallowed += len(self.recv(1 << 16))
        if self.swallowed > MAX_SWALLOWED:
            self.will_close = True

    def handle_write(self) -> None:
        """Send what waits; when a refusal is out, say farewell instead of closing at once."""
        if self.refused and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            self.farewell = True
            with suppress(OSError):  # the client may have left
                self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_write()


def make_room(channels: Collection[Channel]) -> None:
    """Close the oldest connection of the address that has the most, but none that is answered.

    So no sender takes the others' room, however cleverly it keeps its connections busy.
    """
    most, _ = Counter(each.addr[0] for each in channels).most_common(1)[0]
    theirs = [each for each in channels if each.addr[0] == most and not each.will_close]
    quiet = [each for each in theirs if not each.requests and not each.total_outbufs_len]
    if quiet:
        min(quiet, key=lambda each: each.creation_time).will_close = True


def adjustments(sock: socket.socket, max_body: int) -> dict[str, Any]:
    """waitress' settings, each with its reason."""
    return {
        "sockets": [sock],
        "max_request_body_size": max_body + 1,  # it refuses a body that equals its limit
        "max_request_header_size": MAX_HEAD,
        "channel_timeout": 15,  # seconds until a silent connection is closed
        "cleanup_interval": 5,  # seconds between looking for those
        "connection_limit": CONNECTIONS + SPARE,
        "inbuf_overflow": 128 * 1024,  # bytes of a body in memory; the rest waits on disk
        "ident": None,  # no Server header
        "log_socket_errors": False,  # clients that leave are no news
        "asyncore_use_poll": True,  # select() cannot take descriptors over 1,023
    }
