"""The server: waitress on a socket that was bound first, so that no port is ever lost to a race."""

import errno
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

import waitress  # type: ignore[import-untyped]
from flask import Flask
from waitress import wasyncore

from digitapp.config import MAX_BODY
from digitapp.errors import Unavailable
from digitapp.web.wire import Channel, adjustments
from digitapp.web.workers import Workers

DRAIN_S = 5.0
"""How long running requests may take to finish when the server stops, in seconds."""

FILES = 4_096
"""Files that may be open: a connection has up to three, its socket and what waits on disk."""

LEAVE_S = 0.5
"""How long threads have to end when the requests took all of that, in seconds."""

KEPT = 16 * 1024 * 1024
"""Blocks of memory up to so many bytes are kept for the next picture."""


def stop_together(*stops: Callable[[], None]) -> None:
    """Stop several servers, or what holds one, at the same time: all drain within DRAIN_S."""
    threads = [threading.Thread(target=stop) for stop in stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bind(host: str, port: int) -> socket.socket:
    """Bind and listen; port 0 takes any free one.

    Raises:
        Unavailable: the port is taken, or the address is not this machine's; the sentence says.
    """
    sock, address = _socket(host, port)
    try:
        _make_exclusive(sock)
        sock.bind(address)
        sock.listen()
    except OSError as error:
        sock.close()
        raise Unavailable(_reason(error, host, port)) from None
    return sock


class Server:
    """Serves an app on a listening socket, which it closes at the end.

    `run` serves in this thread, `start` in one of its own; `stop` may be called from anywhere,
    a signal handler too.
    """

    def __init__(self, app: Flask, sock: socket.socket, threads: int) -> None:
        self.url = _url(sock)
        self._port: int = sock.getsockname()[1]
        self._is_loopback = ip_address(sock.getsockname()[0].partition("%")[0]).is_loopback
        self._map: dict[int, wasyncore.dispatcher] = {}
        self._waitress = waitress.create_server(
            app, map=self._map, _dispatcher=Workers(threads), **adjustments(sock, MAX_BODY)
        )
        self._waitress.channel_class = Channel
        # "Task queue depth is 1" is daily life here: what waits too long is answered with 503.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._waitress.stopping = False
        self._runner: threading.Thread | None = None
        self._thread: threading.Thread | None = None
        _keep_memory()
        _allow_files()
        self._closed = threading.Event()
        self._closing = threading.Lock()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def is_loopback(self) -> bool:
        """Whether it listens to this machine alone."""
        return self._is_loopback

    def address(self, token: str | None) -> str:
        """The page's address; the token is in the fragment, which browsers do not send."""
        return self.url if token is None else f"{self.url}#token={quote(token, safe='')}"

    def run(self) -> None:
        """Serve until `stop` is called or this thread is interrupted; then finish and close."""
        self._runner = threading.current_thread()
        try:
            while not self._waitress.stopping:
                self._step(1.0)
        finally:
            self._close()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="digitapp-server", daemon=True)
        self._runner = self._thread
        self._thread.start()

    def stop(self) -> None:
        """Finish what runs, at most DRAIN_S seconds, then close everything; harmless twice."""
        self._waitress.stopping = True
        if self._runner is None:
            self._close()
        elif self._runner is threading.current_thread():
            return  # a signal handler inside `run`, which sees the flag next
        else:
            self._wake()
            self._closed.wait()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        with self._closing:
            if not self._closed.is_set():
                self._waitress.pull_trigger()

    def _step(self, timeout_s: float) -> None:
        wasyncore.loop(timeout_s, use_poll=True, map=self._map, count=1)

    def _close(self) -> None:
        if self._closed.is_set():
            return
        server = self._waitress
        server.stopping = True
        wasyncore.dispatcher.close(server)  # no new connections from here on
        end = time.monotonic() + DRAIN_S
        self._drain(end)
        server.task_dispatcher.shutdown(timeout=max(end - time.monotonic(), LEAVE_S))
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        with self._closing:
            server.trigger.close()
            self._closed.set()

    def _drain(self, end: float) -> None:
        self._step(0)  # what has come already is heard
        while self._is_busy() and time.monotonic() < end:
            self._step(0.1)

    def _is_busy(self) -> bool:
        """Whether a request is on its way, is answered, or its answer is."""
        channels = list(self._waitress.active_channels.values())
        return any(each.request or each.requests or each.total_outbufs_len for each in channels)


def _socket(host: str, port: int) -> tuple[socket.socket, Any]:
    """A socket of the address's family, and the address as that family writes it."""
    if not 0 <= port <= 65_535:  # the system would take the number's last 16 bits
        raise Unavailable(f"There is no port {port}. Choose one from 1 to 65535, or 0 for any.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        return socket.socket(family, kind, protocol), address
    except (OSError, UnicodeError):
        raise Unavailable(f"{host!r} is no address of this machine.") from None


def _make_exclusive(sock: socket.socket) -> None:
    """Let a restart take the port at once, and no second program share it."""
    if sys.platform == "win32":  # there SO_REUSEADDR would let any program take the port over
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Choose another, or 0 for any free one."
    if error.errno == errno.EACCES:
        return f"Port {port} is not open to this user. Choose one from 1024 on."
    return f"{host} is no address of this machine ({os.strerror(error.errno or 0)})."


def _keep_memory() -> None:
    """Let the C library keep what a picture's arrays took, not give it back each time.

    glibc maps large blocks one by one and unmaps them when they are freed; a quarter of a picture's
    time went there. A block that is freed raises the size up to which it keeps them (mallopt(3),
    M_MMAP_THRESHOLD). Elsewhere this does nothing.
    """
    bytes(KEPT)


def _allow_files() -> None:
    """Let the process hold FILES open, if the system's own bound allows as many.

    At first that is 256 on macOS and 1,024 on Linux, less than two full listeners need.
    """
    if sys.platform == "win32":
        return  # there is no such bound
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _url(sock: socket.socket) -> str:
    """The address to open; a server that listens everywhere is opened by loopback."""
    host, port = sock.getsockname()[:2]
    address = ip_address(host.partition("%")[0])
    if address.is_unspecified:
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://[{address}]:{port}/" if address.version == 6 else f"http://{address}:{port}/"
