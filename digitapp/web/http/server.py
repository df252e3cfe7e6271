"""The server: waitress on a socket that listens already (see `sockets`), and its threads."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from flask import Flask
from waitress import task, wasyncore  # type: ignore[import-untyped]

from digitapp.web.http import sockets
from digitapp.web.http.channel import Channel
from digitapp.web.http.listener import Listener

QUICK = ("/healthz", "/readyz")
"""Paths that are answered at once by a thread of their own, however many pictures wait."""

FINISH_S, LEAVE_S = 5.0, 0.5
"""How long running requests may take when the server stops, in seconds, and how long the threads
have to end if the requests took all of that."""

FILES = 4_096
"""Open files that two listeners may need: a connection has up to three, with bodies on disk."""


def stop_together(*stops: Callable[[], None]) -> None:
    """Call several stop functions at the same time, so that all finish within FINISH_S."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda stop: stop(), stops))


class Workers(task.ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' pool of threads, with one more for QUICK.

    It notes when each request arrived: the waits for a thread and for a slot are limited together.
    """

    def __init__(self, threads: int) -> None:
        """Start `threads` of them, and the one for QUICK."""
        super().__init__()
        self._quick = task.ThreadedTaskDispatcher()
        self._quick.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, channel: Channel) -> None:
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


class Server:
    """Serves an app in a thread of its own, on a listening socket that it closes at the end.

    `is_loopback` says whether it listens to this machine alone.
    """

    def __init__(self, app: Flask, sock: socket.socket, threads: int) -> None:
        self.url = sockets.url(sock)
        host, self.port = sock.getsockname()[:2]
        self.is_loopback = ip_address(host.partition("%")[0]).is_loopback
        self._map: dict[int, wasyncore.dispatcher] = {}
        workers = Workers(threads)
        self._waitress = Listener(app, sock, workers, self._map)
        self._waitress.metrics = app.extensions.get("metrics", self._waitress.metrics)
        self._waitress.metrics.queue(lambda: len(workers.queue))
        self._waitress.guard = app.extensions.get("guard")
        self._slots = app.extensions.get("slots")
        self._waitress.proxies = app.extensions.get("proxies", ())
        # "Task queue depth is 1" is normal here: what waits too long is answered with 503.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._thread = threading.Thread(target=self._run, name="digitapp-server", daemon=True)
        self._stopping = threading.Lock()
        self._finish_s = FINISH_S
        _allow_files()

    def address(self, token: str | None) -> str:
        """The page's address; the token is in the fragment, which browsers do not send."""
        return sockets.address(self.url, token)

    def start(self) -> None:
        """Start to serve."""
        self._thread.start()

    def drain(self) -> None:
        """Go on serving, but tell that the server stops soon.

        `/readyz` refuses, for those who ask it. Each connection closes with its next answer: so
        whoever keeps one open asks elsewhere before the listener closes.
        """
        if self._slots is not None:
            self._slots.drain()
        self._waitress.draining = True

    def hurry(self) -> None:
        """Have `stop` give up what still runs; a signal's handler may call this."""
        self._finish_s = 0.0

    def stop(self) -> None:
        """Finish what runs, at most FINISH_S seconds, then close everything; harmless twice."""
        with self._stopping:
            if not self._waitress.stopping:
                self._waitress.stopping = True
                if self._thread.ident is None:
                    self._thread.start()  # it serves nothing, but closes
                self._waitress.pull_trigger()  # wakes the loop
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._waitress.stopping:
                self._step(1.0)
        finally:
            self._close()

    def _step(self, timeout_s: float) -> None:
        self._waitress.tidy()
        timeout_s = min(timeout_s, self._waitress.rest_s() or timeout_s)
        wasyncore.loop(timeout_s, use_poll=True, map=self._map, count=1)

    def _close(self) -> None:
        server = self._waitress
        server.stopping = True  # the loop may have failed
        server.handle_accept()  # the system would reset connections that still wait for this
        wasyncore.dispatcher.close(server)  # no new connections from here on
        begin = time.monotonic()
        self._step(0)  # read what has arrived already
        while self._is_busy() and time.monotonic() < begin + self._finish_s:
            self._step(0.1)
        left_s = begin + self._finish_s - time.monotonic()
        server.task_dispatcher.shutdown(timeout=max(left_s, LEAVE_S))
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        with self._stopping:  # else `stop` might pull a trigger that is closed
            server.trigger.close()

    def _is_busy(self) -> bool:
        """Whether a request is arriving or being answered, or an answer is being sent."""
        channels = list(self._waitress.active_channels.values())
        return any(each.request or each.requests or each.total_outbufs_len for each in channels)


def _allow_files() -> None:
    """Let the process open FILES files, or as many as the system allows.

    The default is 256 on macOS and 1,024 on Linux: too few for two listeners under load.
    """
    if sys.platform == "win32":
        return  # it has no such limit
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
