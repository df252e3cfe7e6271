"""A small HTTP client: `ask` for well-formed requests, `raw` for bytes as they are."""

import http.client
import json
import socket
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TOKEN = "a-token-for-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Response(NamedTuple):
    """A response as it came; header names match in any case."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of our errors."""
        return str(self.json["error"]["code"])

    @property
    def sentence(self) -> str:
        """What an error tells people."""
        return str(self.json["error"]["message"])


def ask(
    url: str,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    timeout_s: float = 30,
) -> Response:
    """One request on a connection of its own, with the token unless `headers` say otherwise."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
    try:
        connection.request(method, path, body, BEARER if headers is None else headers)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()


def raw(url: str, *parts: bytes, timeout_s: float = 10) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port or 80), timeout_s) as sock:
        for part in parts:
            sock.sendall(part)
        received = b""
        while chunk := sock.recv(1 << 16):
            received += chunk
        return received


def parse(received: bytes) -> Response:
    """The first response in what `raw` returned, which must hold one."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = Message()
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name] = value
    return Response(int(first.split()[1]), headers, body[: int(headers["Content-Length"])])
