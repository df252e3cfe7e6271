"""Clients for the load scenarios: a server in a process of its own, and threads that post to it."""

import http.client
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.drawings import png

TOKEN = "token-of-the-load-test"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
PICTURES = [png(digit) for digit in range(10)]


class Answer(NamedTuple):
    """What came of one request: its status (0: none came) and the time it took in ms."""

    status: int
    ms: float


class Served(NamedTuple):
    """A running server: its addresses, loopback first, and its process."""

    urls: list[str]
    process: "subprocess.Popen[str]"


@contextmanager
def serve(*options: str) -> Iterator[Served]:
    """Run `digitapp serve` on a free port until the block ends."""
    command = [sys.executable, "-m", "digitapp", "serve", "--port", "0", "--token", TOKEN]
    command += ["--drain-s", "0"]  # nobody else asks it
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(1 + ("--lan" in options))]
        urls = [found[0] for line in lines if (found := re.search(r"http://\S+?/", line))]
        try:
            yield Served(urls, process)
        finally:
            process.terminate()


def connect(url: str, timeout_s: float = 30) -> http.client.HTTPConnection:
    """A connection that stays open; small requests leave at once, as a browser's do."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout_s)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def post(connection: http.client.HTTPConnection, number: int) -> Answer:
    """Have one picture read."""
    start = time.perf_counter()
    try:
        connection.request("POST", "/api/recognize", PICTURES[number % 10], HEADERS)
        response = connection.getresponse()
        response.read()
        status = response.status
    except (OSError, http.client.HTTPException):
        connection.close()
        status = 0
    return Answer(status, (time.perf_counter() - start) * 1000)


def health(url: str, timeout_s: float = 30) -> Answer:
    """Ask how the server is, on a connection of its own."""
    start = time.perf_counter()
    try:
        connection = connect(url, timeout_s)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
    except (OSError, http.client.HTTPException):
        status = 0
    return Answer(status, (time.perf_counter() - start) * 1000)


def together(work: Callable[[int], None], count: int) -> None:
    """Do the work in so many threads, each with its number, and wait for all."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def percentile(answers: list[Answer], share: int) -> float:
    """The time in ms that `share` of a hundred answers do not exceed."""
    return statistics.quantiles([answer.ms for answer in answers], n=100)[share - 1]


def meets(name: str, value: float, most: float) -> bool:
    """Print a bar's line; returns whether it is met."""
    met = value <= most
    print(f"{name:<48}{value:>9.1f}  (<= {most:g}: {'met' if met else 'MISSED'})")
    return met
