"""The sockets that servers listen on: bound first, so that no port is ever lost to a race."""

import errno
import os
import socket
import sys
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

from digitapp.errors import Unavailable


def bind(host: str, port: int) -> socket.socket:
    """Bind and listen; port 0 takes any free one.

    Raises:
        Unavailable: the port is taken, or the address is not this machine's; the sentence says.
    """
    sock, place = _socket(host, port)
    try:
        _make_exclusive(sock)
        sock.bind(place)
        sock.listen()
    except OSError as error:
        sock.close()
        raise Unavailable(_reason(error, host, port)) from None
    return sock


def url(sock: socket.socket) -> str:
    """What to open; a server that listens everywhere is opened by loopback."""
    name, port = sock.getsockname()[:2]
    host = ip_address(name.partition("%")[0])
    if host.is_unspecified:
        host = ip_address("127.0.0.1" if host.version == 4 else "::1")
    return f"http://[{host}]:{port}/" if host.version == 6 else f"http://{host}:{port}/"


def address(url: str, token: str | None) -> str:
    """The page's address; the token is in the fragment, which browsers do not send."""
    return url if token is None else f"{url}#token={quote(token, safe='')}"


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
