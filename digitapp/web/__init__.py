"""The recogniser over HTTP, and the page."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from digitapp.config import MAX_BODY, setting
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.web import api, pages, replies
from digitapp.web.guard import Guard
from digitapp.web.inbox import Inbox
from digitapp.web.slots import Slots


def create_app(
    engine: Engine,
    *,
    token: str | None,
    inbox: Inbox | None = None,
    slots: int | None = None,
    wait_s: float | None = None,
) -> Flask:
    """Put the program together; whatever serves the result, the guard stands before it.

    Args:
        engine: runs the CNN.
        token: what `/api/*` asks for; None asks for nothing.
        inbox: what the desktop window tells its page; without it those routes do not exist.
        slots: pictures that are read at the same time; None takes the setting.
        wait_s: seconds that a picture waits for a slot; None takes the setting.

    Raises:
        ValueError: the token is an empty string, which would guard nothing.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.merge_slashes = False  # a doubled slash is an unknown route, not a redirect
    room = Slots(
        setting("slots") if slots is None else slots,
        setting("wait_s") if wait_s is None else wait_s,
    )
    app.register_blueprint(pages.blueprint(room))
    app.register_blueprint(api.blueprint(engine, room, inbox))
    app.register_error_handler(DigitappError, replies.for_error)
    app.register_error_handler(HTTPException, replies.for_http_exception)
    app.wsgi_app = Guard(app.wsgi_app, token)  # type: ignore[method-assign]
    return app
