"""The page, its files (Flask's own `/static`), and two routes that say how the server is."""

from flask import Blueprint, Response, render_template

from digitapp.web.slots import Slots


def blueprint(slots: Slots) -> Blueprint:
    """The routes that need no token and tell nothing."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> str:
        return render_template("index.html")

    @pages.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/readyz")
    def readyz() -> Response:
        slots.check()
        return Response("ready\n", mimetype="text/plain")

    return pages
