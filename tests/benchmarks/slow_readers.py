"""Senders that hardly read what they ask for, by hand:

    python -m tests.benchmarks.slow_readers [--seconds N] [--addresses N]

450 connections ask 150 times each for a file of the page and take some 500 bytes a second; a new
one comes for each that is cut. Meanwhile an honest client asks whether the server is well, from an
address of its own and from the senders'. Exit status 1 when a bar is missed. Needs Linux, where all
of 127.0.0.0/8 is this machine.
"""

import argparse
import http.client
import multiprocessing
import socket
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from tests.benchmarks.load import meets, serve

SENDERS, ASKED = 450, 150


def read_slowly(port: int, source: str) -> None:
    """One sender, again and again."""
    request = b"GET /static/app.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * ASKED
    while True:
        with suppress(OSError), socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sock.settimeout(5)
            sock.bind((source, 0))
            sock.connect(("127.0.0.1", port))
            sock.sendall(request)
            while sock.recv(500):
                time.sleep(1)
        time.sleep(0.2)


def send(port: int, addresses: int) -> None:
    """All senders, in a process of their own: it must not slow the measurement down."""
    for number in range(SENDERS):
        source = f"127.0.1.{1 + number % addresses}"
        threading.Thread(target=read_slowly, args=(port, source), daemon=True).start()
    threading.Event().wait()


def is_well(port: int, source: str) -> tuple[bool, float]:
    """Whether the server says that it is well, and after how many milliseconds."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, 5, source_address=(source, 0))
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        found = connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        found = False
    finally:
        connection.close()
    return found, (time.perf_counter() - start) * 1e3


def attack(addresses: int, seconds: float) -> list[bool]:
    """Measure and print with senders on so many addresses; whether each bar is met."""
    with serve() as served:
        port = urlsplit(served.urls[0]).port or 80
        senders = multiprocessing.get_context("spawn").Process(target=send, args=(port, addresses))
        senders.start()
        time.sleep(4)
        own, theirs = [], []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            own.append(is_well(port, "127.0.0.1"))
            theirs.append(is_well(port, "127.0.1.1"))
            time.sleep(0.5)
        senders.kill()
    name = f"{addresses} addresses" if addresses > 1 else "one address"
    heard = sum(well for well, _ in theirs)
    print(f"{name}: from a sender's own address health was answered {heard} of {len(theirs)} times")
    return [
        meets(f"{name}: health that was not answered", sum(not well for well, _ in own), 0),
        meets(f"{name}: slowest health, ms", max(ms for _, ms in own), 1_000),
    ]


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="Senders that hardly read.")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each attack takes")
    seconds = parser.parse_args().seconds
    return 0 if all([*attack(1, seconds), *attack(8, seconds)]) else 1


if __name__ == "__main__":
    sys.exit(main())
