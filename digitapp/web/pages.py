"""The page, its files (Flask's own `/static`), and two routes that say how the server is."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, render_template

from digitapp.web.slots import Slots

STATIC = Path(__file__).parent / "static"

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Said here, since Windows' registry may hold other types, and browsers then refuse the modules."""


def blueprint(slots: Slots) -> Blueprint:
    """The routes that need no token and tell nothing."""
    pages = Blueprint("pages", __name__)
    modules = sorted(file.name for file in STATIC.glob("*.js"))
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

    return pages
