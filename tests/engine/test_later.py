"""The engine that loads in a thread: it waits, answers alike, and tells what failed."""

import threading

import numpy as np
import pytest

from digitapp.engine import Engine
from digitapp.engine.later import Later
from digitapp.errors import Unavailable


def test_it_waits_and_answers_as_the_engine_does(engine: Engine) -> None:
    go = threading.Event()

    def load() -> Engine:
        go.wait(10)
        return engine

    later = Later(load)
    go.set()
    batch = np.zeros((2, 28, 28, 1), np.float32)
    assert later.model == engine.model
    assert np.array_equal(later.probabilities(batch), engine.probabilities(batch))


def test_what_failed_is_told_to_whoever_asks() -> None:
    def load() -> Engine:
        raise Unavailable("gone")

    later = Later(load)
    for _ in range(2):
        with pytest.raises(Unavailable, match="gone"):
            _ = later.model
