"""What the desktop window's page talks to, put together while the window opens.

The window's engine spends a while in processes of its own; meanwhile Flask is loaded here. Loaded
before, it would hold the window up. The socket listens already: who comes early is answered late.
What reads pictures is loaded when the page asks for the model, which it does once it stands.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from digitapp import config
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox
from digitapp.web.tickets import Tickets

if TYPE_CHECKING:
    from digitapp.engine import Engine
    from digitapp.web.http.server import Server
    from digitapp.web.serve import Service
    from digitapp.web.share import Door


class Behind:
    """The window's server; its address, `url`, is known before it runs."""

    def __init__(self, inbox: Inbox, token: str, engine_name: str) -> None:
        self._sock = sockets.bind("127.0.0.1", 0)
        self.url = sockets.url(self._sock)
        self._tickets = Tickets(token)
        self._open = partial(servers, self._sock, inbox, token, engine_name, self._tickets)
        self._thread = threading.Thread(target=self._start, name="digitapp-opening")
        self._servers: Future[tuple[Server, Door]] = Future()

    def address_once(self) -> str:
        """The page's address for a browser's arguments: it opens the page once, and soon."""
        return f"{self.url}#ticket={self._tickets.issue()}"

    def start(self, on_failure: Callable[[], None] = lambda: None) -> None:
        """Begin, in a thread of its own; `on_failure` is called there if it fails."""
        self._servers.add_done_callback(lambda opened: on_failure() if opened.exception() else None)
        self._thread.start()

    def wait(self) -> None:
        """Return once the server runs; it is begun here if it was not before.

        Raises:
            FileNotFoundError: the model is not there.
            Unavailable: the engine is not to be had.
        """
        if self._thread.ident is None:
            self.start()
        self._servers.result()

    def stop(self) -> None:
        """Stop the server and shut the door; raises what kept it from starting."""
        if self._thread.ident is None:
            self._sock.close()
            return
        server, door = self._servers.result()
        from digitapp.web.http.server import stop_together

        stop_together(server.stop, door.close)

    def _start(self) -> None:
        try:
            server, door = self._open()
            server.start()
        except BaseException as error:  # noqa: BLE001 (it is told to whoever asks)
            self._sock.close()
            self._servers.set_exception(error)
        else:
            self._servers.set_result((server, door))


def servers(
    sock: socket, inbox: Inbox, token: str, engine_name: str, tickets: Tickets | None = None
) -> "tuple[Server, Door]":
    """The window's own server, and what lets other devices in, which is shut at first."""
    from digitapp.web.limits import Slots
    from digitapp.web.serve import Service
    from digitapp.web.workers.reader import Here

    own = Service(
        reader=Here(_model(engine_name), engine_name),
        slots=Slots(config.setting("slots"), config.setting("wait_s")),
        threads=config.setting("threads"),
    )
    door = _door(own, engine_name)
    return own.server(sock, token, share=door, inbox=inbox, tickets=tickets), door


def _model(engine_name: str) -> "Engine":
    """The engine; the default one is loaded once the page asks for it.

    Raises:
        FileNotFoundError: the model is not there.
        Unavailable: the engine is not there.
    """
    from digitapp import engine, paths
    from digitapp.engine.later import Later
    from digitapp.web.workers import reader

    def load() -> "Engine":
        reader.warm()
        return engine.load(engine_name)

    if engine_name != "litert":
        return load()
    for name in engine.MODELS:
        paths.asset(name)
    return Later(load)


def _door(own: "Service", engine_name: str) -> "Door":
    """What lets other devices in: a server of their own that knows nothing of the window's files.

    Processes read their pictures, so that they do not slow the window down. With Keras the window's
    own reader does it, since one TensorFlow is enough for a machine.
    """
    from digitapp.web import serve, share

    def open_server() -> tuple[Callable[[], None], str]:
        token = config.new_token()
        guests = own.for_guests()
        with ExitStack() as opened:
            sock = opened.enter_context(sockets.bind(share.lan_address(), 0))
            reader = own.reader
            if engine_name == "litert":
                reader = serve.make_reader(engine_name, guests.slots.count)
                opened.callback(reader.close)
            names, rate = config.setting("allow_host"), config.setting("rate")
            guests = replace(guests, reader=reader, names=names, rate=rate)
            server = guests.server(sock, token, share=door)
            server.start()
            opened.callback(server.stop)
            address = server.address(token)
            return opened.pop_all().close, address

    door = share.Door(open_server, share.lan_address)
    return door
