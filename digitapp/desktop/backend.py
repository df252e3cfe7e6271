"""What the desktop window's page talks to, put together while the window opens.

The window's engine spends a while in processes of its own; meanwhile Flask is loaded here. Loaded
before, it would hold the window up. The socket listens already: who comes early is answered late.
What reads pictures is loaded when the page asks for the model, which it does once it stands.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from digitapp import config
from digitapp.web import sockets
from digitapp.web.inbox import Inbox
from digitapp.web.tickets import Tickets

if TYPE_CHECKING:
    from digitapp.engine import Engine
    from digitapp.web import readers, serving, share, slots


class Behind:
    """The window's server; its address, `url`, is known before it runs."""

    def __init__(self, inbox: Inbox, token: str, engine_name: str) -> None:
        self._sock = sockets.bind("127.0.0.1", 0)
        self.url = sockets.url(self._sock)
        self._tickets = Tickets(token)
        self._open = partial(servers, self._sock, inbox, token, engine_name, self._tickets)
        self._thread = threading.Thread(target=self._start, name="digitapp-opening")
        self._servers: Future[tuple[serving.Server, share.Door]] = Future()

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
        from digitapp.web import serving

        serving.stop_together(server.stop, door.close)

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
) -> "tuple[serving.Server, share.Door]":
    """The window's own server, and the door for other devices, which is shut at first."""
    from digitapp.web import readers, serving, slots
    from digitapp.web.app import create_app

    reader = readers.Here(_model(engine_name), engine_name)
    room = slots.Slots(config.setting("slots"), config.setting("wait_s"))
    door = _door(reader, room.for_guests())
    app = create_app(reader, token=token, inbox=inbox, room=room, share=door, tickets=tickets)
    return serving.Server(app, sock, config.setting("threads")), door


def _model(engine_name: str) -> "Engine":
    """The engine; the one that people have is loaded once the page asks for it.

    Raises:
        FileNotFoundError: the model is not there.
        Unavailable: the engine is not to be had.
    """
    from digitapp import engine
    from digitapp.engine.later import Later
    from digitapp.web import readers

    def load() -> "Engine":
        readers.warm()
        return engine.load(engine_name, config.setting("slots"), config.setting("wait_s"))

    if engine_name != "litert":
        return load()
    for name in engine.MODELS:
        config.asset(name)
    return Later(load)


def _door(own: "readers.Reader", room: "slots.Slots") -> "share.Door":
    """What lets other devices in: an app of their own, that knows nothing of the window's files.

    Its pictures are read in processes of their own, so that they do not hold up the window; with
    Keras, of which one is enough for a machine, by the window's `own` reader.
    """
    from digitapp.web import readers, serving, share
    from digitapp.web.app import create_app

    def open_server() -> tuple[Callable[[], None], str]:
        token = config.new_token()
        with ExitStack() as opened:
            sock = opened.enter_context(sockets.bind(share.lan_address(), 0))
            reader = readers.Processes(room.count) if own.engine == "litert" else own
            opened.callback(reader.close)
            names, rate = config.setting("allow_host"), config.setting("rate")
            app = create_app(reader, token=token, room=room, share=door, names=names, rate=rate)
            server = serving.Server(app, sock, config.setting("threads"))
            server.start()
            opened.callback(server.stop)
            address = server.address(token)
            return opened.pop_all().close, address

    door = share.Door(open_server, share.lan_address)
    return door
