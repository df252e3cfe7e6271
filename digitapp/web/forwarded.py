"""Who sent a request that came through a proxy, if a setting says that the proxy is trusted."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Network = IPv4Network | IPv6Network

MOST = 32
"""Most addresses of a header that are looked at: no honest request passes more proxies."""


class Forwarded:
    """WSGI middleware that puts the sender's own address in place of a trusted proxy's."""

    def __init__(self, app: WSGIApplication, proxies: Collection[Network]) -> None:
        self._app, self._proxies = app, tuple(proxies)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on."""
        environ["REMOTE_ADDR"] = sender(environ, self._proxies)
        return self._app(environ, start_response)


def sender(environ: WSGIEnvironment, proxies: Collection[Network]) -> str:
    """The address of a request's sender.

    Each proxy adds to X-Forwarded-For who spoke to it, at the right end. What stands left of the
    first address that is no trusted proxy's, that sender may have made up.
    """
    address = str(environ.get("REMOTE_ADDR", ""))
    told = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")[-MOST:]
    while told and is_in(address, proxies):
        before = _without_port(told.pop().strip())
        if not _is_address(before):
            break
        address = before
    return address


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Whether an address lies in one of the networks. False for text that is no address."""
    if not networks or not _is_address(address):
        return False
    known = ip_address(address.partition("%")[0])
    known = getattr(known, "ipv4_mapped", None) or known
    return any(known in network for network in networks)


def _without_port(text: str) -> str:
    """An address as some proxies tell it: 192.0.2.7:4711, [2001:db8::7] or [2001:db8::7]:4711."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
