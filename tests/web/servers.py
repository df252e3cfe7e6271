"""Servers in the tests' own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from digitapp.engine import Engine
from digitapp.jobs.reader import Here
from digitapp.web.app import create_app
from digitapp.web.http.server import Server
from digitapp.web.http.sockets import bind
from digitapp.web.limits import Slots
from tests.web.client import TOKEN


def make_app(engine: Engine, **options: Any) -> Flask:
    """An app with the tests' token and two slots, unless `options` say otherwise."""
    return create_app(Here(engine), **{"token": TOKEN, "slots": Slots(2, 30), **options})


@contextmanager
def serving(app: Flask, threads: int = 4, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server that runs until the block ends."""
    server = Server(app, bind(host, 0), threads)
    server.start()
    try:
        yield server
    finally:
        server.stop()
