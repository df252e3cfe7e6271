"""The app under another server: gunicorn, a real one, in processes of its own."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from digitapp.config import MAX_BODY
from digitapp.errors import Unavailable
from digitapp.web import wsgi
from tests.drawings import png
from tests.test_metrics import figures, value
from tests.web.client import BEARER, TOKEN, ask
from tests.web.processes import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="gunicorn forks, and its processes are looked for in /proc"
)

TIMEOUT_S = 60


class Gunicorn(NamedTuple):
    """A running gunicorn."""

    url: str
    process: "subprocess.Popen[str]"

    def workers(self, count: int) -> list[int]:
        """Its worker processes, once there are so many."""
        assert wait_until(lambda: len(children(self.process.pid)) == count)
        return children(self.process.pid)


def children(pid: int) -> list[int]:
    """A process's children, whichever of its threads has started them."""
    found = ""
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += file.read_text()
    return [int(word) for word in found.split()]


def environment(**settings: str) -> dict[str, str]:
    """This process's with these settings alone."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("DIGITAPP_")}
    given = {f"DIGITAPP_{name.upper()}": text for name, text in settings.items()}
    return {**kept, "DIGITAPP_LOG_DIR": os.environ["DIGITAPP_LOG_DIR"], **given}


def command(*options: str, app: str = "digitapp.web.wsgi:app") -> list[str]:
    loopback = ("--bind", "127.0.0.1:0", "--threads", "4")
    return [sys.executable, "-m", "gunicorn", *loopback, *options, app]


@contextmanager
def gunicorn(
    *options: str,
    app: str = "digitapp.web.wsgi:app",
    shared: str = "",
    **settings: str,
) -> Iterator[Gunicorn]:
    """Run it on a free port until the block ends; `shared` is where its processes count."""
    around = environment(**{"token": TOKEN, "slots": "1", "wait_s": "20", **settings})
    if shared:
        around["PROMETHEUS_MULTIPROC_DIR"] = shared
    with subprocess.Popen(
        command(*options, app=app), env=around, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if found := re.search(r"Listening at: (http://127\.0\.0\.1:\d+)", line):
                    yield Gunicorn(f"{found[1]}/", process)
                    break
            else:
                raise AssertionError("gunicorn did not start")
        finally:
            process.terminate()
            process.communicate(timeout=TIMEOUT_S)


def post(url: str, number: int) -> str:
    response = ask(url, "POST", "/api/recognize", png(number))
    assert response.status == 200, response.body
    return str(response.json["text"])


def test_it_reads_asks_for_the_token_and_ends_its_readers() -> None:
    with gunicorn() as running:
        [worker] = running.workers(1)
        assert children(worker) == []  # nothing was asked yet
        assert ask(running.url, "POST", "/api/recognize", png(1), headers={}).status == 401
        assert [post(running.url, number) for number in range(10)] == list("0123456789")
        [reader] = children(worker)
        assert ask(running.url, "GET", "/readyz", headers={}).body == b"ready\n"
        assert ask(running.url, "GET", "/", headers={}).status == 200
        foreign = {**BEARER, "Host": "foreign.example"}
        assert ask(running.url, "GET", "/api/model", headers=foreign).code == "forbidden"
        assert ask(running.url, "GET", "http://foreign.example/api/model").code == "forbidden"
    assert running.process.returncode == 0
    assert wait_until(lambda: not Path(f"/proc/{reader}").exists())


def test_processes_that_are_forked_later_have_readers_of_their_own() -> None:
    with gunicorn("--preload", "--workers", "2", app="digitapp.web.wsgi:make()") as running:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: post(running.url, n % 10), range(60)))
        assert answers == [str(number % 10) for number in range(60)]
        of_workers = [children(worker) for worker in running.workers(2)]
        assert all(len(readers) <= 1 for readers in of_workers)
        assert any(of_workers)


def test_a_worker_that_is_killed_takes_its_readers_along() -> None:
    with gunicorn() as running:
        assert post(running.url, 5) == "5"
        [worker] = running.workers(1)
        [reader] = children(worker)
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda: not Path(f"/proc/{reader}").exists())
        assert wait_until(lambda: children(running.process.pid) not in ([], [worker]))
        assert post(running.url, 6) == "6"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Set DIGITAPP_TOKEN_FILE"),
        ({"token": "1234"}, "DIGITAPP_TOKEN: A token has at least 16 characters"),
        ({"token_file": "/no/such/file"}, "The token's file cannot be read"),
        ({"token": TOKEN, "engine": "foo"}, "There is no engine called 'foo'"),
        ({"token": TOKEN, "slots": "many"}, "DIGITAPP_SLOTS='many' is not a value for slots"),
    ],
)
def test_it_does_not_start_without_a_fit_token_and_says_why(
    settings: dict[str, str], sentence: str
) -> None:
    ended = subprocess.run(
        command(),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr


def test_without_a_token_only_if_that_is_wished_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DIGITAPP_TOKEN", "DIGITAPP_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unavailable, match="DIGITAPP_NO_TOKEN=1"):
        wsgi.make()
    with gunicorn(token="", no_token="1") as running:
        assert ask(running.url, "GET", "/api/model", headers={}).status == 200


def test_a_token_counts_more_than_the_wish_for_none(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(TOKEN)
    file = str(tmp_path / "token.txt")
    with gunicorn(token="", token_file=file, no_token="1") as running:
        assert ask(running.url, "GET", "/api/model", headers={}).status == 401
        assert ask(running.url, "GET", "/api/model").status == 200


def test_the_senders_behind_a_trusted_proxy_are_told_apart(tmp_path: Path) -> None:
    def status(url: str, address: str) -> int:
        headers = {**BEARER, "X-Forwarded-For": address}
        return ask(url, "GET", "/api/model", headers=headers).status

    settings = {"rate": "1", "log_dir": str(tmp_path)}
    with gunicorn(trusted_proxies="127.0.0.1", **settings) as running:
        found = [status(running.url, "192.0.2.7") for _ in range(3)]
        assert (found[0], found[-1]) == (200, 429)
        assert status(running.url, "192.0.2.8") == 200
        assert "192.0.2.7 GET /api/model 429" in (tmp_path / "wsgi.requests.log").read_text()
    with gunicorn(**settings) as running:  # nobody is trusted: all are this machine
        assert {status(running.url, "192.0.2.7") for _ in range(3)} == {200}


def test_a_body_that_is_too_large_is_refused_with_a_length_and_in_chunks() -> None:
    with gunicorn() as running:
        address = urlsplit(running.url)
        for body in (bytes(MAX_BODY + 1), (bytes(1 << 20) for _ in range(21))):
            connection = http.client.HTTPConnection(address.hostname or "", address.port)
            try:
                connection.request("POST", "/api/recognize", body, BEARER)
                response = connection.getresponse()
                assert response.status == 413
                assert b"too-large" in response.read()
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all was sent
            finally:
                connection.close()
        assert post(running.url, 3) == "3"


def test_a_body_on_its_way_holds_no_slot() -> None:
    with gunicorn() as running:
        assert post(running.url, 2) == "2"
        address = urlsplit(running.url)
        slow = http.client.HTTPConnection(address.hostname or "", address.port)
        slow.putrequest("POST", "/api/recognize")
        for name, text in {**BEARER, "Content-Length": "1000"}.items():
            slow.putheader(name, text)
        slow.endheaders(b"some")
        assert [post(running.url, number) for number in range(5)] == list("01234")
        slow.close()


def test_several_processes_tell_the_sum_of_their_figures(tmp_path: Path) -> None:
    with gunicorn("--workers", "2", shared=str(tmp_path)) as running:
        for number in range(20):
            assert post(running.url, number % 10) == str(number % 10)
        for _ in range(4):  # whichever of them answers
            text = ask(running.url, "GET", "/metrics").body.decode()
            assert value(figures(text), "pictures_total") == 20
            assert value(figures(text), "symbols_total") == 20


def test_a_process_that_is_forked_after_a_request_leaves_its_parent_s_readers_alone() -> None:
    script = """
import os
from digitapp.web import wsgi
from tests.drawings import png

def text(number):
    body = png(number)
    environ = wsgiref_environ(body)
    statuses = []
    answer = b"".join(app(environ, lambda status, *_: statuses.append(status)))
    return statuses[0][:3], answer[:12]

def wsgiref_environ(body):
    import io
    from wsgiref.util import setup_testing_defaults
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/recognize", "REMOTE_ADDR": "127.0.0.1",
               "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    setup_testing_defaults(environ)
    return environ

app = wsgi.make()
print(text(1), flush=True)
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    print(text(3), flush=True)
else:
    print(text(2), flush=True)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(no_token="1", slots="1"),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = [f"""('200', b'{{"text": "{number}"')""" for number in (1, 2, 3)]
    assert ended.stdout.splitlines() == told
