"""What runs in a process that reads."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from digitapp.engine import Engine
from digitapp.jobs import child, wire
from digitapp.jobs.wire import FAULT, How, receive, send_bunch

needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="sends POSIX signals: run it on Linux or macOS"
)

PATIENCE_S = 30.0

HOW = How((), 0.5)


def test_a_fault_in_a_process_is_raised_here_with_its_traceback(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(child, "answer", fail)
    said = child._answer(b"", engine, HOW)
    assert said[0] == FAULT
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*a fault of ours"):
        raise wire.outcome(*said)  # type: ignore[misc]  # it is one


def test_what_a_library_prints_is_no_message() -> None:
    with child_that("print('noise', flush=True); return b'{}'") as process:
        assert read_by(process) == [b"answer", b"{}"]
        process.stdin.close()
        assert process.stderr.read() == b""


@needs_signals
def test_a_reader_that_waits_for_ever_ends_without_its_server() -> None:
    with child_that(
        "\n    while True: time.sleep(1)", "import time; child.ORPHAN_S = 0"
    ) as process:
        send_bunch(process.stdin, HOW, [b"a picture"])
        process.stdin.close()
        assert process.wait(PATIENCE_S) == -signal.SIGALRM


@needs_signals
def test_a_reader_has_its_time_anew_for_each_picture() -> None:
    slow = "time.sleep(0.6); return b'{}'"
    with child_that(slow, "import time; child.ORPHAN_S = 0") as process:
        for _ in range(2):
            assert read_by(process) == [b"answer", b"{}"]
        time.sleep(1.2)  # idle, it has all the time
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def read_by(process: Any) -> list[bytes]:
    """What a reader's process sends about a picture."""
    send_bunch(process.stdin, HOW, [b"a picture"])
    return [receive(process.stdout) for _ in range(2)]


@contextmanager
def child_that(answers: str, first: str = "pass") -> Iterator[Any]:
    """A reader's process by itself, which has loaded; `answers` is what it does with a picture."""
    script = (
        "from digitapp.jobs import child\n"
        f"{first}\n"
        f"def answer(*_): {answers}\n"
        "child.answer = answer\n"
        "child.run()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert receive(process.stdout) == b"answer"
        assert b" sha256:" in receive(process.stdout)
        yield process
