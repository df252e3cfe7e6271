"""The engine that loads once it is needed: it answers alike, and tells what failed."""

import threading

import numpy as np
import pytest

from digitapp.engine import Engine
from digitapp.engine.later import Later
from digitapp.errors import Unavailable


def test_it_loads_when_it_is_asked_and_answers_as_the_engine_does(engine: Engine) -> None:
    loads = []

    def load() -> Engine:
        loads.append(1)
        return engine

    later = Later(load)
    assert not loads
    batch = np.zeros((2, 28, 28, 1), np.float32)
    assert later.model == engine.model
    assert np.array_equal(later.probabilities(batch), engine.probabilities(batch))
    line = np.zeros((28, 44), np.float32)
    assert np.array_equal(later.windows(line), engine.windows(line))
    picture = np.ones((32, 64), np.float32)
    assert np.array_equal(later.ink(picture), engine.ink(picture))
    assert len(loads) == 1


def test_all_who_ask_wait_for_one_loading(engine: Engine) -> None:
    go, loads, told = threading.Event(), [], []

    def load() -> Engine:
        loads.append(1)
        assert go.wait(10)
        return engine

    later = Later(load)
    asking = [threading.Thread(target=lambda: told.append(later.model)) for _ in range(3)]
    for thread in asking:
        thread.start()
    assert not told
    go.set()
    for thread in asking:
        thread.join(10)
    assert told == [engine.model] * 3
    assert len(loads) == 1


def test_what_failed_is_told_to_whoever_asks() -> None:
    def load() -> Engine:
        raise Unavailable("gone")

    later = Later(load)
    for _ in range(2):
        with pytest.raises(Unavailable, match="gone"):
            _ = later.model
