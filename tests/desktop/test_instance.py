"""One window a user, with real processes, a real server and people who mean no good."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digitapp import paths
from digitapp.desktop import backend, instance
from digitapp.desktop.backend import Backend
from digitapp.desktop.instance import First, claim
from digitapp.errors import TooLarge, Unavailable
from digitapp.web.handover import Reply, Take
from digitapp.web.http import channel
from digitapp.web.inbox import Inbox
from tests.web.client import raw

posix = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

PROGRAM = """
import sys
from pathlib import Path
from digitapp.desktop import instance
from digitapp.desktop.backend import Backend
from digitapp.web.handover import Reply
from digitapp.web.inbox import Inbox

def take(files):
    print("took", *files, flush=True)
    return Reply("there")

claimed = instance.claim([Path(name) for name in sys.argv[2:]], Path(sys.argv[1]))
if isinstance(claimed, Reply):
    print("told", claimed.address, flush=True)
else:
    backend = Backend(Inbox(), "token", "litert", claimed.handover(take))
    claimed.announce(backend.url)
    print("first", flush=True)
    backend.start()
    sys.stdin.read()
    claimed.close()
    backend.stop()
"""

FILES = [Path("/pictures/seven.png").absolute(), Path("/pictures/ä \udcff\n.png").absolute()]

TOLD = Reply("there", "a word", "once")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def taken() -> list[Path]:
    return []


@pytest.fixture
def first(folder: Path, taken: list[Path]) -> Iterator[First]:
    with first_in(folder) as one, listening(one, lambda files: taken.extend(files) or TOLD):  # type: ignore[func-returns-value]
        yield one


def first_in(folder: Path) -> First:
    claimed = claim([], folder)
    assert isinstance(claimed, First)
    return claimed


@contextmanager
def listening(first: First, take: Take) -> Iterator[str]:
    """The address of the first's server, which runs until the block ends."""
    backend = Backend(Inbox(), "token", "litert", first.handover(take))
    first.announce(backend.url)
    backend.start()
    try:
        yield backend.url
    finally:
        first.close()
        backend.stop()


@contextmanager
def started(folder: Path, *files: str) -> Iterator["subprocess.Popen[str]"]:
    """A start of the program, which ends with the block."""
    command = [sys.executable, "-c", PROGRAM, str(folder), *files]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def connected(url: str) -> socket.socket:
    """A stranger at the first's server."""
    return socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 30)


def is_dropped(peer: socket.socket) -> bool:
    """Whether the other side closes; what it sends before is read over."""
    try:
        while peer.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


class TestClaim:
    @pytest.mark.usefixtures("first")
    def test_the_first_is_first_and_the_second_is_answered(
        self, folder: Path, taken: list[Path]
    ) -> None:
        assert claim(FILES, folder) == TOLD
        assert taken == FILES

    @pytest.mark.usefixtures("first")
    def test_no_files_are_a_call_too(self, folder: Path, taken: list[Path]) -> None:
        assert claim([], folder) == TOLD
        assert taken == []

    def test_a_second_process_hands_over_its_files(self, folder: Path) -> None:
        with started(folder) as one:
            assert line(one) == "first"
            with started(folder, "/a.png", "/b.png") as other:
                assert line(other) == "told there"
                assert other.wait(30) == 0
            assert line(one) == "took /a.png /b.png"

    @posix
    def test_after_a_kill_the_next_is_first(self, folder: Path) -> None:
        with started(folder) as one:
            assert line(one) == "first"
            one.send_signal(signal.SIGKILL)
            one.wait(30)
        assert (folder / "note").exists()
        with started(folder) as one:
            assert line(one) == "first"
            with started(folder, "/a.png") as other:
                assert line(other) == "told there"

    def test_of_starts_at_the_same_moment_one_is_first(self, folder: Path) -> None:
        with started(folder) as a, started(folder) as b, started(folder) as c:
            assert sorted(map(line, (a, b, c))) == ["first", "told there", "told there"]

    @pytest.mark.usefixtures("first")
    def test_of_many_that_come_together_every_file_arrives_once(
        self, folder: Path, taken: list[Path]
    ) -> None:
        files = [Path(f"/{number}.png").absolute() for number in range(40)]
        with ThreadPoolExecutor(len(files)) as pool:
            replies = list(pool.map(lambda file: claim([file], folder), files))
        assert set(replies) == {TOLD}
        assert sorted(taken) == sorted(files)

    def test_who_comes_while_the_first_starts_waits_for_it(self, folder: Path) -> None:
        with ThreadPoolExecutor(1) as pool, first_in(folder) as one:
            second = pool.submit(claim, FILES, folder)
            time.sleep(0.3)
            assert not second.done()
            with listening(one, lambda files: Reply(files[0].name)):
                assert second.result() == Reply("seven.png")

    def test_who_comes_while_the_server_loads_waits_for_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        servers, may = backend.servers, threading.Event()

        def late(*arguments: object) -> object:
            assert may.wait(30)
            return servers(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(backend, "servers", late)
        with (
            ThreadPoolExecutor(1) as pool,
            first_in(folder) as one,
            listening(one, lambda _: TOLD),
        ):
            second = pool.submit(claim, FILES, folder)
            time.sleep(0.3)
            assert not second.done()
            may.set()
            assert second.result() == TOLD

    def test_who_comes_while_the_first_closes_is_first(self, folder: Path) -> None:
        one = first_in(folder)  # it never announces itself
        waiting = threading.Timer(0.3, one.close)
        waiting.start()
        first_in(folder).close()
        waiting.join()

    def test_what_is_asked_of_a_first_that_closes_is_not_lost(self, folder: Path) -> None:
        """Its server still answers then, but the second start becomes the first."""
        taken: list[Path] = []
        one = first_in(folder)
        handover = one.handover(lambda files: taken.extend(files) or TOLD)  # type: ignore[func-returns-value]
        one.close()
        with pytest.raises(Unavailable):
            handover.take(FILES)
        assert taken == []
        with first_in(folder) as next, listening(next, handover.take):
            waiting = threading.Timer(0.3, next.close)
            waiting.start()
            claimed = claim(FILES, folder)
            assert isinstance(claimed, First)
            claimed.close()
            waiting.join()
        assert taken == []

    @posix
    def test_a_first_that_hangs_is_told_and_takes_nothing_late(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with started(folder) as one:
            assert line(one) == "first"
            assert claim([], folder) == Reply("there")
            assert line(one) == "took"
            one.send_signal(signal.SIGSTOP)
            os.waitpid(one.pid, os.WUNTRACED)  # it may answer until then
            with monkeypatch.context() as patch:
                patch.setattr(instance, "PATIENCE_S", 0.5)
                start = time.monotonic()
                with pytest.raises(Unavailable, match=rf"process {one.pid}.*does not answer.*End"):
                    claim(FILES, folder)
                assert time.monotonic() - start < 5
            one.send_signal(signal.SIGCONT)
            assert claim([Path("/a.png")], folder) == Reply("there")
            assert line(one) == "took /a.png"

    @pytest.mark.usefixtures("first")
    @pytest.mark.parametrize(
        "note",
        [
            "",
            "[1]",
            "{}",
            '{"url": "nowhere", "key": "00", "pid": 1}',
            '{"url": "http://127.0.0.1:1/", "key": "00", "pid": 1}',
            '{"url": "http://127.0.0.1:99999/", "key": "00", "pid": 1}',
            '{"url": 7, "key": "00", "pid": 1}',
            '{"url": "SAME", "key": "guessed", "pid": 1}',
            '{"url": "SAME", "key": "\\n", "pid": 1}',
            '{"url": "SAME", "key": "\\u20ac", "pid": 1}',
        ],
    )
    def test_a_damaged_note_is_told(
        self, folder: Path, taken: list[Path], note: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(instance, "PATIENCE_S", 0.2)
        whole = (folder / "note").read_text()
        (folder / "note").write_text(note.replace("SAME", json.loads(whole)["url"]))
        with pytest.raises(Unavailable, match="does not answer"):
            claim(FILES, folder)
        (folder / "note").write_text(whole)
        assert taken == []
        assert claim(FILES, folder) == TOLD

    def test_too_many_files_are_told(self, folder: Path) -> None:
        with pytest.raises(TooLarge, match="too many files"):
            claim([Path("/" + "a" * 4000)] * 3000, folder)

    def test_a_fault_of_the_first_is_answered_once(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        calls: list[list[Path]] = []

        def take(files: list[Path]) -> Reply:
            calls.append(files)
            raise KeyError("fault")

        with first_in(folder) as one, listening(one, take):
            reply = claim(FILES, folder)
        assert isinstance(reply, Reply)
        assert "Its log says what" in reply.message
        assert calls == [FILES]
        assert "KeyError: 'fault'" in caplog.text

    @pytest.mark.usefixtures("first")
    def test_a_proxy_of_the_environment_is_not_asked(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert claim(FILES, folder) == TOLD


class TestClose:
    def test_nothing_is_left(self, folder: Path) -> None:
        with first_in(folder) as one, listening(one, lambda _: TOLD):
            assert claim([], folder) == TOLD
        one.close()
        assert [path.name for path in folder.iterdir()] == ["lock"]
        first_in(folder).close()

    def test_a_note_that_somebody_removed_is_no_fault(self, folder: Path) -> None:
        with first_in(folder) as one, listening(one, lambda _: TOLD):
            (folder / "note").unlink()

    def test_a_folder_that_cannot_be_written_is_told(self, folder: Path) -> None:
        with first_in(folder) as one:
            (folder / "note").mkdir()
            with pytest.raises(OSError):
                one.announce("http://127.0.0.1:1/")

    @pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc: run it on Linux")
    def test_nothing_leaks(self, folder: Path) -> None:
        def once() -> int:
            with first_in(folder) as one, listening(one, lambda _: TOLD):
                claim([], folder)
            return len(list(Path("/proc/self/fd").iterdir()))

        assert once() >= [once() for _ in range(5)][-1]


class TestStrangers:
    @pytest.mark.parametrize(
        "rubbish",
        [b"POST /open\r\n\r\n", b"\xff" * 12 + b"\r\n\r\n", bytes(range(256)) * 100],
    )
    def test_rubbish_harms_nothing(self, folder: Path, rubbish: bytes) -> None:
        taken: list[Path] = []
        with (
            first_in(folder) as one,
            listening(one, lambda files: taken.extend(files) or TOLD) as url,  # type: ignore[func-returns-value]
        ):
            assert b" 400 " in raw(url, rubbish)
            assert claim(FILES, folder) == TOLD
        assert taken == FILES

    def test_the_silent_hold_nobody_up(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(channel, "CONNECTIONS", 5)
        with (
            first_in(folder) as one,
            listening(one, lambda _: TOLD) as url,
            ExitStack() as end,
        ):
            peers = [end.enter_context(connected(url)) for _ in range(20)]
            assert claim(FILES, folder) == TOLD
            assert is_dropped(peers[0])

    def test_who_drips_is_cut(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(channel, "WHOLE_S", 0.5)
        with (
            first_in(folder) as one,
            listening(one, lambda _: TOLD) as url,
            connected(url) as peer,
            pytest.raises(OSError),
        ):
            peer.sendall(b"POST /open HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 255\r\n\r\n")
            for _ in range(200):
                peer.sendall(b"a")
                time.sleep(0.05)

    def test_the_key_is_new_at_each_start_and_the_user_s_alone(self, folder: Path) -> None:
        keys = set()
        for _ in range(3):
            with first_in(folder) as one:
                one.announce("http://127.0.0.1:1/")
                keys.add(json.loads((folder / "note").read_text())["key"])
                if sys.platform != "win32":
                    assert stat.S_IMODE((folder / "note").stat().st_mode) == 0o600
        assert len(keys) == 3
        assert {len(bytes.fromhex(key)) for key in keys} == {32}

    @posix
    def test_a_draft_that_others_made_readable_is_not_used(self, folder: Path) -> None:
        draft = folder / "note.new"
        draft.touch(mode=0o666)
        draft.chmod(0o666)
        with first_in(folder) as one:
            one.announce("http://127.0.0.1:1/")
            assert stat.S_IMODE((folder / "note").stat().st_mode) == 0o600


def test_on_windows_it_is_in_the_user_s_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There files have no mode: the profile's own protection keeps others out."""
    monkeypatch.setattr("platformdirs.user_runtime_path", lambda *_, **__: tmp_path / "profile")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        folder = paths.private_folder()
    assert folder == tmp_path / "profile"
    with first_in(folder) as one, listening(one, lambda _: TOLD):
        assert claim(FILES, folder) == TOLD
    assert [path.name for path in folder.iterdir()] == ["lock"]


@posix
def test_the_program_s_second_start_loads_nothing_of_the_first_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    code = (
        "import sys\n"
        "from digitapp.cli import main\n"
        "status = main.main(['a.png'])\n"
        "heavy = {'numpy', 'PIL', 'flask', 'waitress', 'webview', 'PySide6', 'ai_edge_litert'}\n"
        "print(status, heavy & set(sys.modules))\n"
    )
    taken: list[Path] = []
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.png").touch()
    with (
        first_in(paths.private_folder()) as one,
        listening(one, lambda files: taken.extend(files) or Reply()),  # type: ignore[func-returns-value]
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=pictures, timeout=60
        )
    assert (done.stdout, done.stderr) == ("0 set()\n", "")
    assert taken == [pictures / "a.png"]
