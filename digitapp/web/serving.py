"""The server: waitress on a socket that was bound first."""

import socket

from flask import Flask


def bind(host: str, port: int) -> socket.socket:
    """Bind and listen; port 0 takes any free one.

    Raises:
        Unavailable: the port is taken, or the address is not this machine's.
    """
    raise NotImplementedError


class Server:
    """Serves an app on a listening socket, which it closes at the end."""

    url: str

    def __init__(self, app: Flask, sock: socket.socket, threads: int) -> None:
        raise NotImplementedError

    def address(self, token: str | None) -> str:
        """The page's address; the token is in the fragment, which browsers do not send."""
        return self.url if token is None else f"{self.url}#token={token}"

    def run(self) -> None:
        """Serve until `stop` is called."""

    def start(self) -> None:
        """Serve in a thread."""

    def stop(self) -> None:
        """Finish what runs, then close everything."""
