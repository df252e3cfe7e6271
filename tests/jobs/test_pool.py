"""Processes that read: they answer as this one does, and what goes wrong in one stays there."""

import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from digitapp.engine import Engine
from digitapp.errors import (
    DigitappError,
    InternalError,
    TooLarge,
    Unavailable,
    UnsupportedFormat,
    from_code,
)
from digitapp.jobs import pool, process, wire
from digitapp.jobs.pool import Processes
from digitapp.jobs.reader import Here
from digitapp.web.app import create_app
from digitapp.web.limits import Slots
from tests import family
from tests.benchmarks.pages import scribbles
from tests.drawings import png
from tests.web.client import ask
from tests.web.processes import serve, wait_until

needs_proc = pytest.mark.skipif(
    sys.platform != "linux", reason="looks at processes in /proc: run it on Linux"
)

PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def pair() -> Iterator[Processes]:
    with closing(Processes(2)) as processes:
        yield processes


def timeless(answer: bytes) -> dict[str, Any]:
    """An answer without what differs each time."""
    body: dict[str, Any] = json.loads(answer)
    del body["elapsed_ms"]
    return body


def children() -> set[int]:
    return set(family.members(os.getpid())) - {os.getpid()}


@pytest.mark.parametrize("flags", [(), ("input",), ("one_digit", "input", "stages")])
def test_processes_read_as_this_one_does(
    pair: Processes, engine: Engine, flags: tuple[str, ...]
) -> None:
    for digit in range(10):
        assert timeless(pair.read(png(digit), flags)) == timeless(
            Here(engine).read(png(digit), flags)
        )


@needs_proc
def test_a_reader_keeps_its_memory_for_the_next_picture() -> None:
    """Else each picture costs some forty page faults, and as much time as the network takes."""

    def faults() -> int:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])

    before = children()
    with closing(Processes(1)) as processes:
        [pid] = children() - before
        for _ in range(30):
            processes.read(png(8), ())
        held = faults()
        for _ in range(50):
            processes.read(png(8), ())
        assert faults() - held < 50 * 4


def test_they_tell_what_runs(pair: Processes, engine: Engine) -> None:
    assert (pair.model, pair.engine) == (engine.model, "litert")


def test_many_threads_get_their_own_answers(pair: Processes) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda number: pair.read(png(number % 10), ()), range(80))
    assert [json.loads(answer)["text"] for answer in answers] == [str(n % 10) for n in range(80)]


def test_an_error_is_told_whole(pair: Processes) -> None:
    with pytest.raises(UnsupportedFormat):
        pair.read(b"seven", ())
    wide = io.BytesIO()
    Image.new("L", (9_000, 1)).save(wide, "PNG")
    with pytest.raises(TooLarge, match="9000 x 1 pixels"):
        pair.read(wide.getvalue(), ())
    assert json.loads(pair.read(png(4), ()))["text"] == "4"


def test_what_is_left_in_a_pipe_is_nobody_elses_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Processes(1)) as processes:
        with monkeypatch.context() as patch:
            patch.setattr(wire, "receive", _run_out_of_memory)
            with pytest.raises(MemoryError):
                processes.read(png(3), ())
        assert json.loads(processes.read(png(8), ()))["text"] == "8"


def _run_out_of_memory(_: object) -> bytes:
    raise MemoryError


def test_every_error_of_ours_keeps_its_code_words_and_patience() -> None:
    for kind in DigitappError.__subclasses__():
        again = from_code(kind.code, "Wait.", 7)
        assert (type(again), again.message, again.retry_after) == (kind, "Wait.", 7)


@needs_proc
def test_a_picture_that_kills_its_reader_costs_its_own_answer_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before, restarts = children(), list[str]()
    with closing(Processes(1)) as processes:
        processes.on_restart = lambda: restarts.append("again")
        [pid] = children() - before
        os.kill(pid, signal.SIGSTOP)
        thread, answers = reading(processes)
        os.kill(pid, signal.SIGKILL)
        thread.join(PATIENCE_S)
        assert [type(answer) for answer in answers] == [InternalError]
        assert "has died, status -9" in caplog.text
        assert json.loads(processes.read(png(3), ()))["text"] == "3"
        assert len(children() - before) == 1
    assert children() == before
    assert restarts == ["again"]


def reading(processes: Processes, data: bytes = b"") -> tuple[threading.Thread, list[object]]:
    """A thread that has a picture read, once it has given it to a process, and what comes of it."""
    answers: list[object] = []

    def read() -> None:
        try:
            answers.append(processes.read(data or png(3), ()))
        except InternalError as error:
            answers.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while processes._free.qsize():
        time.sleep(0.01)
    time.sleep(0.1)
    return thread, answers


@needs_proc
def test_a_reader_that_died_in_its_sleep_costs_no_answer() -> None:
    with serve("--slots", "1") as server:
        [reader] = set(family.members(server.pid)) - {server.pid}
        os.kill(reader, signal.SIGKILL)
        assert wait_until(lambda: not family.runs(reader))
        assert ask(server.url, "POST", "/api/recognize", png(5)).json["text"] == "5"
        assert ask(server.url, "POST", "/api/recognize", png(6)).json["text"] == "6"


@needs_proc
def test_a_reader_is_this_digitapp_and_does_not_know_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python runs what lies in the folder where it is started before its own library."""
    (tmp_path / "argparse.py").write_text("raise SystemExit('planted')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGITAPP_TOKEN", "a-secret")
    before = children()
    with closing(Processes(1)) as processes:
        [pid] = children() - before
        assert b"a-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert json.loads(processes.read(png(3), ()))["text"] == "3"


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_the_whole_group_are_left_to_the_server(number: signal.Signals) -> None:
    before = children()
    with closing(Processes(1)) as processes:
        [pid] = children() - before
        os.kill(pid, number)
        assert json.loads(processes.read(png(3), ()))["text"] == "3"


@needs_proc
def test_nothing_is_left_when_it_is_closed_twice() -> None:
    before = children()
    processes = Processes(3)
    assert len(children() - before) == 3
    processes.close()
    processes.close()
    assert children() == before


@needs_proc
def test_many_starts_and_stops_leak_nothing() -> None:
    def held() -> tuple[int, int]:
        return family.descriptors(os.getpid()), threading.active_count()

    with closing(Processes(1)):
        pass
    before = held()
    for digit in range(4):
        with closing(Processes(2)) as processes:
            assert json.loads(processes.read(png(digit), ()))["text"] == str(digit)
    assert held() == before


@needs_proc
@pytest.mark.parametrize("size", [0, 1_000_000])
def test_a_reader_that_is_stuck_is_killed_at_the_end(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Also while it still is to be given a picture that its pipe does not hold."""
    monkeypatch.setattr(process, "LEAVE_S", 0.2)
    before = children()
    processes = Processes(1)
    [pid] = children() - before
    os.kill(pid, signal.SIGSTOP)
    thread, answers = reading(processes, bytes(size))
    processes.close()
    thread.join(PATIENCE_S)
    assert [type(answer) for answer in answers] == [InternalError]
    assert children() == before


@needs_proc
def test_a_reader_that_does_not_come_to_an_end_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process, "WAIT_S", 0.3)
    before = children()
    with closing(Processes(1, budget_s=0.2)) as processes:
        time.sleep(1)  # it is not idleness that ends it
        [pid] = children() - before
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(InternalError):
            processes.read(png(3), ())
        assert "has died, status -9" in caplog.text
        assert json.loads(processes.read(png(3), ()))["text"] == "3"


@needs_proc
def test_a_killed_server_leaves_no_reader_behind() -> None:
    with serve("--slots", "2") as server:
        pids = set(family.members(server.pid))
        assert len(pids) == 3
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(family.runs, pids)))


def test_without_its_model_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise FileNotFoundError(f"{name} is nowhere")

    monkeypatch.setattr(pool, "asset", missing)
    with pytest.raises(FileNotFoundError, match=r"digits\.tflite is nowhere"):
        Processes(1)


@needs_proc
def test_what_does_not_start_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = children()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Unavailable, match="does not start: it ended at once"):
        Processes(2)
    assert children() == before


def test_a_form_is_told_from_a_picture_with_processes_too(pair: Processes) -> None:
    client = create_app(pair, token=None, slots=Slots(2, 30)).test_client()
    response = client.post("/api/recognize", data={"digit": "7"}, headers={"Host": "localhost"})
    assert response.status_code == 415
    assert "came as a form" in response.get_json()["error"]["message"]


def test_a_bunch_is_read_in_order_and_its_errors_are_values(pair: Processes) -> None:
    outcomes = pair.read_bunch([png(1), b"seven", png(2)], ())
    texts = [json.loads(each)["text"] for each in outcomes if isinstance(each, bytes)]
    assert texts == ["1", "2"]
    assert isinstance(outcomes[1], UnsupportedFormat)


@needs_proc
def test_a_death_costs_a_bunch_no_picture() -> None:
    before = children()
    with closing(Processes(1)) as processes:
        [pid] = children() - before
        os.kill(pid, signal.SIGSTOP)
        answers: list[Any] = []
        thread = threading.Thread(
            target=lambda: answers.extend(processes.read_bunch([png(1), png(2), png(3)], ()))
        )
        thread.start()
        while processes._free.qsize():
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        thread.join(PATIENCE_S)
    assert [json.loads(each)["text"] for each in answers] == ["1", "2", "3"]


def test_a_picture_that_uses_up_its_time_is_told_from_its_neighbours() -> None:
    crowd = scribbles()  # takes half a second
    with closing(Processes(1, budget_s=0.1)) as processes:
        outcomes = processes.read_bunch([png(1), crowd, png(2)], ())
    assert [type(each) for each in outcomes] == [bytes, TooLarge, bytes]
