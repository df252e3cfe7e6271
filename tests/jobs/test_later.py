"""The reader that is made once it is needed: it answers alike, and tells what failed."""

import threading

import pytest

from digitapp.engine import Engine
from digitapp.errors import Unavailable
from digitapp.jobs.later import Later
from digitapp.jobs.reader import Here, Reader
from tests.drawings import png


class Closed(Here):
    """A reader that counts how often it was closed."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_it_is_made_when_it_is_asked_and_answers_alike(engine: Engine) -> None:
    made = []

    def make() -> Reader:
        made.append(Closed(engine))
        return made[-1]

    later = Later(make)
    assert not made
    assert later.model == engine.model
    assert b'"text": "4"' in later.read(png(4), ())
    assert len(made) == 1
    later.close()
    assert made[0].closed == 1


def test_all_who_ask_wait_for_one_making(engine: Engine) -> None:
    go, made, told = threading.Event(), [], []

    def make() -> Reader:
        made.append(1)
        assert go.wait(10)
        return Here(engine)

    later = Later(make)
    asking = [threading.Thread(target=lambda: told.append(later.model)) for _ in range(3)]
    for thread in asking:
        thread.start()
    assert not told
    go.set()
    for thread in asking:
        thread.join(10)
    assert told == [engine.model] * 3
    assert len(made) == 1


def test_what_failed_is_told_to_whoever_asks() -> None:
    def make() -> Reader:
        raise Unavailable("gone")

    later = Later(make)
    for _ in range(2):
        with pytest.raises(Unavailable, match="gone"):
            _ = later.model
    later.close()


def test_what_failed_once_is_tried_again(engine: Engine) -> None:
    tries = []

    def make() -> Reader:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("no memory now")
        return Here(engine)

    later = Later(make)
    with pytest.raises(Unavailable):
        later.read(png(4), ())
    assert b'"text": "4"' in later.read(png(4), ())


def test_after_its_end_none_is_made() -> None:
    def make() -> Reader:
        raise AssertionError("it was made")

    later = Later(make)
    later.close()
    with pytest.raises(Unavailable):
        later.read(b"", ())
