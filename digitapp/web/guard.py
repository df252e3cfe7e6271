"""Who may ask: a WSGI layer before Flask that refuses by default.

A page of another site can make a browser send requests here, and a name that it owns can be made
to resolve to this machine. So the Host must be an address or a name that was allowed, whatever
changes or tells something must not come from another origin, and `/api/*` asks for the token.
"""

import hmac
import math
import re
from collections.abc import Collection, Iterable, Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from digitapp.errors import BadRequest, DigitappError, Forbidden, Unauthorized
from digitapp.web.http.replies import NO_STORE, SECURITY, Headers, reply
from digitapp.web.limits import Rate, Tries

SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""

FREE = ("/static/", "/healthz", "/readyz")
"""What costs next to nothing, and what a class of thirty asks for at once when a lesson begins."""

HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z.-]+))(?::[0-9]{1,5})?")


class Guard:
    """Checks Host, then the origin, then the token; adds the security headers to every response."""

    def __init__(
        self,
        app: WSGIApplication,
        token: str | None,
        names: Collection[str] = (),
        rate: float = math.inf,
    ) -> None:
        """Stand before `app`.

        Args:
            app: what is guarded.
            token: what `/api/*` asks for; None asks for none.
            names: host names by which the server may be called, besides its addresses.
            rate: requests a second that each address but loopback has; FREE ones are not counted.

        Raises:
            ValueError: the token is an empty string, which would guard nothing.
        """
        if token == "":
            raise ValueError("An empty token guards nothing. Give one, or None to ask for none.")
        self._app = app
        self._token = None if token is None else token.encode()
        self._names = frozenset(name.lower() for name in names)
        self._rate = Rate(rate)
        self._tries = Tries()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request or refuse it; either way the security headers are added."""
        private = is_api(environ["PATH_INFO"])

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            return start_response(status, secured(headers, private), exc_info)

        try:
            self._check(environ)
        except DigitappError as error:
            status, headers, body = reply(error)
            start(status, headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return self._app(environ, start)

    def check_sender(self, environ: WSGIEnvironment) -> None:
        """Refuse a request for what its head tells: Host, origin and token.

        Raises:
            BadRequest, Forbidden, Unauthorized, TooManyRequests: as the sentences say.
        """
        check_host(environ, self._names)
        self._check_sender(environ)

    def _check(self, environ: WSGIEnvironment) -> None:
        check_host(environ, self._names)
        address = environ.get("REMOTE_ADDR", "")
        if not (is_loopback(address) or environ["PATH_INFO"].startswith(FREE)):
            self._rate.count(address)
        self._check_sender(environ)

    def _check_sender(self, environ: WSGIEnvironment) -> None:
        private = is_api(environ["PATH_INFO"])
        if private or environ["REQUEST_METHOD"] not in SAFE:
            check_origin(environ, self._names)
        if private and self._token is not None:
            self._check_token(environ, self._token)

    def _check_token(self, environ: WSGIEnvironment, token: bytes) -> None:
        try:
            check_token(environ.get("HTTP_AUTHORIZATION", ""), token)
        except Unauthorized:
            if "HTTP_AUTHORIZATION" in environ:
                self._tries.count(environ.get("REMOTE_ADDR", ""))
            raise


def is_api(path: str) -> bool:
    """Whether the path lies under `/api`, however many slashes it starts with."""
    return ("/" + path.lstrip("/")).startswith("/api/")


def secured(headers: Headers, private: bool) -> Headers:
    """The headers with those that every response carries; private ones are never stored."""
    if private:
        headers = [pair for pair in headers if pair[0].lower() != "cache-control"] + [NO_STORE]
    return headers + SECURITY


def is_loopback(address: str) -> bool:
    """Whether a sender's address is this machine's own; what is no address is not."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def check_host(environ: WSGIEnvironment, names: Collection[str] = ()) -> None:
    """Refuse a request that did not come by an IP address, as localhost or by one of `names`.

    Raises:
        BadRequest: it names no Host, which HTTP/1.1 demands.
        Forbidden: it names another.
    """
    for authority in _authorities(environ):
        if not authority:
            raise BadRequest("The request names no Host.")
        if not is_own(authority, names):
            raise Forbidden("Open this server by its IP address or as localhost, by no other name.")


def is_own(authority: str, names: Collection[str] = ()) -> bool:
    """Whether `host[:port]` is localhost, one of `names` or an IP address that leads somewhere."""
    match = HOST.fullmatch(authority)
    if match is None:
        return False
    if (match["name"] or "").lower() in {"localhost", *names}:
        return True
    try:
        address = ip_address(match["v6"] or match["name"])
    except ValueError:
        return False
    # A bracket holds IPv6, nothing else does; 0.0.0.0 and [::] mean "any": nobody is called that.
    mapped = getattr(address, "ipv4_mapped", None) or address  # [::ffff:0.0.0.0] leads there too
    return (address.version == 6) == bool(match["v6"]) and not mapped.is_unspecified


def check_origin(environ: WSGIEnvironment, names: Collection[str] = ()) -> None:
    """Refuse what a browser says was started by another origin.

    A program that is no browser sends neither header, and needs the token all the same. By one of
    `names` a proxy may have been asked over TLS.

    Raises:
        Forbidden: the request came from another origin.
    """
    host = environ.get("HTTP_HOST", "")
    own = {f"{environ['wsgi.url_scheme']}://{host}"}
    if host.partition(":")[0].lower() in names:
        own.add(f"https://{host}")
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site not in {"same-origin", "none"} or environ.get("HTTP_ORIGIN", min(own)) not in own:
        raise Forbidden("This request was started by another page than this server's own.")


def check_token(authorization: str, token: bytes, scheme: str = "Bearer") -> None:
    """Refuse a request without `Authorization: <scheme> <token>`; comparing takes constant time.

    Raises:
        Unauthorized: no token, or a wrong one.
    """
    given = credentials(authorization, scheme).encode("latin-1")
    if not hmac.compare_digest(given, token):
        raise Unauthorized


def credentials(authorization: str, scheme: str) -> str:
    """What an Authorization header gives under that scheme; empty where it has another."""
    found, _, given = authorization.partition(" ")
    return given.strip() if found.lower() == scheme.lower() else ""


def _authorities(environ: WSGIEnvironment) -> Iterator[str]:
    """The Host header and, where the request line holds a whole URL, that URL's."""
    yield environ.get("HTTP_HOST", "")
    target = environ.get("REQUEST_URI", "/")
    if not target.startswith(("/", "*")):
        yield urlsplit(target).netloc
