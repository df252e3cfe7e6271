"""waitress, adapted: errors as our JSON, limits that it lacks, refusals that reach their sender.

waitress keeps the classes that do its work in class attributes. Here they are replaced.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from waitress import channel, parser, task, utilities  # type: ignore[import-untyped]

from digitapp import logs
from digitapp.errors import BadRequest, Busy, DigitappError, InternalError, TooLarge
from digitapp.web.http.crowd import CONNECTIONS, SPARE, Taking, make_room
from digitapp.web.http.replies import NO_STORE, SECURITY, reply

MAX_HEAD, MAX_LINE = 16 * 1024, 4 * 1024
"""Longest request line and headers together, and longest size line or trailer of a chunked body, in
bytes. For the latter waitress has no limit."""

WHOLE_S = 60.0
"""How long a request may take to arrive, in seconds: 20 MiB at 3 Mbit/s."""

ARRIVED = "digitapp.arrived"
"""Key of WSGI's environment: when the request had arrived, as `time.monotonic()`."""

MAX_UNREAD = 128 * 1024
"""A client that leaves more bytes of answers unread than this gets one more, then is cut off."""

MAX_SWALLOWED = 64 * 1024 * 1024
"""Most bytes of a refused body that are read and thrown away."""

LARGE = 64 * 1024
"""A body of more bytes than this is refused by its head if it will be, before it arrives."""


NO_ROOM = "There is no room on the server's disk for this picture now. Try again later."


def translate(error: DigitappError | utilities.Error) -> DigitappError:
    """waitress' error as ours. Its own text may hold parts of the request, so it is dropped."""
    match error:
        case DigitappError():  # the guard refused the request by its head
            return error
        case utilities.RequestEntityTooLarge():
            return TooLarge()
        case utilities.RequestHeaderFieldsTooLarge():
            return BadRequest(f"The request's headers are longer than {MAX_HEAD // 1024} KiB.")
        case utilities.ServerNotImplemented():
            return BadRequest("Send the body as it is or chunked, in no other Transfer-Encoding.")
        case utilities.BadRequest():
            return BadRequest("The request is not valid HTTP.")
    return InternalError()


class ErrorTask(task.ErrorTask):  # type: ignore[misc]
    """Answers a request that never reached the app, in the form that the app uses."""

    def execute(self) -> None:
        """Write the whole response."""
        self.status, headers, body = reply(translate(self.request.error))
        self.response_headers.extend([*headers, NO_STORE, *SECURITY])
        self.set_close_on_finish()
        method = getattr(self.request, "command", "")
        self.write(b"" if method == "HEAD" else body)
        address, path, size = self.channel.addr[0], self.request.path, str(len(body))
        logs.note(address, method or "-", path, self.status[:3], size, time.perf_counter())


class Task(task.WSGITask):  # type: ignore[misc]
    """Has the app answer a request, and tells it when that arrived."""

    def get_environment(self) -> dict[str, Any]:
        """WSGI's environment with ARRIVED."""
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED] = self.channel.arrived
        # It would keep a file open for each unread answer: one sender could use up all descriptors.
        environ.pop("wsgi.file_wrapper", None)
        return environ


class Parser(parser.HTTPRequestParser):  # type: ignore[misc]
    """Refuses what breaks waitress' own parser, and large bodies of strangers."""

    completed: bool
    error: DigitappError | utilities.Error | None
    path = ""  # the log asks for it even if the request could not be parsed

    def __init__(self, adj: Any, admit: "Callable[[Parser], None]") -> None:
        """`admit` raises a DigitappError if a large body is not wanted."""
        super().__init__(adj)
        self._admit = admit

    def received(self, data: bytes) -> int:
        """Take bytes of the request; returns how many belong to it."""
        is_head = not self.headers_finished
        try:
            consumed: int = super().received(data)
        except OSError as error:  # a body of some size waits in a file, and the disk may be full
            logs.log.warning("A request's body cannot be kept: %s", error.strerror or error)
            self.error, self.completed, consumed = Busy(NO_ROOM), True, len(data)
        if is_head and self.headers_finished:
            self._check_large()
        if self.chunked and not self.completed:
            longest = max(len(self.body_rcv.control_line), len(self.body_rcv.trailer))
            if longest > MAX_LINE:
                self.error = utilities.BadRequest("chunk line too long")
                self.completed = True
        if self.completed:
            # Else waitress would send "100 Continue" and read on, even after an error.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head. A URI or a length that Python refuses is the sender's error."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise parser.ParsingError(str(error)) from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            # Two ends of one body: a proxy may take another one for the true end (RFC 9112, 6.1).
            raise parser.ParsingError("Content-Length and Transfer-Encoding")
        if self.version == "1.0" and "TRANSFER_ENCODING" in self.headers:
            # HTTP/1.0 has no chunks: they could be taken for a second request (RFC 9112, 6.1).
            raise parser.ParsingError("Transfer-Encoding in HTTP/1.0")

    def _check_large(self) -> None:
        if not self.completed and (self.chunked or self.content_length > LARGE):
            try:
                self._admit(self)
            except DigitappError as error:
                self.error = error
                self.completed = True


class Channel(channel.HTTPChannel):  # type: ignore[misc]
    """One connection. After a refusal it reads on for a while before it closes.

    If it closed while the sender is still sending, the connection would be reset, and the answer
    that says why ("the picture is too large") would be lost.
    """

    task_class = Task
    error_task_class = ErrorTask
    arrived = 0.0
    began = 0.0
    close_when_flushed: bool
    refused = False
    is_draining = False
    swallowed = 0

    def __init__(self, server: Any, *more: Any, **named: Any) -> None:
        """Open it; if that makes too many, close another."""
        self.taking = Taking()
        super().__init__(server, *more, **named)
        self.parser_class = partial(Parser, admit=self._admit)
        make_room(server.active_channels.values(), self, server.has_cap)

    def check_client_disconnected(self) -> bool:
        """Whether nobody waits for the answer: the client has left, or the server stops."""
        if not self.connected or self.server.stopping or self.socket is None:
            return True
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)  # leaves what it sent for the next read
        except BlockingIOError:
            return False  # it sends nothing, and waits
        except OSError:
            return True

    def _admit(self, request: Parser) -> None:
        """Ask the app's guard, by the head alone, whether a large body may come."""
        if self.server.guard is not None:
            environ = Task(self, request).get_environment()
            self.server.guard.check(environ, is_counted=False)

    def service(self) -> None:
        """Answer the oldest request.

        A client that does not read its answers, and every client when the server stops, is told
        that the connection closes: it sends no request here that would be lost.
        """
        request = self.requests[0]
        self.refused = request.error is not None
        is_latest = len(self.requests) == 1 and self.request is None
        if (self.server.stopping and is_latest) or self.total_outbufs_len > MAX_UNREAD:
            request.headers["CONNECTION"] = "close"
        super().service()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests, and note when the latest request began."""
        before = self.request
        is_taken = bool(super().received(data))
        if before is None or self.request is not before:
            self.began = time.monotonic()
        return is_taken

    def readable(self) -> bool:
        """Whether to read.

        A request that takes longer than WHOLE_S to arrive is cut off, and so is a sender that takes
        its answer too slowly (see `crowd`).
        """
        is_open = self.is_draining or self.request is not None
        if is_open and time.monotonic() - self.began > WHOLE_S:
            self.will_close = True
        self.taking.look(self.total_outbufs_len)
        if self.taking.is_too_slow:
            self.will_close = True
        return self.is_draining or super().readable()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the socket takes of `data`."""
        sent: int = super().send(data, do_close=do_close)
        self.taking.took(sent)
        return sent

    def handle_close(self) -> None:
        """Close the connection, and with it what has arrived of a request: it may fill the disk."""
        super().handle_close()
        if self.request is not None:
            self.request.close()

    def writable(self) -> bool:
        """Whether the loop has to send; not while a thread is sending its own answer.

        The loop would spin then, since there are bytes to send and the socket takes them, and keep
        the thread from running. The thread wakes the loop when it is done.
        """
        if not super().writable():
            return False
        if self.requests and not self.will_close:
            if not self.outbuf_lock.acquire(blocking=False):
                return False
            self.outbuf_lock.release()
        return True

    def handle_read(self) -> None:
        """Take bytes, or throw them away after a refusal."""
        if not self.is_draining:
            super().handle_read()
            return
        self.swallowed += len(self.recv(1 << 16))
        if self.swallowed > MAX_SWALLOWED:
            self.will_close = True

    def handle_write(self) -> None:
        """Send what waits. After a refusal, stop sending but read on instead of closing at once."""
        if self.refused and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            self.is_draining = True
            with suppress(OSError):  # the client may have left
                self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_write()


def adjustments(sock: socket.socket, max_body: int) -> dict[str, Any]:
    """waitress' settings."""
    return {
        "sockets": [sock],
        "max_request_body_size": max_body + 1,  # it refuses a body that equals its limit
        "max_request_header_size": MAX_HEAD,
        "channel_timeout": 15,  # seconds until an idle connection is closed
        "cleanup_interval": 5,  # seconds between checks for those
        "connection_limit": CONNECTIONS + SPARE,
        "inbuf_overflow": 128 * 1024,  # bytes of a body in memory; the rest waits on disk
        "ident": None,  # no Server header
        "log_socket_errors": False,  # clients that leave are not worth a line
        "asyncore_use_poll": True,  # select() cannot take descriptors over 1,023
    }
