"""What needs no token: the page, its files (Flask's own `/static`), and how the server is."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request

from digitapp.web.http.replies import NO_STORE
from digitapp.web.limits import Slots
from digitapp.web.tickets import Tickets

STATIC = Path(__file__).parent / "static"

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Said here, since Windows' registry may hold other types, and browsers then refuse the modules."""


def blueprint(slots: Slots, tickets: Tickets | None) -> Blueprint:
    """The routes that need no token and tell nothing, but for the right ticket."""
    pages = Blueprint("pages", __name__)
    modules = sorted(file.name for file in STATIC.glob("*.js") if file.stem != "docs")
    for ending, kind in TYPES.items():
        mimetypes.add_type(kind, ending)

    @pages.get("/")
    def index() -> str:
        return render_template("index.html", modules=modules)

    @pages.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/readyz")
    def readyz() -> Response:
        slots.check()
        return Response("ready\n", mimetype="text/plain")

    if tickets is not None:

        @pages.post("/ticket")
        def ticket() -> Response:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            token = tickets.redeem(given.strip() if scheme.lower() == "ticket" else "")
            response = jsonify(token=token)
            response.headers.set(*NO_STORE)
            return response

    return pages
