"""What the desktop window's page talks to, put together while the window opens.

Flask, NumPy and the rest take as long to load as the window's engine takes to start; so they load
in a thread of their own. The socket listens already: who comes early waits, and is answered.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from digitapp import config
from digitapp.web import sockets
from digitapp.web.inbox import Inbox

if TYPE_CHECKING:
    from digitapp.engine import Engine
    from digitapp.web import serving, share, slots


class Behind:
    """The window's server, which answers at `url` as soon as it can."""

    def __init__(self, inbox: Inbox, token: str, engine_name: str) -> None:
        sock = sockets.bind("127.0.0.1", 0)
        self.url = sockets.url(sock)
        self._servers: Future[tuple[serving.Server, share.Door]] = Future()
        start = partial(_start, sock, inbox, token, engine_name)
        threading.Thread(target=self._open, args=(start,), name="digitapp-opening").start()

    def wait(self) -> None:
        """Return once the server runs.

        Raises:
            FileNotFoundError: the model is not there.
            Unavailable: the engine is not to be had.
        """
        self._servers.result()

    def on_failure(self, do: Callable[[], None]) -> None:
        """Do something as soon as it is known that there will be no server."""
        self._servers.add_done_callback(lambda opened: do() if opened.exception() else None)

    def stop(self) -> None:
        """Stop the server and shut the door; raises what kept it from starting."""
        from digitapp.web import serving

        server, door = self._servers.result()
        serving.stop_together(server.stop, door.close)

    def _open(self, start: "Callable[[], tuple[serving.Server, share.Door]]") -> None:
        try:
            self._servers.set_result(start())
        except BaseException as error:  # noqa: BLE001 (it is told to whoever asks)
            self._servers.set_exception(error)


def _start(
    sock: socket, inbox: Inbox, token: str, engine_name: str
) -> "tuple[serving.Server, share.Door]":
    try:
        server, door = servers(sock, inbox, token, engine_name)
    except BaseException:
        sock.close()
        raise
    server.start()
    return server, door


def servers(
    sock: socket, inbox: Inbox, token: str, engine_name: str
) -> "tuple[serving.Server, share.Door]":
    """The window's own server, and the door for other devices, which is shut at first."""
    from digitapp.web import serving, slots
    from digitapp.web.app import create_app

    model = _model(engine_name)
    room = slots.Slots(config.setting("slots"), config.setting("wait_s"))
    door = _door(model, room.for_guests())
    app = create_app(model, token=token, inbox=inbox, room=room, share=door)
    return serving.Server(app, sock, config.setting("threads")), door


def _model(engine_name: str) -> "Engine":
    """The engine; the one that people have loads while the window opens.

    Raises:
        FileNotFoundError: the model is not there.
        Unavailable: the engine is not to be had.
    """
    from digitapp import engine
    from digitapp.engine.later import Later

    load = partial(engine.load, engine_name, config.setting("slots"), config.setting("wait_s"))
    if engine_name != "litert":
        return load()
    config.asset("digits.tflite")
    return Later(load)


def _door(model: "Engine", room: "slots.Slots") -> "share.Door":
    """What lets other devices in: an app of their own, that knows nothing of the window's files."""
    from digitapp.web import serving, share
    from digitapp.web.app import create_app

    def open_server() -> tuple[serving.Server, str]:
        token = config.new_token()
        names, rate = config.setting("allow_host"), config.setting("rate")
        app = create_app(model, token=token, room=room, share=door, names=names, rate=rate)
        sock = sockets.bind(share.lan_address(), 0)
        server = serving.Server(app, sock, config.setting("threads"))
        server.start()
        return server, server.address(token)

    door = share.Door(open_server)
    return door
