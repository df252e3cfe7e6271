"""waitress, adapted: errors as our JSON, limits that it lacks, refusals that reach their sender.

waitress keeps the classes that do its work in class attributes. Here they are replaced.
"""

import socket
import struct
import sys
import time
from contextlib import suppress
from functools import partial
from typing import Any

from waitress import channel, task, utilities  # type: ignore[import-untyped]

from digitapp import logs
from digitapp.errors import BadRequest, DigitappError, InternalError, TooLarge
from digitapp.metrics import ARRIVED
from digitapp.web.forwarded import is_in, sender
from digitapp.web.http.parsing import MAX_HEAD, Parser
from digitapp.web.http.replies import NO_STORE, SECURITY, reply
from digitapp.web.http.slow import Pace, one_too_many

WHOLE_S = 60.0
"""How long a request may take to arrive, in seconds: 20 MiB at 3 Mbit/s."""

CONNECTIONS = 400
"""Most connections that are open at the same time. One more is taken, and the slowest other one is
cut off: so who asks how the server is always finds room."""

MAX_UNREAD = 128 * 1024
"""A client that leaves more bytes of answers unread than this gets one more, then is cut off."""

MAX_SWALLOWED = 64 * 1024 * 1024
"""Most bytes of a refused body that are read and thrown away."""

HEAD_PIECE, BODY_PIECE = 2 * 1024, 64 * 1024
"""Bytes that are read at once, outside a body and in one. The loop parses all requests in a piece:
with 8 KiB, the pieces of 250 senders who ask many times at once held it up for 1.6 s."""

AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""The option SO_LINGER, on, with no seconds: what is not sent is dropped when the socket closes."""


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
        error = translate(self.request.error)
        self.status, headers, body = reply(error)
        self.response_headers.extend([*headers, NO_STORE, *SECURITY])
        self.set_close_on_finish()
        method = getattr(self.request, "command", "")
        self.write(b"" if method == "HEAD" else body)
        told = {
            "REMOTE_ADDR": self.channel.addr[0],
            "HTTP_X_FORWARDED_FOR": self.request.headers.get("X_FORWARDED_FOR", ""),
        }
        address = sender(told, self.channel.server.proxies)
        path, size = self.request.path, str(len(body))
        self.channel.server.metrics.refused(path, self.status[:3], error.code)
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


class Channel(channel.HTTPChannel):  # type: ignore[misc]
    """One connection. After a refusal it reads on for a while before it closes.

    If it closed while the sender is still sending, the connection would be reset, and the answer
    that says why ("the picture is too large") would be lost. So would be the last answers to a
    sender who does not read them and goes on asking.
    """

    task_class = Task
    error_task_class = ErrorTask
    arrived = 0.0
    answering: Parser | None = None
    addr: tuple[str, int]
    creation_time: float
    close_when_flushed: bool
    will_close: bool
    refused = False
    is_draining = False
    swallowed = 0

    def __init__(self, server: Any, *more: Any, **named: Any) -> None:
        """Open it; if that makes too many, mark another to be closed."""
        super().__init__(server, *more, **named)
        self.parser_class = partial(Parser, admit=self._admit)
        self.arriving, self.sending = Pace(), Pace()
        worst = one_too_many(server.active_channels.values(), self, CONNECTIONS, self._has_cap)
        if worst is not None:
            worst.will_close = True

    def _has_cap(self, address: str) -> bool:
        return not is_in(address, self.server.proxies)

    def lag_s(self, now: float) -> float:
        """Seconds by which it lags behind `slow.LEAST_RATE`; 0 while it waits for us."""
        if self.total_outbufs_len:
            return self.sending.lag_s(now)
        if self.requests:
            return 0.0
        if self.request is not None or self.is_draining:
            return self.arriving.lag_s(now)
        return time.time() - float(self.last_activity)  # waitress' clock

    def is_too_slow(self, now: float) -> bool:
        """Whether its answers wait longer to be sent than they may."""
        return bool(self.total_outbufs_len) and self.sending.is_too_slow(now)

    def cut(self) -> None:
        """Close at once. Of answers that nobody takes, the system keeps nothing either."""
        with self.outbuf_lock:
            if self.total_outbufs_len:
                with suppress(OSError):  # the client may have left
                    self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.handle_close()

    def handle_close(self) -> None:
        """Close it, and the bodies that have come, whose files would else wait for the collector.

        Only the body that a thread is reading is left to that thread.
        """
        with self.outbuf_lock:  # a thread may find at the same time that the client has left
            super().handle_close()
            for each in (self.request, *self.requests):
                if each is not None and each is not self.answering:
                    each.close()

    def cancel(self) -> None:
        """Give up all requests, since the server stops."""
        for request in self.requests:
            request.close()
        super().cancel()

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

        A client that does not read its answers, and every client of a server that stops, is told
        that the connection closes: it sends no request here that would be lost.
        """
        request: Parser = self.requests[0]
        with self.outbuf_lock:  # `handle_close` sets `connected` under it
            self.answering = request if self.connected else None
        is_unread = self.total_outbufs_len > MAX_UNREAD
        self.refused = request.error is not None or is_unread
        is_latest = len(self.requests) == 1 and self.request is None
        is_ending = self.server.stopping or self.server.draining
        if (is_ending and is_latest) or is_unread:
            request.headers["CONNECTION"] = "close"
        super().service()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests, and note when the latest request began."""
        before = self.request
        is_taken = bool(super().received(data))
        if before is None or self.request is not before:
            self.arriving.start()
        self.arriving.moved += len(data)
        return is_taken

    def write_soon(self, data: Any) -> int:
        """Take a piece of an answer; if nothing waits to be sent, its time begins."""
        if not self.total_outbufs_len:
            self.sending.start()
        return int(super().write_soon(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Give bytes to the system; returns how many it took."""
        count = int(super().send(data, do_close))
        self.sending.moved += count
        return count

    def readable(self) -> bool:
        """Whether to read. A request that takes longer than WHOLE_S to arrive is cut off."""
        is_open = self.is_draining or self.request is not None
        if is_open and time.monotonic() - self.arriving.began > WHOLE_S:
            self.will_close = True
        return self.is_draining or super().readable()

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

    def recv(self, buffer_size: int) -> bytes:
        """Read at most `buffer_size` bytes; fewer where they may hold many requests."""
        is_body = self.request is not None and self.request.body_rcv is not None
        size = buffer_size if is_body or self.is_draining else HEAD_PIECE
        return bytes(super().recv(size))

    def handle_read(self) -> None:
        """Take bytes, or throw them away after a refusal."""
        if not self.is_draining:
            super().handle_read()
            return
        count = len(self.recv(BODY_PIECE))
        self.arriving.moved += count
        self.swallowed += count
        if self.swallowed > MAX_SWALLOWED:
            self.will_close = True

    def handle_write(self) -> None:
        """Send what waits. After a refusal, stop sending but read on instead of closing at once."""
        lingers = self.refused and self.close_when_flushed
        if lingers:
            self.close_when_flushed = False  # else waitress closes once it has sent
        super().handle_write()
        if lingers and self.connected:
            self.is_draining = not self.total_outbufs_len
            self.close_when_flushed = not self.is_draining
            if self.is_draining:
                with suppress(OSError):  # the client may have left
                    self.socket.shutdown(socket.SHUT_WR)


def adjustments(sock: socket.socket, max_body: int) -> dict[str, Any]:
    """waitress' settings."""
    return {
        "sockets": [sock],
        "max_request_body_size": max_body + 1,  # it refuses a body that equals its limit
        "max_request_header_size": MAX_HEAD,
        "channel_timeout": 15,  # seconds until an idle connection is closed
        "cleanup_interval": 5,  # seconds between checks for those
        "connection_limit": sys.maxsize,  # never wait: CONNECTIONS bounds them, by cutting off
        "recv_bytes": BODY_PIECE,
        "outbuf_overflow": sys.maxsize,  # answers wait in memory: MAX_UNREAD bounds them
        "inbuf_overflow": 128 * 1024,  # bytes of a body in memory; the rest waits on disk
        "clear_untrusted_proxy_headers": False,  # see `forwarded`, which trusts whom a setting says
        "ident": None,  # no Server header
        "log_socket_errors": False,  # clients that leave are not worth a line
        "asyncore_use_poll": True,  # select() cannot take descriptors over 1,023
    }
