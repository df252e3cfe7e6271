"""Requests a second over HTTP: the usual way, this program, and a route that only answers.

    python -m tests.benchmarks.server

Run by hand on a machine that does nothing else. Four clients in a process of their own, each on
a connection that stays open, post a 280 x 280 grey PNG of a drawn digit to three servers, each in
a process of its own:

- usual: what tutorials show. Flask squeezes the picture to 28 x 28 and calls Keras'
  `model.predict`. waitress serves it, as it serves ours: the two differ in the recogniser alone.
- ours: the program's own app on the program's own server.
- floor: the same app and server, and a route that reads the same body and only answers.

Exit status 1 when a bar is missed.
"""

import argparse
import http.client
import io
import logging
import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

from tests.drawings import png
from tests.family import held

MARKS = (1_000, 5_000, 10_000)
"""Memory is read after so many requests."""

USUAL_BAR, FLOOR_BAR, MEMORY_BAR = 40.0, 0.45, 150.0
"""Ours over the usual way, ours over the floor, and the memory in MB after the last request."""

GROWTH_BAR = 2.0
"""From the last mark but one to the last, in MB: more is growth, less is noise."""


class Run(NamedTuple):
    """What the clients saw: how long it took in seconds, and each request's time in ms."""

    seconds: float
    times: list[float]

    def __add__(self, other: object) -> "Run":
        assert isinstance(other, Run)
        return Run(self.seconds + other.seconds, self.times + other.times)

    @property
    def per_s(self) -> float:
        return len(self.times) / self.seconds

    def row(self, name: str) -> str:
        """A line of the table."""
        cuts = statistics.quantiles(self.times, n=100)
        return f"{name:<7}{self.per_s:>12,.0f}{cuts[49]:>10.1f}{cuts[98]:>10.1f}"


NOTHING = Run(0.0, [])


def usual(pipe: Connection) -> None:
    """Serve the usual way until told to end."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    import keras
    import numpy as np
    from PIL import Image
    from waitress import create_server  # type: ignore[import-untyped]

    from digitapp.paths import asset

    app = Flask("usual")
    model = keras.saving.load_model(asset("digits.keras"), compile=False)

    @app.post("/api/recognize")
    def recognize() -> Response:
        image = Image.open(io.BytesIO(request.get_data())).convert("L").resize((28, 28))
        batch = (255 - np.asarray(image, dtype=np.float32)).reshape(1, 28, 28, 1) / 255
        probabilities = model.predict(batch, verbose=0)[0]
        return jsonify(digit=int(probabilities.argmax()), probabilities=probabilities.tolist())

    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    pipe.send(f"http://127.0.0.1:{server.effective_port}/")
    wait_for_end(pipe)


def ours(pipe: Connection) -> None:
    """Serve the program, and beside it a route that only answers, until told to end."""
    from digitapp import config
    from digitapp.web.app import create_app
    from digitapp.web.http import sockets
    from digitapp.web.http.server import Server
    from digitapp.web.limits import Slots
    from digitapp.web.serve import make_reader

    sock = sockets.bind("127.0.0.1", 0)
    slots = Slots(config.setting("slots"), config.setting("wait_s"))
    reader = make_reader("litert", slots.count)
    app = create_app(reader, token=None, slots=slots)

    @app.post("/api/floor")
    def floor() -> Response:
        return jsonify(bytes=len(request.get_data()))

    server = Server(app, sock, config.setting("threads"))
    server.start()
    pipe.send(server.url)
    wait_for_end(pipe)
    server.stop()
    reader.close()


def wait_for_end(pipe: Connection) -> None:
    """Wait until the other end is closed."""
    with suppress(EOFError):
        pipe.recv()


def client(pipe: Connection, url: str, path: str, clients: int, count: int) -> None:
    """Post `count` times over `clients` connections and send back each request's time in ms."""
    pictures = [png(digit) for digit in range(10)]
    share = count // clients
    times: list[float] = []
    threads = [
        threading.Thread(target=post, args=(url, path, pictures, share, times))
        for _ in range(clients)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send((time.perf_counter() - start, times))


def post(url: str, path: str, pictures: list[bytes], count: int, times: list[float]) -> None:
    """Post one picture after another on one connection."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    for number in range(count):
        start = time.perf_counter()
        connection.request("POST", path, pictures[number % len(pictures)])
        response = connection.getresponse()
        body = response.read()
        times.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}: {body!r}")
    connection.close()


@contextmanager
def process(target: Callable[..., None], *arguments: object) -> Iterator[tuple[Connection, int]]:
    """Run `target(pipe, *arguments)` in a fresh process; gives our end of the pipe and its id."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=target, args=(there, *arguments))
    child.start()
    there.close()
    try:
        yield here, child.pid or 0
    finally:
        here.close()  # ends a server that waits for it
        child.join(10)
        child.kill()


def measure(url: str, path: str, clients: int, count: int) -> Run:
    """Have the clients post `count` pictures."""
    with process(client, url, path, clients, count) as (pipe, _):
        seconds, times = pipe.recv()
    return Run(seconds, times)


def measure_usual(clients: int, count: int) -> Run:
    """The usual way, after a few requests that let TensorFlow settle."""
    with process(usual) as (pipe, _):
        url = pipe.recv()
        measure(url, "/api/recognize", clients, 5 * clients)
        return measure(url, "/api/recognize", clients, count)


def measure_ours(clients: int) -> tuple[Run, Run, list[float]]:
    """Ours and the floor by turns, so that both see the same machine, and the memory between."""
    with process(ours) as (pipe, pid):
        url = pipe.recv()
        mine, floor, memory = NOTHING, NOTHING, [held(pid)]
        for before, mark in pairwise((0, *MARKS)):
            mine += measure(url, "/api/recognize", clients, mark - before)
            memory.append(held(pid))
            floor += measure(url, "/api/floor", clients, mark - before)
    return mine, floor, memory


def report(before: Run, mine: Run, floor: Run, memory: list[float]) -> bool:
    """Print the tables; returns whether every bar is met."""
    print(f"{'':<7}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, run in (("usual", before), ("ours", mine), ("floor", floor)):
        print(run.row(name))
    print(f"\n{'requests':<12}{'memory MB':>12}")
    for mark, megabytes in zip((0, *MARKS), memory, strict=True):
        print(f"{mark:<12,}{megabytes:>12.1f}")
    print()
    bars = (
        ("ours / usual", mine.per_s / before.per_s, USUAL_BAR, True),
        ("ours / floor", mine.per_s / floor.per_s, FLOOR_BAR, True),
        ("memory at the end, MB", memory[-1], MEMORY_BAR, False),
        ("growth since the mark before, MB", memory[-1] - memory[-2], GROWTH_BAR, False),
    )
    met = [_meets(*bar) for bar in bars]  # a list: each bar prints its line
    return all(met)


def _meets(name: str, value: float, bar: float, at_least: bool) -> bool:
    met = value >= bar if at_least else value <= bar
    sign = ">=" if at_least else "<="
    print(f"{name:<34}{value:>8.2f}  ({sign} {bar:g}: {'met' if met else 'MISSED'})")
    return met


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="Compare the server with the usual way.")
    parser.add_argument("--clients", type=int, default=4, help="connections at the same time")
    parser.add_argument("--usual", type=int, default=300, help="requests to the usual way")
    arguments = parser.parse_args()
    mine, floor, memory = measure_ours(arguments.clients)
    before = measure_usual(arguments.clients, arguments.usual)
    return 0 if report(before, mine, floor, memory) else 1


if __name__ == "__main__":
    sys.exit(main())
