"""A rolling restart under load, by hand:

    python -m tests.benchmarks.rolling [--seconds N]

Three servers stand behind nginx, with the configuration in `build/nginx`. Thirty clients draw: each
posts a canvas' PNG, or a committed sample, on a connection that stays open, reads the answer, and
goes on after a pause. Meanwhile the servers are restarted one after the other by SIGTERM, and at
last one is killed. An answer is lost if it is not 200 or names another digit than was drawn.

Then the same clients ask without a pause, first the three servers, which have a slot each, then one
alone with three slots, behind the same nginx. The ratio tells what several processes that speak
HTTP gain on this machine, whose processors all share. Exit status 1 when a bar is missed.
"""

import argparse
import http.client
import itertools
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.benchmarks.load import meets, together
from tests.drawings import png
from tests.web.client import BEARER
from tests.web.fleet import ROOT, Fleet, fleet

CLIENTS, PROCESSES = 30, 2
"""Threads that ask, and the processes that they are spread over."""

PAUSE_S = 0.25
"""Between an answer and the next picture: thirty clients draw 100 a second, half of what two
processors read."""

SAMPLES = ["4.png", "7.png"]
"""Committed pictures of one digit, which their names tell."""


class Picture(NamedTuple):
    """What is sent, and what it says."""

    body: bytes
    text: str


class Seen(NamedTuple):
    """What a client saw of a picture: each try's status (0: no answer), and whether it is right."""

    statuses: list[int]
    is_right: bool


def pictures() -> list[Picture]:
    """Ten drawn digits and the samples."""
    drawn = [Picture(png(digit), str(digit)) for digit in range(10)]
    folder = ROOT / "assets" / "samples"
    return drawn + [Picture((folder / name).read_bytes(), name[0]) for name in SAMPLES]


def ask(connection: http.client.HTTPConnection, picture: Picture, tries: int) -> Seen:
    """Have a picture read, with further tries if that fails."""
    statuses: list[int] = []
    while len(statuses) < tries:
        try:
            connection.request("POST", "/api/recognize", picture.body, BEARER)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            statuses.append(0)
            continue
        statuses.append(response.status)
        if response.status == 200:
            return Seen(statuses, f'"text": "{picture.text}"'.encode() in body)
    return Seen(statuses, False)


def _clients(url: str, count: int, tries: int, pause_s: float, pipe: Connection) -> None:
    """Ask with so many threads until the pipe says something; then send what they saw."""
    place, over, seen = urlsplit(url), Event(), list[Seen]()
    all_pictures = pictures()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        time.sleep(pause_s * number / count)  # not all at the same moment
        for turn in itertools.count(number):
            if over.is_set():
                break
            seen.append(ask(connection, all_pictures[turn % len(all_pictures)], tries))
            time.sleep(pause_s)
        connection.close()

    def wait() -> None:
        pipe.recv()
        over.set()

    waiting = Thread(target=wait)
    waiting.start()
    together(client, count)
    waiting.join()
    pipe.send(seen)


def during(
    url: str, work: Callable[[], None], tries: int = 1, pause_s: float = PAUSE_S
) -> list[Seen]:
    """What all clients saw while the work was done."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for _ in range(PROCESSES):
        ours, theirs = context.Pipe()
        arguments = (url, CLIENTS // PROCESSES, tries, pause_s, theirs)
        processes.append(context.Process(target=_clients, args=arguments, daemon=True))
        processes[-1].start()
        pipes.append(ours)
    time.sleep(2)  # they load
    work()
    for pipe in pipes:
        pipe.send("over")
    seen = [each for pipe in pipes for each in pipe.recv()]
    for process in processes:
        process.join()
    return seen


def told(name: str, seen: list[Seen]) -> None:
    """Print how often each status came, of every try."""
    counts = Counter(status for each in seen for status in each.statuses)
    print(f"{name}: " + ", ".join(f"{n:,} x {status}" for status, n in counts.most_common()))


def lost(seen: list[Seen]) -> int:
    """Pictures without a right answer in the end."""
    return sum(not each.is_right for each in seen)


def kill(servers: Fleet, seconds: float) -> None:
    """Kill one of them under load, and start it again."""
    time.sleep(seconds / 2)
    servers.end(servers.ports[0], signal.SIGKILL)
    time.sleep(seconds / 2)
    servers.start(servers.ports[0])
    time.sleep(1)


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="A rolling restart under load.")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each part takes")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        options = ("--wait-s", "20", "--drain-s", "1")
        with fleet(Path(name), *options) as servers:
            statuses: list[int] = []
            rolling = during(servers.url, lambda: statuses.extend(servers.restart()))
            killed = during(servers.url, lambda: kill(servers, seconds), tries=2)
            many = during(servers.url, lambda: time.sleep(seconds), pause_s=0)
            for port in servers.ports:
                servers.end(port)
            servers.start(servers.ports[0], "--slots", str(len(servers.ports)))
            one = during(servers.url, lambda: time.sleep(seconds), pause_s=0)
    told("rolling restart", rolling)
    told("one killed, with a second try", killed)
    told("three servers, no pause", many)
    told("one server, no pause", one)
    ratio = len(many) / len(one)
    print(f"three servers over one of as many slots: {ratio:.2f} ({os.cpu_count()} processors)\n")
    bars = [
        meets("restart: servers that did not end with 0", sum(map(bool, statuses)), 0),
        meets("restart: lost answers", lost(rolling), 0),
        meets("kill: errors after a second try", lost(killed), 0),
        meets("no pause, three servers: lost answers", lost(many), 0),
        meets("no pause, one server: lost answers", lost(one), 0),
    ]
    return 0 if all(bars) and min(map(len, (rolling, killed, many, one))) > CLIENTS else 1


if __name__ == "__main__":
    sys.exit(main())
