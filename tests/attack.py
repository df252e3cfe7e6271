"""Attacks that take long, by hand, on Linux: what is promised, and what happened.

    python -m tests.attack [--mutants N] [--kills N] [ATTACK]...

ATTACK is `readers`, `uploads`, `scans`, `guesses`, `mutants` or `kills`; without one all run. Each
starts a server of its own. Exit status 1 when a promise is broken.
"""

import argparse
import http.client
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests import family
from tests.benchmarks.load import HEADERS, connect, health, post, serve
from tests.benchmarks.slow_readers import ASKED, PROBES, SOURCES, probe
from tests.drawings import png
from tests.fuzz.mutants import mutants
from tests.vision.test_structure import TOO_MUCH, jpeg_of_scans

MOST_CPU_S, MOST_BYTES = 1.2, 512 * 1024 * 1024
"""Processor time of one picture, and memory of the whole process that reads it."""


class Outcome(NamedTuple):
    """What happened, and whether that is what was promised."""

    said: str
    is_kept: bool


def readers(_: argparse.Namespace) -> Outcome:
    """450 slow readers from eight addresses: health is always answered."""
    with serve() as served:
        answers, cut = probe(served.urls[0], SOURCES["eight"], ASKED, 0)
    heard = [answer.ms for answer in answers if answer.status == 200]
    said = (
        f"{len(heard)} of {PROBES} answered, slowest {max(heard, default=0):.0f} ms, {cut} cut off"
    )
    return Outcome(said, len(heard) == PROBES)


def uploads(_: argparse.Namespace) -> Outcome:
    """40 aborted uploads: no file of theirs stays open."""
    with serve() as served:
        address = urlsplit(served.urls[0])
        post(connect(served.urls[0]), 7)
        before = family.descriptors(served.process.pid)
        head = (
            f"POST /api/recognize HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: {HEADERS['Authorization']}\r\nContent-Length: 9000000\r\n\r\n"
        )
        for _number in range(40):
            with socket.create_connection((address.hostname, address.port)) as sock:
                sock.sendall(head.encode() + bytes(1_000_000))
        time.sleep(2)
        more = family.descriptors(served.process.pid) - before
    return Outcome(f"{more} more files open than before", more <= 1)


def scans(_: argparse.Namespace) -> Outcome:
    """Two senders of pictures that are costly to decode: nine of ten honest ones are read."""
    hostile = [*TOO_MUCH.values(), jpeg_of_scans(200)]
    stop = threading.Event()

    def hurt(url: str) -> None:
        connection = connect(url)
        while not stop.is_set():
            with suppress(OSError, http.client.HTTPException):
                connection.request("POST", "/api/recognize", random.choice(hostile), HEADERS)  # noqa: S311
                connection.getresponse().read()

    with serve() as served:
        url = served.urls[0]
        for _number in range(2):
            threading.Thread(target=hurt, args=(url,), daemon=True).start()
        honest = [post(connect(url), number) for number in range(70)]
        stop.set()
    read = sum(answer.status == 200 for answer in honest)
    slowest = max(answer.ms for answer in honest)
    return Outcome(f"{read} of 70 honest ones read, slowest {slowest:.0f} ms", read >= 63)


def guesses(_: argparse.Namespace) -> Outcome:
    """2,000 guesses of a token: ten are looked at, and the right one works meanwhile."""
    with serve() as served:
        connection = connect(served.urls[0])
        statuses = []
        for number in range(2_000):
            wrong = {"Authorization": f"Bearer guess-number-{number:08}"}
            connection.request("GET", "/api/model", headers=wrong)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        is_right = post(connect(served.urls[0]), 3).status == 200
    tried = statuses.count(401)
    return Outcome(f"{tried} looked at, the right one {is_right}", tried <= 10 and is_right)


def fuzz(seed: int, count: int) -> tuple[int, float, int, list[str]]:
    """Read so many mutants here: how many, the most processor time, memory, and what went wrong."""
    import logging
    import warnings

    from digitapp import engine
    from digitapp.errors import DigitappError
    from digitapp.recognition import pipeline

    warnings.simplefilter("ignore")
    logging.disable()
    model, longest, wrong, done = engine.load("litert"), 0.0, [], 0
    pipeline.recognize(png(7), model)  # the first one loads
    for data in islice(mutants(seed), count):
        start = time.process_time()
        try:
            pipeline.recognize(data, model)
        except DigitappError as error:
            if error.status >= 500:
                wrong.append(f"{error!r}: {data[:40]!r}")
        except Exception as fault:  # noqa: BLE001
            wrong.append(f"{fault!r}: {data[:40]!r}")
        taken = time.process_time() - start
        if taken > MOST_CPU_S:
            wrong.append(f"{taken:.1f} s: {data[:40]!r}")
        longest, done = max(longest, taken), done + 1
    return done, longest, int(family.most_held(os.getpid()) * 1e6), wrong


def mutate(options: argparse.Namespace) -> Outcome:
    """Changed files with repaired checksums: an answer or an error, in bounded time and memory."""
    cores = os.cpu_count() or 1
    first = random.randrange(1 << 30)  # noqa: S311
    jobs = [(first + number, options.mutants // cores) for number in range(cores)]
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        found = pool.starmap(fuzz, jobs)
    done = sum(count for count, *_ in found)
    longest, most = max(each[1] for each in found), max(each[2] for each in found)
    wrong = [each for *_, some in found for each in some]
    for each in wrong[:20]:
        print(f"    {each}")
    said = f"{len(wrong)} faults in {done:,} from seed {first}"
    said += f", longest {longest:.2f} s, {most >> 20} MiB"
    return Outcome(said, not wrong and most <= MOST_BYTES)


def kills(options: argparse.Namespace) -> Outcome:
    """Kill -9 of the server or a reader at work: no orphan, no file left, the next start works."""
    left = orphans = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        for number in range(options.kills):
            known, is_answered = _kill_one(number % 2 == 0)
            orphans += sum(family.runs(pid) for pid in known)
            failed += not is_answered
            left = max(left, len(list(Path(folder).iterdir())))
        os.environ.pop("TMPDIR")
    said = (
        f"{options.kills} kills: {orphans} orphans, {left} files left, {failed} starts that failed"
    )
    return Outcome(said, not (orphans or left or failed))


def _kill_one(is_server: bool) -> tuple[list[int], bool]:
    """Kill one process of a server at work; all that ran, and whether it answered as it must."""
    with serve("--slots", "2") as served:
        is_answered = post(connect(served.urls[0]), 1).status == 200
        known = list(family.members(served.process.pid))
        work = threading.Thread(target=_post_many, args=(served.urls[0],), daemon=True)
        work.start()
        time.sleep(random.uniform(0, 0.2))  # noqa: S311
        os.kill(known[0] if is_server else known[1], signal.SIGKILL)
        if not is_server:
            is_answered = is_answered and health(served.urls[0]).status == 200
            work.join(20)
            is_answered = is_answered and post(connect(served.urls[0]), 2).status == 200
            known = list(family.members(served.process.pid))
            served.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            served.process.wait(20)
        end = time.monotonic() + 5
        while any(family.runs(pid) for pid in known) and time.monotonic() < end:
            time.sleep(0.05)
    return known, is_answered


def _post_many(url: str) -> None:
    with suppress(OSError, http.client.HTTPException):
        connection = connect(url)
        for number in range(30):
            post(connection, number)


ATTACKS: dict[str, Callable[[argparse.Namespace], Outcome]] = {
    "readers": readers,
    "uploads": uploads,
    "scans": scans,
    "guesses": guesses,
    "mutants": mutate,
    "kills": kills,
}


def main() -> int:
    """Attack and print; 0 when every promise is kept, else 1."""
    parser = argparse.ArgumentParser(description="Attacks that take long.")
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", choices=[*ATTACKS, []])
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    is_kept = True
    for name in options.attacks or ATTACKS:
        outcome = ATTACKS[name](options)
        promise = (ATTACKS[name].__doc__ or "").splitlines()[0]
        print(f"{name:<9}{'kept  ' if outcome.is_kept else 'BROKEN'} {promise}")
        print(f"{'':<16}{outcome.said}", flush=True)
        is_kept = is_kept and outcome.is_kept
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
