"""Senders that drip, by hand:

    python -m tests.benchmarks.dripping [--seconds N]

A hundred and ten connections from the network each begin a request and send a byte of it now and
then. Loopback must answer as ever, and the network again soon after they end. Exit status 1 when a
bar is missed.
"""

import argparse
import socket
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from tests.benchmarks.load import HEADERS, connect, health, meets, post, serve

DRIPPING = 110
HEAD = (
    "POST /api/recognize HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000\r\n"
    "Authorization: {Authorization}\r\n\r\n"
)


def drip(url: str, stop: threading.Event) -> None:
    """One sender: a byte a second, until the server cuts it off."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as sock, suppress(OSError):
        sock.sendall(HEAD.format(host=address.netloc, **HEADERS).encode())
        while not stop.wait(1.0):
            sock.sendall(b"\x89")
        stop.wait()


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="Senders that drip.")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long they drip")
    seconds = parser.parse_args().seconds
    stop = threading.Event()
    with serve("--lan") as served:
        own, network = served.urls
        senders = [
            threading.Thread(target=drip, args=(network, stop), daemon=True)
            for _ in range(DRIPPING)
        ]
        for sender in senders:
            sender.start()
        time.sleep(2)
        end = time.monotonic() + seconds
        near, checks, far = [], [], []
        while time.monotonic() < end:
            near.append(post(connect(own), 7))
            checks.append(health(own))
            far.append(health(network, timeout_s=2))
            time.sleep(0.5)
        stop.set()
        start = time.monotonic()
        while post(connect(network), 7).status != 200:
            time.sleep(0.1)
        again_s = time.monotonic() - start
    heard = sum(answer.status == 200 for answer in far)
    print(f"meanwhile the network's own health was answered {heard} of {len(far)} times\n")
    bars = [
        meets("loopback: answers that are none", sum(a.status != 200 for a in near), 0),
        meets("loopback: slowest answer, ms", max(answer.ms for answer in near), 100),
        meets("loopback: slowest health, ms", max(check.ms for check in checks), 100),
        meets("network: answers again after, s", again_s, 20),
    ]
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
