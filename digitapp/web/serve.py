"""Put a server together: this is the one place that wires reader, limits, app and listener.

`digitapp serve`, the desktop window, the self-test and `wsgi` come here.
"""

import math
import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Flask

from digitapp.metrics import Metrics, Uncounted
from digitapp.web.app import create_app
from digitapp.web.forwarded import Network
from digitapp.web.http import sockets
from digitapp.web.http.server import Server, stop_together
from digitapp.web.limits import Slots
from digitapp.web.share import Share, lan_address

if TYPE_CHECKING:
    from digitapp.jobs.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the listeners of one program have in common; for the fields see `create_app`.

    `threads` is the number of each listener's threads that answer requests.
    """

    reader: "Reader"
    slots: Slots
    threads: int = 16
    names: Collection[str] = ()
    proxies: Collection[Network] = ()
    rate: float = math.inf
    metrics: Uncounted | None = None

    def server(self, sock: socket.socket, token: str | None, **parts: Any) -> Server:
        """A server on a socket that listens already; it does not run yet. See `app`."""
        return Server(self.app(token, **parts), sock, self.threads)

    def app(self, token: str | None, **parts: Any) -> Flask:
        """The app that a listener serves.

        `parts` are what else `create_app` takes: a share, an inbox, tickets, a handover.
        """
        shared: Any = {
            "slots": self.slots,
            "names": self.names,
            "proxies": self.proxies,
            "rate": self.rate,
            "metrics": self.metrics,
        }
        return create_app(self.reader, token=token, **shared, **parts)

    def for_guests(self) -> "Service":
        """The same for other devices, which leave one slot to this machine's owner."""
        return replace(self, slots=self.slots.for_guests())


def make_reader(engine: str, slots: int) -> "Reader":
    """What reads a server's pictures: a process for each slot, or with Keras this process.

    TensorFlow uses all processors by itself, and each process of it takes 600 MB.

    Raises:
        FileNotFoundError: the model is missing.
        Unavailable: the engine is not installed, or the processes do not start.
    """
    from digitapp.jobs import pool, reader

    if engine == "litert":
        return pool.Processes(slots)
    from digitapp.engine import load

    reader.warm()
    return reader.Here(load(engine), engine)


def counting(reader: "Reader", slots: int) -> Metrics:
    """What counts for a server with this reader, the reader's restarts too."""
    from digitapp.jobs.pool import Processes

    metrics = Metrics(reader.model, reader.engine, slots)
    if isinstance(reader, Processes):
        reader.on_restart = metrics.restarted
    return metrics


@contextmanager
def running(
    *,
    host: str,
    port: int,
    lan: bool,
    token: str | None,
    engine: str,
    slots: int,
    wait_s: float,
    **common: Any,
) -> Iterator[list[Server]]:
    """Serve on `host`, and with `lan` on this machine's address in its network too.

    Each address has a listener of its own, so that senders in the network cannot block this
    machine's owner. The sockets are bound before the model is loaded: a taken port is told first.
    `common` are the other fields of `Service`.

    Raises:
        FileNotFoundError: the model is missing.
        Unavailable: the port is taken, there is no network, or the engine is not installed.
    """
    with ExitStack() as end:
        bound = [end.enter_context(sockets.bind(host, port))]
        if lan:
            port = bound[0].getsockname()[1]
            bound.append(end.enter_context(sockets.bind(lan_address(), port)))
        reader = end.enter_context(closing(make_reader(engine, slots)))
        metrics = counting(reader, slots)
        own = Service(reader=reader, slots=Slots(slots, wait_s), metrics=metrics, **common)
        share = Share(sockets.address(sockets.url(bound[1]), token) if lan else None)
        servers = [
            service.server(sock, token, share=share)
            for service, sock in zip((own, own.for_guests()), bound, strict=False)
        ]
        end.callback(stop_together, *(server.stop for server in servers))
        for server in servers:
            server.start()
        yield servers
