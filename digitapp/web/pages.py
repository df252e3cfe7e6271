"""The page, its files (Flask's own `/static`), and how the server does: its health, its figures."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from flask.blueprints import BlueprintSetupState

from digitapp import config, formats
from digitapp.metrics import Metrics
from digitapp.web.guard import credentials
from digitapp.web.http.replies import NO_STORE, Headers
from digitapp.web.limits import Slots
from digitapp.web.tickets import Tickets

STATIC = Path(__file__).parent / "static"

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Set here because Windows' registry may hold other types, and browsers then refuse modules."""


def blueprint(slots: Slots, tickets: Tickets | None) -> Blueprint:
    """The routes that need no token. They tell nothing secret, except for a valid ticket."""
    pages = Blueprint("pages", __name__)
    files = (file.relative_to(STATIC) for file in STATIC.rglob("*.js"))
    modules = sorted(file.as_posix() for file in files if file.name != "docs.js")
    for ending, kind in TYPES.items():
        mimetypes.add_type(kind, ending)

    @pages.record_once
    def compile_page(state: BlueprintSetupState) -> None:
        """The window's server is ready 50 ms before it is asked: this takes 8 of them."""
        state.app.jinja_env.get_template("index.html")

    @pages.get("/")
    def index() -> str:
        return render_template(
            "index.html",
            modules=modules,
            max_bytes=config.MAX_BODY,
            formats=formats.listed(),
            endings=sorted(formats.ENDINGS),
        )

    @pages.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/readyz")
    def readyz() -> Response:
        slots.check()
        return Response("ready\n", mimetype="text/plain")

    if tickets is not None:

        @pages.post("/ticket")
        def ticket() -> tuple[dict[str, str], Headers]:
            given = credentials(request.headers.get("Authorization", ""), "Ticket")
            return {"token": tickets.redeem(given)}, [NO_STORE]

    return pages


def figures(metrics: Metrics) -> Blueprint:
    """`GET /metrics`, for which the guard asks for the token."""
    routes = Blueprint("figures", __name__)

    @routes.get("/metrics")
    def told() -> Response:
        text, kind = metrics.text()
        return Response(text, content_type=kind)

    return routes
