"""A hundred thousand requests, by hand:

    python -m tests.benchmarks.soak [--requests N]

Memory, descriptors and threads of the server are read along the way (Linux). Exit status 1 when a
bar is missed.
"""

import argparse
import sys
from typing import NamedTuple

from tests import family
from tests.benchmarks.load import Answer, connect, meets, post, serve, together

CLIENTS = 4
MOST_MB = 150.0
GROWTH_MB = 3.0


class Holding(NamedTuple):
    """What a server holds: memory in MB, open descriptors, threads."""

    mb: float
    descriptors: int
    threads: int


def holding(pid: int) -> Holding:
    """What the server and the processes that it started hold together."""
    return Holding(family.held(pid), family.descriptors(pid), family.threads(pid))


def load(url: str, count: int) -> list[Answer]:
    """Have so many pictures read over a few connections."""
    answers: list[Answer] = []

    def client(_number: int) -> None:
        connection = connect(url)
        answers.extend(post(connection, turn) for turn in range(count // CLIENTS))
        connection.close()

    together(client, CLIENTS)
    return answers


def main() -> int:
    """Measure and print; 0 when every bar is met, else 1."""
    parser = argparse.ArgumentParser(description="Many requests to one server.")
    parser.add_argument("--requests", type=int, default=100_000)
    requests = parser.parse_args().requests
    part = requests // 10
    with serve() as served:
        held = [holding(served.process.pid)]
        failed = 0
        for number in range(10):
            answers = load(served.urls[0], part)
            failed += sum(answer.status != 200 for answer in answers)
            held.append(holding(served.process.pid))
            print(f"{(number + 1) * part:>9,} requests: {held[-1]}", flush=True)
    bars = [
        meets("answers that are none", failed, 0),
        meets("memory at the end, MB", held[-1].mb, MOST_MB),
        meets("growth over the second half, MB", held[-1].mb - held[5].mb, GROWTH_MB),
        meets(
            "descriptors more than after the first part",
            held[-1].descriptors - held[1].descriptors,
            2,
        ),
        meets("threads more than after the first part", held[-1].threads - held[1].threads, 0),
    ]
    return 0 if all(bars) else 1


if __name__ == "__main__":
    sys.exit(main())
