"""The server: waitress on a socket that listens already (see `sockets`)."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address

import waitress  # type: ignore[import-untyped]
from flask import Flask
from waitress import wasyncore

from digitapp.config import MAX_BODY
from digitapp.web.http import sockets
from digitapp.web.http.channel import Channel, adjustments
from digitapp.web.http.threads import Workers

DRAIN_S = 5.0
"""How long running requests may take to finish when the server stops, in seconds."""

FILES = 4_096
"""Files that may be open: a connection has up to three, its socket and what waits on disk."""

LEAVE_S = 0.5
"""How long threads have to end when the requests took all of that, in seconds."""


def stop_together(*stops: Callable[[], None]) -> None:
    """Stop several servers, or what holds one, at the same time: all drain within DRAIN_S."""
    threads = [threading.Thread(target=stop) for stop in stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Server:
    """Serves an app on a listening socket, which it closes at the end.

    `run` serves in this thread, `start` in one of its own; `stop` may be called from anywhere,
    a signal handler too.
    """

    def __init__(self, app: Flask, sock: socket.socket, threads: int) -> None:
        self.url = sockets.url(sock)
        self._port: int = sock.getsockname()[1]
        self._is_loopback = ip_address(sock.getsockname()[0].partition("%")[0]).is_loopback
        self._map: dict[int, wasyncore.dispatcher] = {}
        self._waitress = waitress.create_server(
            app, map=self._map, _dispatcher=Workers(threads), **adjustments(sock, MAX_BODY)
        )
        self._waitress.channel_class = Channel
        self._waitress.guard = app.extensions.get("guard")
        # "Task queue depth is 1" is daily life here: what waits too long is answered with 503.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._waitress.stopping = False
        self._runner: threading.Thread | None = None
        self._thread: threading.Thread | None = None
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
        return sockets.address(self.url, token)

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
