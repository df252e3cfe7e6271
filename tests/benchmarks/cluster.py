"""How a job gains by a second node, and what it loses by kills, by hand:

    python -m tests.benchmarks.cluster [FOLDER]... [--bucket]

It reads 20,000 pictures: links to those of the folders, or drawn digits. Each node is a Ray node
with one of this machine's processors for itself. A rate is taken from the first mark to the last,
so the start counts for nothing. Then a worker, a node and the driver are killed. With `--bucket`
the pictures lie in a store on this machine that fails and is slow, and the results go there. Exit
status 1 when a bar is missed. It needs Linux with two processors.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from digitapp.cluster.items import Index, Items
from digitapp.cluster.places import Found, place
from tests.cluster import nodes, store
from tests.drawings import png

COUNT, IN_FOLDER, MILLION = 20_000, 1_000, 1_000_000

TWO_NODES = 1.6
"""Two nodes read at least so many times what one does."""

REST = 1.3
"""After kills, the last run takes at most so many times what its share of the pictures needs."""

GROWTH = 1.1
"""Memory in the last quarter of a job is at most so many times that in the second one."""

FAILING, SLOW_S = 0.1, 0.05
"""Of the store's requests so many fail, and its answers take up to so many seconds."""

LOOK_S = 0.5
"""Seconds between two looks at a job's memory."""


def pictures(folders: list[Path], folder: Path) -> Path:
    """A folder of COUNT links."""
    kinds = sorted(
        path
        for given in folders
        for path in given.rglob("*")
        if path.suffix.lower() in {".png", ".jpg", ".jpeg"}
    )
    if not kinds:
        for digit in range(10):
            kinds += [folder / f"digit-{digit}-{side}" for side in (28, 90, 180, 280)]
            for side in (28, 90, 180, 280):
                (folder / f"digit-{digit}-{side}").write_bytes(png(digit, side))
    source = folder / "in"
    for number, path in enumerate(islice(cycle(kinds), COUNT)):
        link = source / f"{number // IN_FOLDER:02}" / f"{number:05}{path.suffix or '.png'}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.resolve())
    return source


class Job:
    """The command on a cluster, and how far it is."""

    def __init__(self, source: str, destination: str, cluster: nodes.Nodes) -> None:
        command = [sys.executable, "-m", "digitapp", "batch", "--ray", cluster.address]
        self.begin, self._out, self._cluster = time.monotonic(), destination, cluster
        self.process = subprocess.Popen(
            [*command, source, destination], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.memory: list[float] = []
        threading.Thread(target=self._watch, daemon=True).start()

    def done(self) -> int:
        """Items that are done by now."""
        return len(list(place(self._out).names("done")))

    def wait_for(self, share: float) -> None:
        """Wait until such a share of all items is done."""
        while self.process.poll() is None:
            total = len(list(place(self._out).names("items"))) or sys.maxsize
            if self.done() >= share * total:
                return
            time.sleep(0.1)

    def end(self) -> float:
        """Wait for its end; how many seconds it has taken."""
        self.process.communicate()
        return time.monotonic() - self.begin

    def _watch(self) -> None:
        while self.process.poll() is None:
            everyone = [self.process.pid, *(p for node in self._cluster.pids for p in below(node))]
            self.memory.append(sum(resident(pid) for pid in everyone))
            time.sleep(LOOK_S)


def below(pid: int) -> Iterator[int]:
    """The processes that a node has started to do items, and their readers."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in map(int, found):
            tasks = list(Path(f"/proc/{child}/task").iterdir())
            readers = [pid for each in tasks for pid in (each / "children").read_text().split()]
            if readers and b"ray::" in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child
                yield from map(int, readers)
    except (FileNotFoundError, ProcessLookupError):
        return


def worker(node: int) -> int:
    """A node's process that does items, as soon as there is one."""
    while not (found := list(below(node))):
        time.sleep(0.1)
    return found[0]


def resident(pid: int) -> float:
    """A process's memory in MB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * resource.getpagesize() / 1e6


def rate(out: Path) -> float:
    """Pictures a second, from the first mark to the last."""
    marks = sorted(out.glob("done/*.json"), key=lambda path: path.stat().st_mtime_ns)
    counts = [json.loads(path.read_bytes())["pictures"] for path in marks]
    took_s = (marks[-1].stat().st_mtime_ns - marks[0].stat().st_mtime_ns) / 1e9
    return float(sum(counts[1:])) / took_s


def wrong(source: str, destination: str) -> int:
    """How many pictures have no row, or not exactly one."""
    out = place(destination)
    with ThreadPoolExecutor(16) as threads:
        shards = list(threads.map(lambda n: out.read(f"results/{n}"), out.names("results")))
    rows = Counter(json.loads(line)["file"] for shard in shards for line in shard.splitlines())
    rows.subtract(Counter(each.name for each in place(source).pictures()))
    return sum(map(abs, rows.values()))


Told = Callable[[bool, str], None]


def gain(source: Path, folder: Path, told: Told) -> float:
    """Tell what a second node gains; pictures a second of two."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn, count in enumerate((1, 2, 2, 1)):  # a machine's noise meets both
        out = folder / f"gain-{turn}"
        with nodes.running(count, "--pinned") as cluster:
            job = Job(str(source), str(out), cluster)
            took_s = job.end()
        rates[count].append(rate(out))
        print(f"{count} nodes: {rate(out):.0f} pictures a second, warm; {took_s:.0f} s", flush=True)
        quarter = len(job.memory) // 4
        early, late = max(job.memory[quarter : 2 * quarter]), max(job.memory[-quarter:])
        told(late <= GROWTH * early, f"memory {late:.0f} MB, {late / early:.2f} times that before")
    one, two = map(statistics.mean, rates.values())
    told(two >= TWO_NODES * one, f"two nodes / one: {two / one:.2f}")
    print(f"a million pictures, by extrapolation: {MILLION / two / 60:.0f} minutes on two nodes")
    return two


def kills(source: Path, folder: Path, both: float, told: Told) -> None:
    """Kill a worker and the driver, go on; then, in another job, a node."""
    out = folder / "killed"
    with nodes.running(2, "--pinned") as cluster:
        job = Job(str(source), str(out), cluster)
        job.wait_for(0.2)
        os.kill(worker(cluster.pids[1]), signal.SIGKILL)
        job.wait_for(0.5)
        job.process.kill()
        job.end()
        left = sum(
            len(Items(place(str(out))).pictures(number))
            for number in set(Items(place(str(out))).numbers()) - set(Items(place(str(out))).done())
        )
        took_s = Job(str(source), str(out), cluster).end()
        told(
            took_s <= REST * left / both + START_S,
            f"the rest: {left} pictures in {took_s:.0f} s, {took_s * both / left:.2f} of its share",
        )
        told(not wrong(str(source), str(out)), "a worker and the driver killed: one row each")
        out = folder / "node"
        job = Job(str(source), str(out), cluster)
        job.wait_for(0.3)
        os.kill(cluster.pids[1], signal.SIGKILL)
        took_s = job.end()
        told(not wrong(str(source), str(out)), f"a node killed: one row each, {took_s:.0f} s")


START_S = 6
"""A driver's and its workers' start, in seconds."""


@contextmanager
def trouble() -> Iterator[store.Troubled]:
    """A store that fails and is slow, with the owner's variables set."""
    os.environ.update(store.KEYS)
    with store.running() as address:
        os.environ["AWS_ENDPOINT_URL"] = address
        with store.trouble(address, FAILING, SLOW_S) as way:
            yield way


def bucket(source: Path, told: Told) -> None:
    """The same job from and to a store that fails and is slow."""
    with trouble() as way:
        there, out = f"s3://{store.BUCKET}/in", f"s3://{store.BUCKET}/out"
        to = place(there)
        with ThreadPoolExecutor(8) as threads:
            files = [each.name for each in place(str(source)).pictures()]
            list(threads.map(lambda name: to.write(name, (source / name).read_bytes()), files))
        os.environ["AWS_ENDPOINT_URL"] = way.address
        with nodes.running(2, "--pinned") as cluster:
            took_s = Job(there, out, cluster).end()
        told(not wrong(there, out), f"from and to a bucket: one row each, {took_s:.0f} s")
        print(f"  {way.failed:,} of {way.failed + way.passed:,} requests failed")


def million(folder: Path) -> None:
    """Tell what the list of a million pictures costs."""
    found = (Found(f"{n // IN_FOLDER:04}/{n:07}.png", 2_000) for n in range(MILLION))
    items = Items(place(str(folder / "million")))
    for what in ("to make items of", "to take up the items of"):
        begin, before = time.monotonic(), resident(os.getpid())
        Index(items).add(found, 2, lambda _: None)
        took_s, grown = time.monotonic() - begin, resident(os.getpid()) - before
        print(f"{what} a million pictures: {took_s:.0f} s, {grown:.0f} MB")


def main() -> int:
    """Print the figures; 1 if one misses its bar."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--bucket", action="store_true")
    asked = parser.parse_args()
    missed: list[str] = []

    def told(is_met: bool, what: str) -> None:
        print(f"{what}: {'met' if is_met else 'MISSED'}", flush=True)
        if not is_met:
            missed.append(what)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = pictures(asked.folders, folder)
        if asked.bucket:
            bucket(source, told)
        else:
            million(folder)
            kills(source, folder, gain(source, folder, told), told)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
