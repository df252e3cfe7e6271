"""Drives a job on a Ray cluster: an item is a task, and Ray finds a free processor for it.

Tasks, not actors: when a node is lost, Ray has another one do its tasks, and nodes that come later
get their share, with no line of ours. The networks stay loaded nevertheless, because Ray keeps a
task's process for the next task (`_worker`). Actors read 5 % more pictures a second.
"""

import logging
import os
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from digitapp import files
from digitapp.cluster.items import Mark
from digitapp.cluster.places import Unreachable
from digitapp.cluster.worker import Task, Worker
from digitapp.errors import Unavailable

NO_RAY = (
    'Clusters need another package: python -m pip install "digitapp[ray]", or in a clone '
    "python -m pip install '.[ray]'."
)

BEGUN = 2
"""So many items for each processor are with Ray: one is done while the next waits there."""

LOOK_S = 2.0
"""After so many seconds the cluster is asked for its processors again: nodes come and go."""

ANSWERED_S = 5.0
"""A cluster's head answers within so many seconds."""

RETRIES = 5
"""So often Ray has an item done again if its process or its node dies."""


class OnRay:
    """The workers of a cluster."""

    def __init__(self, task: Task, address: str) -> None:
        """Connect to the cluster at `address`: `auto`, HOST:PORT or ray://HOST:PORT.

        Raises:
            Unavailable: there is no cluster at the address, or Ray is not installed.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # as Ray will do it
        try:
            import ray
        except ImportError:
            raise Unavailable(NO_RAY) from None
        self._ray = ray
        try:
            _ask(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError) as error:
            said = files.printable(str(error).partition("\n")[0]).rstrip(".")
            raise Unavailable(f"No cluster answers at {address}: {said}.") from None
        self._task = ray.put(task)
        self._do = ray.remote(num_cpus=1, max_retries=RETRIES)(do)

    @property
    def workers(self) -> int:
        """How many processors the cluster has now."""
        has: dict[str, float] = self._ray.cluster_resources()  # type: ignore[no-untyped-call]
        return max(int(has.get("CPU", 0)), 1)

    def run(self, numbers: Iterable[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
        """Do items, in any order; each with its mark, or why it is not done."""
        left, begun = deque(numbers), dict[Any, int]()
        while left or begun:
            for _ in range(min(BEGUN * self.workers - len(begun), len(left))):
                number = left.popleft()
                begun[self._do.remote(self._task, number)] = number
            ready, _ = self._ray.wait(list(begun), num_returns=1, timeout=LOOK_S)
            for each in ready:
                yield begun.pop(each), self._result(each)

    def close(self) -> None:
        """Leave the cluster; what it is doing for this job is not finished. Harmless twice."""
        self._ray.shutdown()

    def _result(self, reference: Any) -> Mark | Unreachable:
        try:
            result: Mark | Unreachable = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            said = files.printable(str(error).strip().rpartition("\n")[2]).rstrip(".")
            return Unreachable(f"A worker of the cluster fails: {said}.")
        return result


def _ask(address: str) -> None:
    """Raise OSError if nobody answers at HOST:PORT: Ray itself would try for three minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), ANSWERED_S).close()


def do(task: Task, number: int) -> Mark | Unreachable:
    """Do an item with this process's worker."""
    return _worker(task).tried(number)


@lru_cache(maxsize=1)
def _worker(task: Task) -> Worker:
    """This process's worker. It ends with the process."""
    return Worker(task)
