"""A process that reads: what has no end is killed, and only that."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from digitapp.jobs.process import Watchdog


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_what_takes_too_long_is_killed_and_nothing_else(
    sleeper: subprocess.Popen[bytes],
) -> None:
    with closing(Watchdog()) as watchdog:
        with watchdog.killed_after(sleeper, 60):
            time.sleep(0.1)
        assert sleeper.poll() is None
        with watchdog.killed_after(sleeper, 0.2):
            assert sleeper.wait(10) != 0


def test_an_earlier_end_is_not_missed_while_it_waits_for_a_later_one(
    sleeper: subprocess.Popen[bytes],
) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with closing(Watchdog()) as watchdog, other:
        with watchdog.killed_after(other, 60):
            time.sleep(0.1)
            with watchdog.killed_after(sleeper, 0.2):
                assert sleeper.wait(10) != 0
            assert other.poll() is None
        other.kill()


def test_time_in_which_all_were_stopped_does_not_count(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person presses Ctrl-Z, and goes on a minute later."""
    ahead = 0.0
    clock = time.monotonic
    monkeypatch.setattr("time.monotonic", lambda: clock() + ahead)
    with closing(Watchdog()) as watchdog, watchdog.killed_after(sleeper, 0.6):
        time.sleep(0.2)
        ahead = 60.0
        time.sleep(0.8)
        assert sleeper.poll() is None


def test_closed_it_leaves_no_thread() -> None:
    before = threading.active_count()
    watchdog = Watchdog()
    watchdog.close()
    watchdog.close()
    assert threading.active_count() == before
