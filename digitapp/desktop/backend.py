"""The server that the window's page talks to. It is put together while the window opens.

The web view takes a while to start, in processes of its own. Flask is loaded meanwhile, so that the
window does not wait for it. The socket listens from the start: early requests wait for their
answers. The processes that read start when the page, once it is drawn, asks for the model.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from socket import socket
from typing import TYPE_CHECKING, NamedTuple

from digitapp import config
from digitapp.desktop import redirect
from digitapp.logs import log
from digitapp.paths import private_folder
from digitapp.web.handover import Handover
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox
from digitapp.web.tickets import Tickets

if TYPE_CHECKING:
    from digitapp.jobs.reader import Reader
    from digitapp.web.http.server import Server
    from digitapp.web.serve import Service
    from digitapp.web.share import SwitchableShare


class Backend:
    """The window's server. Its address, `url`, is known before it runs."""

    def __init__(
        self, inbox: Inbox, token: str, engine_name: str, handover: Handover | None = None
    ) -> None:
        self._sock = sockets.bind("127.0.0.1", 0)
        self.url = sockets.url(self._sock)
        self._tickets = Tickets(token)
        self._load = partial(
            servers, self._sock, inbox, token, engine_name, self._tickets, handover
        )
        self._thread = threading.Thread(target=self._run, name="digitapp-opening")
        self._servers: Future[Running] = Future()

    def address_once(self, more: str = "") -> str:
        """The address of a file for a browser's arguments: it opens the page once, and soon.

        `more` is added to the page's address. It is empty where no such file can be kept.
        """
        try:
            path = redirect.new(private_folder())
            ticket = self._tickets.issue(partial(path.unlink, missing_ok=True))
            redirect.write(path, f"{self.url}#ticket={ticket}{more}")
        except OSError as error:
            log.warning("The browser is not opened: %s", error.strerror or error)
            return ""
        return path.as_uri()

    def start(self, on_failure: Callable[[], None] = lambda: None) -> None:
        """Start in a thread of its own, which calls `on_failure` if that fails."""
        self._servers.add_done_callback(lambda done: on_failure() if done.exception() else None)
        self._thread.start()

    def wait(self) -> None:
        """Return once the server runs. It is started here if it was not before.

        Raises:
            FileNotFoundError: the model is missing.
            Unavailable: the engine is not installed.
        """
        if self._thread.ident is None:
            self.start()
        self._servers.result()

    def stop(self) -> None:
        """Stop the server and the sharing. Raises what kept the server from starting."""
        self._tickets.close()
        if self._thread.ident is None:
            self._sock.close()
            return
        self._servers.result().stop()

    def _run(self) -> None:
        try:
            running = self._load()
            running.server.start()
        except BaseException as error:  # noqa: BLE001 (`wait` and `stop` raise it)
            self._sock.close()
            self._servers.set_exception(error)
        else:
            self._servers.set_result(running)


class Running(NamedTuple):
    """The window's own server, the sharing with other devices, and what reads for the former."""

    server: "Server"
    share: "SwitchableShare"
    reader: "Reader"

    def stop(self) -> None:
        """Stop all of it."""
        from digitapp.web.http.server import stop_together

        stop_together(self.server.stop, self.share.close)
        self.reader.close()


def servers(
    sock: socket,
    inbox: Inbox,
    token: str,
    engine_name: str,
    tickets: Tickets | None = None,
    handover: Handover | None = None,
) -> Running:
    """The window's server, which does not run yet, and the sharing, which is off at first.

    Processes read the pictures: one that breaks its reader takes nothing of the window with it.

    Raises:
        FileNotFoundError: the model is missing.
        Unavailable: the engine is not installed.
    """
    from digitapp.web.limits import Slots
    from digitapp.web.serve import Service

    slots = Slots(config.setting("slots"), config.setting("wait_s"))
    own = Service(
        reader=_reader(engine_name, slots.count), slots=slots, threads=config.setting("threads")
    )
    share = _share(own, engine_name)
    server = own.server(sock, token, share=share, inbox=inbox, tickets=tickets, handover=handover)
    return Running(server, share, own.reader)


def _reader(engine_name: str, count: int) -> "Reader":
    """What reads the window's pictures. Processes are started when the first one is needed."""
    from digitapp import engine, paths
    from digitapp.jobs.later import Later
    from digitapp.web.serve import make_reader

    if engine_name != "litert":
        return make_reader(engine_name, count)
    for file in engine.MODELS:
        paths.asset(file)
    return Later(partial(make_reader, engine_name, count))


def _share(own: "Service", engine_name: str) -> "SwitchableShare":
    """The sharing: a second server, for other devices, that knows nothing of the window's files.

    Processes read its pictures, so that the window stays quick. With Keras the window's own reader
    does it: one TensorFlow is enough for a machine.
    """
    from digitapp.web import serve
    from digitapp.web.share import SwitchableShare, lan_address

    def open_server() -> tuple[Callable[[], None], str]:
        token = config.new_token()
        guests = own.for_guests()
        with ExitStack() as opened:
            sock = opened.enter_context(sockets.bind(lan_address(), 0))
            reader = own.reader
            if engine_name == "litert":
                reader = serve.make_reader(engine_name, guests.slots.count)
                opened.callback(reader.close)
            names, rate = config.setting("allow_host"), config.setting("rate")
            proxies = config.setting("trusted_proxies")
            guests = replace(guests, reader=reader, names=names, proxies=proxies, rate=rate)
            server = guests.server(sock, token, share=share)
            server.start()
            opened.callback(server.stop)
            return opened.pop_all().close, server.address(token)

    share = SwitchableShare(open_server, lan_address)
    return share
