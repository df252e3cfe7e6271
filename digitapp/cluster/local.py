"""Drives a job on this machine: a worker for each processor."""

import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from digitapp.cluster.items import Mark
from digitapp.cluster.places import Unreachable
from digitapp.cluster.worker import Task, Worker
from digitapp.errors import DigitappError


class Local:
    """Workers of this machine."""

    def __init__(self, task: Task, workers: int) -> None:
        """Start them.

        Raises:
            Unavailable: see `Worker`.
        """
        self.workers = workers
        self._all: list[Worker] = []
        self._threads = ThreadPoolExecutor(workers)
        try:
            for _ in range(workers):
                self._all.append(Worker(task))
        except BaseException:
            self.close()
            raise
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._all:
            self._free.put(worker)

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
        for worker in self._all:
            worker.close()
        self._threads.shutdown(cancel_futures=True)

    def _do(self, number: int) -> Mark | Unreachable:
        worker = self._free.get()
        try:
            return worker.do(number)
        except Unreachable as error:
            return error
        except DigitappError as error:  # its file is gone, or its worker is
            return Unreachable(str(error))
        finally:
            self._free.put(worker)
