"""Who may ask: a WSGI layer in front of Flask that refuses by default.

A page of another site can make a browser send requests here, and it can make a name of its own
resolve to this machine. So the Host must be an address or an allowed name, requests that change or
tell something must not come from another origin, and `/api/*` and `/metrics` ask for the token.
"""

import hmac
import math
import re
from collections.abc import Collection, Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from digitapp.errors import BadRequest, DigitappError, Forbidden, Unauthorized
from digitapp.metrics import CODE
from digitapp.web.forwarded import Network, sender
from digitapp.web.http.replies import NO_STORE, SECURITY, Headers, reply
from digitapp.web.limits import Rate, Tries

SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""

FREE = ("/static/", "/healthz", "/readyz")
"""Not counted by the rate limit: cheap, and a class of thirty asks for it all at once."""

HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z.-]+))(?::[0-9]{1,5})?")


class Guard:
    """Checks Host, rate, origin and token, and adds the security headers to every response.

    For `token`, `names`, `rate` and `proxies` see `create_app`. FREE paths do not count for the
    rate.

    Raises:
        ValueError: the token is an empty string, which would guard nothing.
    """

    def __init__(
        self,
        app: WSGIApplication,
        token: str | None,
        names: Collection[str] = (),
        rate: float = math.inf,
        proxies: Collection[Network] = (),
    ) -> None:
        if token == "":
            raise ValueError("An empty token guards nothing. Give one, or None to ask for none.")
        self._app = app
        self._token = None if token is None else token.encode()
        self._names = frozenset(name.lower() for name in names)
        self._proxies = tuple(proxies)
        self._rate = Rate(rate)
        self._tries = Tries()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request or refuse it; either way the security headers are added."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            if is_private(environ["PATH_INFO"]):  # it is never stored
                headers = [each for each in headers if each[0].lower() != "cache-control"]
                headers.append(NO_STORE)
            return start_response(status, headers + SECURITY, exc_info)

        try:
            self.check(environ)
        except DigitappError as error:
            environ[CODE] = error.code
            status, headers, body = reply(error)
            start(status, headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return self._app(environ, start)

    def check(self, environ: WSGIEnvironment, is_counted: bool = True) -> None:
        """Refuse a request by its head; `is_counted` says whether it counts for the rate limit.

        Raises:
            BadRequest, Forbidden, Unauthorized, TooManyRequests: as the sentences say.
        """
        check_host(environ, self._names)
        address, path = sender(environ, self._proxies), environ["PATH_INFO"]
        if is_counted and not (is_loopback(address) or path.startswith(FREE)):
            self._rate.count(address)
        if is_private(path) or environ["REQUEST_METHOD"] not in SAFE:
            check_origin(environ, self._names)
        if is_private(path) and self._token is not None:
            try:
                check_token(environ.get("HTTP_AUTHORIZATION", ""), self._token)
            except Unauthorized:
                if "HTTP_AUTHORIZATION" in environ:
                    self._tries.count(address)
                raise


def is_private(path: str) -> bool:
    """Whether the path, however many slashes it starts with, asks for the token and is private."""
    return is_api(path) or "/" + path.lstrip("/") == "/metrics"


def is_api(path: str) -> bool:
    """Whether the path lies under `/api`, however many slashes it starts with."""
    return ("/" + path.lstrip("/")).startswith("/api/")


def is_loopback(address: str) -> bool:
    """Whether a sender's address is this machine's own. False for text that is no address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def check_host(environ: WSGIEnvironment, names: Collection[str] = ()) -> None:
    """Refuse a request whose Host is not an IP address, localhost or one of `names`.

    Raises:
        BadRequest: it names no Host, which HTTP/1.1 demands.
        Forbidden: it names another.
    """
    authorities = [environ.get("HTTP_HOST", "")]
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI") or "/"  # gunicorn has the latter
    if not target.startswith(("/", "*")):  # the request line holds a whole URL
        authorities.append(urlsplit(target).netloc)
    for authority in authorities:
        if not authority:
            raise BadRequest("The request names no Host.")
        if not is_own(authority, names):
            raise Forbidden("Open this server by its IP address or as localhost, by no other name.")


def is_own(authority: str, names: Collection[str] = ()) -> bool:
    """Whether `host[:port]` is localhost, one of `names` or an IP address of one machine."""
    match = HOST.fullmatch(authority)
    if match is None:
        return False
    if (match["name"] or "").lower() in {"localhost", *names}:
        return True
    try:
        address = ip_address(match["v6"] or match["name"])
    except ValueError:
        return False
    # Only IPv6 is in brackets. 0.0.0.0 and [::] mean "any"; some systems take them for loopback.
    mapped = getattr(address, "ipv4_mapped", None) or address  # [::ffff:0.0.0.0] does the same
    return (address.version == 6) == bool(match["v6"]) and not mapped.is_unspecified


def check_origin(environ: WSGIEnvironment, names: Collection[str] = ()) -> None:
    """Refuse a request that a browser says was started by another origin.

    Programs that are not browsers send neither header; they still need the token. A request by one
    of `names` may have come over TLS, through a proxy.

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
