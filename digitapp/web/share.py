"""Sharing with other devices: this machine's address in the local network, and its QR code."""

import io
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, request

from digitapp.errors import BadRequest, Unavailable
from digitapp.logs import log

NOWHERE = ("198.51.100.1", 9)
"""An address for documentation (RFC 5737). Nothing is sent; the system just picks a route."""

BORDER = 4
"""Light modules around a QR code, as its standard (ISO/IEC 18004) asks for."""


class Share:
    """What other devices open. `address` holds the token; it is None while nothing is shared."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address

    def to_json(self) -> dict[str, str | None]:
        """The address and its QR code, an SVG picture."""
        return {"address": self.address, "qr": picture(self.address) if self.address else None}


class SwitchableShare(Share):
    """Sharing that the owner switches on and off.

    `open_server` starts a server and returns what stops it, and its address. `where` returns this
    machine's address in its network: when that changes, the server moves there.
    """

    def __init__(
        self,
        open_server: Callable[[], tuple[Callable[[], None], str]],
        where: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self._open_server = open_server
        self._where = where
        self._stop: Callable[[], None] | None = None
        self._lock = Lock()

    def open(self) -> None:
        """Start sharing; harmless twice.

        Raises:
            Unavailable: the machine is in no network.
        """
        with self._lock:
            if self._stop is None:
                self._stop, self.address = self._open_server()

    def close(self) -> None:
        """Stop sharing; harmless twice."""
        with self._lock:
            stop, self._stop, self.address = self._stop, None, None
        if stop is not None:
            stop()

    def to_json(self) -> dict[str, str | None]:
        """As `Share.to_json`, at this machine's present address."""
        if self._has_moved():
            self.close()
            self.open()
        return super().to_json()

    def _has_moved(self) -> bool:
        """Whether the machine has another address now. Without a network it keeps the old one."""
        with suppress(Unavailable):
            if self._where is not None and self.address is not None:
                return urlsplit(self.address).hostname != self._where()
        return False


def blueprint(share: Share, is_owner: bool) -> Blueprint:
    """`GET /api/share`, and for the machine's owner `PUT /api/share?on=1` or `on=0`."""
    routes = Blueprint("share", __name__, url_prefix="/api")

    @routes.get("/share")
    def look() -> dict[str, str | None]:
        return share.to_json()

    if is_owner and isinstance(share, SwitchableShare):

        @routes.put("/share")
        def switch() -> dict[str, str | None]:
            wish = request.args.to_dict(flat=False)
            if wish == {"on": ["1"]}:
                share.open()
                log.info("Sharing with the network is on.")
            elif wish == {"on": ["0"]}:
                share.close()
                log.info("Sharing with the network is off.")
            else:
                raise BadRequest("Ask with on=1 to share and with on=0 to stop it.")
            return share.to_json()

    return routes


def lan_address() -> str:
    """This machine's address in its network.

    Raises:
        Unavailable: it is in none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(NOWHERE)
        address = ip_address(probe.getsockname()[0])
        if not (address.is_loopback or address.is_unspecified):
            return str(address)
    raise Unavailable(
        "This machine is in no network. Connect it, or name the address to bind with --host."
    )


def picture(address: str) -> str:
    """The address's QR code as an SVG picture, dark on light whatever is around it."""
    buffer = io.BytesIO()
    _code(address).save(buffer, kind="svg", xmldecl=False, border=BORDER, light="#fff")
    return buffer.getvalue().decode()


def drawing(address: str) -> str:
    """The QR code in block characters, for a terminal."""
    buffer = io.StringIO()
    _code(address).terminal(buffer, border=BORDER, compact=True)
    return buffer.getvalue()


def _code(address: str) -> Any:
    import segno

    return segno.make(address, error="m", micro=False)
