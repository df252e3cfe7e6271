"""A class of thirty on one laptop, by hand:

    python -m tests.benchmarks.classroom [--seconds N] [--crowd N]

Clients and server share the machine. First thirty clients draw, each a canvas' PNG five times a
second; then a crowd of eighty asks as fast as it can, and the server's health is asked all the
while. Requests that find no slot are refused within half a second. A fast machine refuses none of
eighty, so try it with 160 as well. Exit status 1 when a bar is missed.
"""

import argparse
import sys
import threading
import time
from collections import Counter

from tests.benchmarks.load import Answer, connect, health, meets, percentile, post, serve, together

PUPILS, PER_S = 30, 5.0
CROWD, CROWD_S = 80, 20.0


def draw(url: str, seconds: float) -> list[Answer]:
    """Thirty clients, each at its own moments, five times a second."""
    answers: list[Answer] = []
    start = time.monotonic() + 0.5

    def pupil(number: int) -> None:
        connection = connect(url)
        for turn in range(int(seconds * PER_S)):
            due = start + (turn + number / PUPILS) / PER_S
            time.sleep(max(due - time.monotonic(), 0))
            answers.append(post(connection, turn))

    together(pupil, PUPILS)
    return answers


def rush(url: str, crowd: int) -> tuple[list[Answer], list[Answer]]:
    """Clients without a pause; what they got, and how the server's health answered."""
    answers: list[Answer] = []
    checks: list[Answer] = []
    end = time.monotonic() + CROWD_S

    def hasty(number: int) -> None:
        connection = connect(url)
        while time.monotonic() < end:
            answers.append(post(connection, number))

    def nurse() -> None:
        while time.monotonic() < end:
            checks.append(health(url))
            time.sleep(0.2)

    watch = threading.Thread(target=nurse)
    watch.start()
    together(hasty, crowd)
    watch.join()
    return answers, checks


def statuses(answers: list[Answer]) -> str:
    """How often each status came."""
    return ", ".join(
        f"{count:,} x {status}"
        for status, count in Counter(answer.status for answer in answers).most_common()
    )


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="A class of thirty on one laptop.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the class draws")
    parser.add_argument("--crowd", type=int, default=CROWD, help="how many ask without a pause")
    arguments = parser.parse_args()
    with serve() as served:
        lesson = draw(served.urls[0], arguments.seconds)
        crowd, checks = rush(served.urls[0], arguments.crowd)
    print(f"class of {PUPILS}: {statuses(lesson)}\ncrowd of {arguments.crowd}: {statuses(crowd)}\n")
    refused = [answer.ms for answer in crowd if answer.status == 503]
    bars = [
        meets("class: answers that are none", sum(a.status != 200 for a in lesson), 0),
        meets("class: p50, ms", percentile(lesson, 50), 20),
        meets("class: p99, ms", percentile(lesson, 99), 150),
        meets("crowd: neither 200 nor 503", sum(a.status not in {200, 503} for a in crowd), 0),
        meets("crowd: slowest 503, ms", max(refused, default=0), 500),
        meets("crowd: slowest health, ms", max(check.ms for check in checks), 200),
        meets("crowd: health that is not 200", sum(c.status != 200 for c in checks), 0),
    ]
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
