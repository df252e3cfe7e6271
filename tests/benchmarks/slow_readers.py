"""Readers that hardly read, by hand:

    python -m tests.benchmarks.slow_readers [--listener loopback|network] [--in-turn]

450 connections each ask 150 times for a stylesheet and read 1.4 kB of the answers in 3 s. They ask
all at once or, with --in-turn, 15 times with each piece. Whoever is cut off comes back. First all
come from one address, then from eight. Meanwhile the server's health is asked for 39 times. Exit
status 1 when a bar is missed. Needs Linux, where a program may send from any loopback address.
"""

import argparse
import socket
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from tests.benchmarks.load import Answer, health, meets, serve

READERS, ASKED, IN_TURN, PIECE, PAUSE_S = 450, 150, 15, 1_400, 3.0
PROBES, PATIENCE_S = 39, 5.0
SOURCES = {"one address": ["127.0.0.1"], "eight": [f"127.0.0.{n}" for n in range(2, 10)]}
GET = b"GET /static/app.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Readers(threading.Thread):
    """All slow readers, which come from `sources` in turn; `cut` counts how many were cut off.

    Each asks `first` times at once, and `more` times with each piece that it reads.
    """

    def __init__(self, url: str, sources: list[str], first: int, more: int) -> None:
        super().__init__(daemon=True)
        self._address = urlsplit(url)
        self._sources = sources
        self._first, self._more = first, more
        self._socks: list[socket.socket | None] = [None] * READERS
        self.end = threading.Event()
        self.cut = 0

    def run(self) -> None:
        """Ask and read until `end` is set."""
        while not self.end.is_set():
            begin = time.monotonic()
            for number, sock in enumerate(self._socks):
                if sock is None or not self._reads(sock):
                    self._socks[number] = self._asks(number)
            self.end.wait(max(begin + PAUSE_S - time.monotonic(), 0))
        for sock in filter(None, self._socks):
            sock.close()

    def _asks(self, number: int) -> socket.socket | None:
        """A connection that has asked; none if the server does not take it."""
        sock = socket.socket()
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.settimeout(PAUSE_S)
            sock.bind((self._sources[number % len(self._sources)], 0))
            sock.connect((self._address.hostname or "", self._address.port or 80))
            sock.setblocking(False)
            with suppress(BlockingIOError):  # the rest is not asked for
                sock.send(GET * self._first)
        except OSError:
            sock.close()
            return None
        return sock

    def _reads(self, sock: socket.socket) -> bool:
        """Read a piece; whether the connection is still open."""
        try:
            is_open = bool(sock.recv(PIECE))
            sock.send(GET * self._more)
        except BlockingIOError:
            return True
        except OSError:
            is_open = False
        if not is_open:
            sock.close()
            self.cut += 1
        return is_open


def probe(url: str, sources: list[str], first: int, more: int) -> tuple[list[Answer], int]:
    """The answers about the server's health meanwhile, and how many readers were cut off."""
    readers = Readers(url, sources, first, more)
    readers.start()
    time.sleep(3)
    answers = []
    for _ in range(PROBES):
        answers.append(health(url, PATIENCE_S))
        time.sleep(0.5)
    readers.end.set()
    readers.join()
    return answers, readers.cut


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="Readers that hardly read.")
    parser.add_argument("--listener", choices=("loopback", "network"), default="loopback")
    parser.add_argument("--in-turn", action="store_true")
    options = parser.parse_args()
    asked = (IN_TURN, IN_TURN) if options.in_turn else (ASKED, 0)
    bars = []
    for name, sources in SOURCES.items():
        with serve(*(["--lan"] if options.listener == "network" else [])) as served:
            answers, cut = probe(served.urls[-1], sources, *asked)
        heard = [answer.ms for answer in answers if answer.status == 200]
        print(f"{name}: health was answered {len(heard)} of {PROBES} times, {cut} readers cut off")
        bars.append(meets(f"{name}: health not answered", PROBES - len(heard), 0))
        bars.append(meets(f"{name}: longest, ms", max(answer.ms for answer in answers), 1_000))
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
