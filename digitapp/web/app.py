"""The Flask app, put together from its parts.

The window's page waits for this module. So what only pictures or the documentation need, above all
NumPy, is loaded later.
"""

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import HTTPException

from digitapp.config import MAX_BODY
from digitapp.errors import DigitappError
from digitapp.logs import AccessLog
from digitapp.metrics import Metrics, Uncounted
from digitapp.web import api, docs, pages
from digitapp.web.forwarded import Forwarded, Network
from digitapp.web.guard import Guard
from digitapp.web.handover import Handover
from digitapp.web.handover import blueprint as handing_over
from digitapp.web.http import replies
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from digitapp.web.share import Share
from digitapp.web.share import blueprint as sharing
from digitapp.web.tickets import Tickets

if TYPE_CHECKING:
    from digitapp.jobs.reader import Reader


def create_app(
    reader: "Reader",
    *,
    token: str | None,
    inbox: Inbox | None = None,
    slots: Slots,
    share: Share | None = None,
    tickets: Tickets | None = None,
    handover: Handover | None = None,
    names: Collection[str] = (),
    proxies: Collection[Network] = (),
    rate: float = math.inf,
    metrics: Uncounted | None = None,
) -> Flask:
    """Make the app. The guard and the access log are part of it, whatever serves it.

    Args:
        reader: reads the pictures.
        token: what `/api/*` asks for; None asks for none.
        inbox: what the desktop window tells its page. Without it those routes do not exist.
        slots: limit how many pictures are read at once; several apps may have the same.
        share: how other devices reach this one; None means that they do not.
        tickets: what the page may exchange for the token. Without them that route does not exist.
        handover: takes the files of later starts. Without it that route does not exist.
        names: host names by which the server may be called, besides its addresses.
        proxies: networks of proxies that are trusted to tell whom a request came from.
        rate: requests a second that each address but this machine's own may make.
        metrics: counts what the server does. Only with `Metrics` there is the route `/metrics`.

    Raises:
        ValueError: the token is an empty string, which would guard nothing.
    """
    metrics = metrics or Uncounted()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = (
        MAX_BODY + 1
    )  # so that it is seen where a body has more than MAX_BODY
    app.url_map.merge_slashes = False  # a doubled slash is an unknown route, not a redirect
    app.register_blueprint(pages.blueprint(slots, tickets))
    app.register_blueprint(api.blueprint(reader, slots, inbox, metrics))
    app.register_blueprint(sharing(share or Share(), is_owner=inbox is not None))
    app.register_blueprint(docs.blueprint(private=token is not None))
    if isinstance(metrics, Metrics):
        app.register_blueprint(pages.figures(metrics))
    if handover is not None:
        app.register_blueprint(handing_over(handover))
    app.register_error_handler(DigitappError, replies.for_error)
    app.register_error_handler(HTTPException, replies.for_http_exception)
    guarded = Guard(app.wsgi_app, token, names, rate, proxies)
    app.extensions["slots"] = slots  # the server tells them that it stops soon
    app.extensions["proxies"] = tuple(proxies)
    app.extensions["guard"] = guarded  # the channel asks it before a large body is read
    app.extensions["metrics"] = metrics  # some requests do not reach the app
    counted = metrics.app(guarded)
    app.wsgi_app = Forwarded(AccessLog(counted), proxies)  # type: ignore[method-assign]
    return app
