from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask

from digitapp.engine import Engine
from digitapp.metrics import Metrics
from digitapp.web.inbox import Inbox
from digitapp.web.tickets import Tickets
from tests.web.client import TOKEN
from tests.web.servers import make_app, serving


class Window(NamedTuple):
    """A server as the desktop window has it, with every route."""

    app: Flask
    inbox: Inbox
    tickets: Tickets
    url: str


@pytest.fixture(scope="session")
def window(engine: Engine) -> Iterator[Window]:
    """One for all tests."""
    inbox, tickets = Inbox(), Tickets(TOKEN)
    metrics = Metrics(engine.model, "litert", 2)
    app = make_app(engine, inbox=inbox, tickets=tickets, metrics=metrics)
    with serving(app, threads=8) as server:
        yield Window(app, inbox, tickets, server.url)


@pytest.fixture
def app(window: Window) -> Flask:
    return window.app


@pytest.fixture
def url(window: Window) -> str:
    return window.url


@pytest.fixture
def given(window: Window) -> Tickets:
    """The tickets of `app`."""
    return window.tickets


@pytest.fixture
def inbox(window: Window) -> Inbox:
    """The inbox of `app`, empty."""
    while window.inbox.next(0):
        pass
    return window.inbox


@pytest.fixture(scope="session")
def tiny(engine: Engine) -> Flask:
    """An app without the window's routes. All tests share it."""
    return make_app(engine)
