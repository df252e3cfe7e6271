"""Threads: health is answered at once, and nobody waits twice."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from digitapp.engine.litert import Floats
from digitapp.web.limits import Slots
from tests.drawings import png
from tests.web.client import ask
from tests.web.servers import make_app, serving


class Stuck:
    """An engine that answers when it may."""

    model = "stuck"

    def __init__(self) -> None:
        self.may = threading.Event()

    def probabilities(self, batch: Floats) -> Floats:
        self.may.wait(30)
        return np.full((len(batch), 11), 1 / 11, dtype=np.float32)

    def windows(self, line: Floats) -> Floats:
        return np.full(((line.shape[1] - 28) // 2 + 1, 12), 1 / 12, dtype=np.float32)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    engine = Stuck()
    yield engine
    engine.may.set()


@pytest.fixture
def served(stuck: Stuck) -> Iterator[Callable[[float, int], str]]:
    with ExitStack() as end:

        def start(wait_s: float, threads: int) -> str:
            app = make_app(stuck, token=None, slots=Slots(1, wait_s))
            return end.enter_context(serving(app, threads)).url

        yield start
        stuck.may.set()


def test_health_is_answered_while_every_thread_is_taken(
    served: Callable[[float, int], str], stuck: Stuck
) -> None:
    url = served(20.0, 2)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(ask, url, "POST", "/api/recognize", png(7)) for _ in range(6)]
        time.sleep(0.5)
        assert ask(url, "GET", "/healthz", timeout_s=5).status == 200
        assert ask(url, "GET", "/readyz", timeout_s=5).code == "busy"
        assert not any(task.done() for task in waiting)
        stuck.may.set()
        assert [task.result().status for task in waiting] == [200] * 6


def test_what_waited_for_a_thread_waits_the_less_for_a_slot(
    served: Callable[[float, int], str], stuck: Stuck
) -> None:
    """Three wait one after the other for two threads, but none of them three times as long."""
    url = served(1.0, 2)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(ask, url, "POST", "/api/recognize", png(7))
        time.sleep(0.3)
        start = time.monotonic()
        others = [pool.submit(ask, url, "POST", "/api/recognize", png(7)) for _ in range(6)]
        answers = [task.result() for task in others]
        took_s = time.monotonic() - start
        stuck.may.set()
        assert first.result().status == 200
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
    assert took_s < 3  # one after the other they would take six


def test_all_threads_end_with_the_server(stuck: Stuck) -> None:
    before = set(threading.enumerate())
    with serving(make_app(stuck), threads=4):
        started = set(threading.enumerate()) - before
        assert len(started) == 6  # four, the quick lane's, and the server's own
    assert not any(thread.is_alive() for thread in started)
