"""A Ray cluster on this machine, of nodes with one processor each.

    python -m tests.cluster.nodes COUNT [--pinned]

prints its address and the process of each node, and ends it when its standard input ends. With
`--pinned` each node has one of this machine's processors for itself.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEMORY = 100 * 1024 * 1024
"""Of a node's store of objects, in bytes: jobs hardly use it."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """A cluster's address, and the process of each node, the head's first."""

    address: str
    pids: list[int]


@contextmanager
def running(count: int, *options: str) -> Iterator[Nodes]:
    """A cluster of so many nodes."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.cluster.nodes", str(count), *options]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            for line in process.stdout:
                if line.startswith("{"):
                    yield Nodes(**json.loads(line))
                    break
        finally:
            process.stdin.close()
            process.wait(60)


def main() -> None:
    """Start a cluster, say where it is, and end it when nobody needs it any more."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--pinned", action="store_true")
    asked = parser.parse_args()
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    processors = sorted(os.sched_getaffinity(0))
    nodes = []
    for number in range(asked.count):
        if asked.pinned:
            os.sched_setaffinity(0, {processors[number % len(processors)]})
        nodes.append(
            cluster.add_node(
                num_cpus=1,
                object_store_memory=MEMORY,
                include_dashboard=False,
            )
        )
    cluster.wait_for_nodes()
    pids = [node.all_processes["raylet"][0].process.pid for node in nodes]
    print(json.dumps({"address": cluster.address, "pids": pids}), flush=True)
    sys.stdin.read()
    cluster.shutdown()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
