from collections.abc import Iterator

import pytest
from flask import Flask

from digitapp.engine import Engine
from digitapp.web.app import create_app
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from digitapp.web.tickets import Tickets
from digitapp.web.workers.pool import Here
from tests.web.client import TOKEN


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def given() -> Tickets:
    """The tickets of `app`."""
    return Tickets(TOKEN)


@pytest.fixture
def app(engine: Engine, inbox: Inbox, given: Tickets) -> Flask:
    room = Slots(2, 30)
    return create_app(Here(engine), token=TOKEN, inbox=inbox, room=room, tickets=given)


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The address of a server that runs in this process."""
    server = Server(app, bind("127.0.0.1", 0), threads=8)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def tiny(engine: Engine) -> Flask:
    """An app for tests that only need one: shared, so without an inbox."""
    return create_app(Here(engine), token=TOKEN, room=Slots(2, 30))
