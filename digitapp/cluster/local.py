"""Drives a job on this machine: a worker for each processor."""

import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing

from digitapp.cluster.items import Mark
from digitapp.cluster.places import Unreachable
from digitapp.cluster.worker import Task, Worker


class Local:
    """Workers of this machine."""

    def __init__(self, task: Task, workers: int) -> None:
        """Start them.

        Raises:
            Unavailable: see `Worker`.
        """
        self.workers = workers
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        with ExitStack() as end:
            self._threads = ThreadPoolExecutor(workers)
            end.callback(self._threads.shutdown, cancel_futures=True)
            for _ in range(workers):
                self._free.put(end.enter_context(closing(Worker(task))))
            self._end = end.pop_all()

    def run(self, numbers: Iterable[int]) -> Iterator[tuple[int, Mark | Unreachable]]:
        """Do items, in any order; each with its mark, or why it is not done."""
        waiting = {self._threads.submit(self._do, number): number for number in numbers}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:  # who has heard enough wants none of the others begun
            for each in waiting:
                each.cancel()

    def close(self) -> None:
        """End the workers; harmless twice."""
        self._end.close()

    def _do(self, number: int) -> Mark | Unreachable:
        worker = self._free.get()
        try:
            return worker.tried(number)
        finally:
            self._free.put(worker)
