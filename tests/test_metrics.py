"""What a server counts: on a real server, read by Prometheus' own parser, and as documented."""

import math
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from digitapp import __version__, metrics
from digitapp.engine import Engine
from digitapp.errors import Busy, DigitappError, Unavailable
from digitapp.metrics import Metrics
from digitapp.web.limits import Slots
from tests.drawings import png
from tests.web.client import BEARER, Response, ask, raw
from tests.web.processes import serve, wait_until
from tests.web.servers import make_app, serving

ROOT = Path(__file__).resolve().parent.parent

Figures = dict[tuple[str, frozenset[str]], float]
"""Each sample's value by its name and the values of its labels."""


def figures(text: str) -> Figures:
    """All samples of a text."""
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(url: str) -> Figures:
    """What a server tells now."""
    response = ask(url, "GET", "/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert response.headers["Cache-Control"] == "no-store"
    return figures(response.body.decode())


def value(found: Figures, name: str, *labels: str) -> float:
    return found.get((f"digitapp_{name}", frozenset(labels)), 0)


def post(url: str, body: bytes) -> Response:
    return ask(url, "POST", "/api/recognize", body)


def children(pid: int) -> list[int]:
    """A process's children (Linux)."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the readers in /proc")
def test_a_real_server_counts_what_it_did() -> None:
    with serve("--slots", "1", "--wait-s", "0.2") as (url, pid):
        begin = scraped(url)
        assert value(begin, "slots") == 1
        assert value(begin, "errors_total", "busy") == 0
        assert ("digitapp_errors_total", frozenset(["busy"])) in begin
        [model] = [labels for name, labels in begin if name == "digitapp_build_info"]
        assert {__version__, "litert", ask(url, "GET", "/api/model").json["name"]} <= {
            *model,
            *(each.partition(" ")[0] for each in model),
        }

        answers = [post(url, png(number)) for number in range(5)]
        assert post(url, b"no picture").code == "unsupported-format"
        assert ask(url, "GET", "/api/model", headers={}).code == "unauthorized"
        assert ask(url, "GET", "/made/up/1").code == "not-found"
        assert raw(url, b"nonsense\r\n\r\n").startswith(b"HTTP/1.0 400")
        os.kill(pid_of_reader := children(pid)[0], signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            ask(url, "POST", "/api/recognize", png(1), timeout_s=0.5)
        assert post(url, png(1)).code == "busy"
        middle = scraped(url)
        assert value(middle, "slots_taken") == 1
        os.kill(pid_of_reader, signal.SIGKILL)
        assert wait_until(lambda: value(scraped(url), "slots_taken") == 0)
        answers.append(post(url, png(9)))

        symbols = [symbol for answer in answers for symbol in answer.json["symbols"]]
        end = scraped(url)
        assert value(end, "pictures_total") == len(answers) == 6
        assert value(end, "doubtful_pictures_total") == sum(a.json["doubt"] for a in answers)
        assert value(end, "symbols_total") == len(symbols) >= 6
        assert value(end, "doubtful_symbols_total") == sum(s["doubtful"] for s in symbols)
        for code in ("unsupported-format", "unauthorized", "not-found", "bad-request", "busy"):
            assert value(end, "errors_total", code) == 1, code
        assert value(end, "errors_total", "internal-error") == 1  # the killed reader's picture
        assert value(end, "reader_restarts_total") == 1
        assert value(end, "requests_total", "/api/recognize", "200") == 6
        assert value(end, "requests_total", "/api/recognize", "503") == 1
        assert value(end, "requests_total", "other", "404") == 1
        assert value(end, "stage_seconds_count", "read") == 6
        assert value(end, "stage_seconds_count", "recognize") == 6
        assert value(end, "stage_seconds_count", "request") == 9
        assert value(end, "stage_seconds_count", "wait") == 9
        stages = [value(end, "stage_seconds_sum", stage) for stage in ("recognize", "read")]
        waited, whole = (value(end, "stage_seconds_sum", stage) for stage in ("wait", "request"))
        assert 0 < stages[0] <= stages[1]
        assert waited + stages[1] <= whole
        assert value(end, "waiting_requests", "slot") == 0
        assert value(end, "waiting_requests", "thread") == 0


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    """A server of this process that counts."""
    with serving(make_app(engine, metrics=Metrics(engine.model, "litert", 2))) as server:
        yield server.url


def test_a_server_that_counts_nothing_has_no_figures(engine: Engine) -> None:
    with serving(make_app(engine)) as server:
        assert ask(server.url, "GET", "/metrics").code == "not-found"


def test_it_asks_for_the_token_and_for_an_own_host_and_origin(url: str) -> None:
    assert ask(url, "GET", "/metrics", headers={}).code == "unauthorized"
    assert ask(url, "GET", "/metrics", headers={**BEARER, "Host": "a.example"}).code == "forbidden"
    foreign = {**BEARER, "Origin": "http://a.example"}
    assert ask(url, "GET", "/metrics", headers=foreign).code == "forbidden"
    assert ask(url, "GET", "//metrics", headers={}).code == "unauthorized"
    assert ask(url, "GET", "/metrics/").code == "not-found"


def test_addresses_that_strangers_make_up_are_one_series() -> None:
    assert {metrics.route(f"/{number}") for number in range(9)} == {metrics.OTHER}
    assert metrics.route("/static/app.js") == metrics.STATIC
    assert metrics.route("/api/desktop/files/7") == metrics.OTHER


def test_who_waits_for_a_slot_and_who_has_one_are_told() -> None:
    told, slots, over = Metrics("digits sha256:0", "litert", 1), Slots(1, 30), threading.Event()

    def now() -> tuple[float, float]:
        found = figures(told.text()[0].decode())
        return value(found, "slots_taken"), value(found, "waiting_requests", "slot")

    def hold() -> None:
        with told.slot(slots.take(), None):
            assert over.wait(30)

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: now() == (1, 2))
    over.set()
    for thread in threads:
        thread.join()
    assert now() == (0, 0)
    with slots.take(), pytest.raises(Busy), told.slot(slots.take(-math.inf), None):
        pass
    assert now() == (0, 0)
    assert value(figures(told.text()[0].decode()), "stage_seconds_count", "wait") == 4


def test_who_waits_for_a_thread_is_told_of_all_listeners() -> None:
    told = Metrics("digits sha256:0", "litert", 1)
    told.queue(lambda: 3)
    told.queue(lambda: 4)
    assert value(figures(told.text()[0].decode()), "waiting_requests", "thread") == 7


def test_a_folder_that_is_not_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(metrics.SHARED, str(tmp_path / "none"))
    with pytest.raises(Unavailable, match=metrics.SHARED):
        Metrics("digits sha256:0", "litert", 2)


def test_many_first_requests_make_the_figures_once() -> None:
    told, begin = Metrics("digits sha256:0", "litert", 2), threading.Barrier(8)

    def count() -> None:
        begin.wait()
        told.restarted()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(figures(told.text()[0].decode()), "reader_restarts_total") == 8


def test_two_programs_do_not_share_figures() -> None:
    one, other = (Metrics("digits sha256:0", "litert", 2) for _ in range(2))
    one.restarted()
    told = [
        value(figures(each.text()[0].decode()), "reader_restarts_total") for each in (one, other)
    ]
    assert told == [1, 0]


def test_every_figure_is_documented_and_there() -> None:
    markdown = (ROOT / "digitapp/web/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(digitapp_\w+)` \| (\w+) \| ([^|]*) \|", markdown, re.MULTILINE)
    text = Metrics("digits sha256:0", "litert", 2).text()[0].decode()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert {name: kind for name, kind, _ in rows} == kinds
    labels: dict[str, set[str]] = {name: set() for name in kinds}
    counted = Metrics("digits sha256:0", "litert", 2)
    counted.refused("/", "400", "bad-request")
    for family in text_string_to_metric_families(counted.text()[0].decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels[name] |= {label for sample in family.samples for label in sample.labels}
    told = {name: set(re.findall(r"`(\w+)`", words)) for name, _, words in rows}
    assert told == {name: found - {"le"} for name, found in labels.items()}


def test_every_code_stands_at_zero_before_it_happens() -> None:
    found = figures(Metrics("digits sha256:0", "litert", 2).text()[0].decode())
    codes = {kind.code for kind in DigitappError.__subclasses__()}
    assert {
        next(iter(labels)) for name, labels in found if name == "digitapp_errors_total"
    } == codes


def test_processes_that_count_in_one_folder_tell_their_sums(tmp_path: Path) -> None:
    script = """
from digitapp.metrics import Metrics
metrics = Metrics("digits sha256:0", "litert", 2)
metrics.restarted()
metrics.refused("/", "400", "bad-request")
print(metrics.text()[0].decode())
"""
    environment = {**os.environ, metrics.SHARED: str(tmp_path)}
    command = [sys.executable, "-c", script]
    one, other = (
        subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )
    assert value(figures(one), "reader_restarts_total") == 1
    assert value(figures(other), "reader_restarts_total") == 2
    assert value(figures(other), "requests_total", "/", "400") == 2
