"""The app for another WSGI server, as in `gunicorn digitapp.web.wsgi:app`.

Its settings come from the environment alone. What reads the pictures is started by the first
request, so that a server may load the app, and then fork the processes that have it.
"""

import atexit
import os
import threading
from collections.abc import Iterable
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIEnvironment

from digitapp import config, engine, logs, metrics
from digitapp.errors import Unavailable

if TYPE_CHECKING:
    from flask import Flask

UNSET = (
    "Set DIGITAPP_TOKEN_FILE to a file whose first line is a token of at least 16 characters, or "
    "DIGITAPP_TOKEN to the token itself. DIGITAPP_NO_TOKEN=1 lets everybody in who reaches the "
    "server."
)


class Application:
    """The app. Each process that it is asked in makes its own, with readers of its own."""

    def __init__(self) -> None:
        """Take the settings.

        Raises:
            Unavailable: there is no token, a setting has no value that it can have, or there is no
                folder to count in.
        """
        self._app: Flask | None = None
        try:
            self._token = _token()
            self._engine, self._slots, self._wait_s = map(
                config.setting, ("engine", "slots", "wait_s")
            )
            self._names, self._proxies, self._rate = map(
                config.setting, ("allow_host", "trusted_proxies", "rate")
            )
            self._log = tuple(map(config.setting, ("log_dir", "log_format")))
        except ValueError as error:
            raise Unavailable(str(error)) from None
        engine.check(self._engine)
        metrics.check()
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)
        atexit.register(self.close)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        with self._making:
            app = self._app = self._app or self._make()
        return app(environ, start_response)

    def close(self) -> None:
        """End this process's readers and its log; harmless twice."""
        with self._making:
            self._app = None
            self._end.close()

    def _begin(self) -> None:
        """Begin as if nothing had been made: what a parent has made is the parent's to end."""
        self._foreign = getattr(self, "_end", None)  # kept, since Python ends what nobody keeps
        self._making = threading.Lock()
        self._app = None
        self._end = ExitStack()

    def _make(self) -> "Flask":
        from digitapp.web.limits import Slots
        from digitapp.web.serve import Service, counting, make_reader

        with ExitStack() as end:
            end.enter_context(logs.start("wsgi", *self._log))
            reader = end.enter_context(closing(make_reader(self._engine, self._slots)))
            service = Service(
                reader=reader,
                slots=Slots(self._slots, self._wait_s),
                names=self._names,
                proxies=self._proxies,
                rate=self._rate,
                metrics=counting(reader, self._slots),
            )
            app = service.app(self._token)
            self._end = end.pop_all()
        return app


def make() -> Application:
    """The app, for servers that call a function: `digitapp.web.wsgi:make()`.

    Raises:
        Unavailable: see `Application`.
    """
    return Application()


def _token() -> str | None:
    """What the app asks for; None: nothing.

    Raises:
        Unavailable: nothing is set.
        ValueError: what is set is no token; the message says why.
    """
    found: str = config.setting("token") or config.first_line(config.setting("token_file"))
    if found:
        return found
    if config.setting("no_token"):
        return None
    raise Unavailable(UNSET)


def __getattr__(name: str) -> Application:
    """`app` is made when a server asks for it: to load the module needs no token."""
    if name != "app":
        raise AttributeError(name)
    made = globals()["app"] = make()
    return made
