"""One window a user, with real processes, real sockets and people who mean no good."""

import os
import pickle
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from digitapp.desktop import instance
from digitapp.desktop.instance import First, Reply, claim
from digitapp.errors import TooLarge, Unavailable

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has pipes and no such signals")

PROGRAM = """
import sys
from pathlib import Path
from digitapp import instance

def take(files):
    print("took", *files, flush=True)
    return instance.Reply("there")

claimed = instance.claim([Path(name) for name in sys.argv[2:]], Path(sys.argv[1]))
if isinstance(claimed, instance.Reply):
    print("told", claimed.address, flush=True)
else:
    print("first", flush=True)
    claimed.listen(take)
    sys.stdin.read()
    claimed.close()
"""

FILES = [Path("/pictures/seven.png").absolute(), Path("/pictures/ä \udcff\n.png").absolute()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def taken() -> list[Path]:
    return []


@pytest.fixture
def first(folder: Path, taken: list[Path]) -> Iterator[First]:
    with first_in(folder) as one:
        one.listen(lambda files: taken.extend(files) or Reply("there", "a word"))  # type: ignore[func-returns-value]
        yield one


def first_in(folder: Path) -> First:
    claimed = claim([], folder)
    assert isinstance(claimed, First)
    return claimed


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


def connected(folder: Path) -> socket.socket:
    """A stranger at the first's door."""
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(instance._read(folder).address)
    peer.settimeout(30)
    return peer


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
        assert claim(FILES, folder) == Reply("there", "a word")
        assert taken == FILES

    @pytest.mark.usefixtures("first")
    def test_no_files_are_a_call_too(self, folder: Path, taken: list[Path]) -> None:
        assert claim([], folder) == Reply("there", "a word")
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
        assert (folder / "socket").exists() or len(str(folder)) > instance.MAX_ADDRESS - 8
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
        files = [Path(f"/{number}.png").absolute() for number in range(5 * instance.PEERS)]
        with ThreadPoolExecutor(len(files)) as pool:
            replies = list(pool.map(lambda file: claim([file], folder), files))
        assert set(replies) == {Reply("there", "a word")}
        assert sorted(taken) == sorted(files)

    def test_who_comes_while_the_first_starts_waits_for_it(self, folder: Path) -> None:
        with first_in(folder) as one:
            waiting = threading.Timer(0.5, one.listen, [lambda files: Reply(str(files[0].name))])
            waiting.start()
            assert claim(FILES, folder) == Reply("seven.png")
            waiting.join()

    def test_who_comes_while_the_first_closes_is_first(self, folder: Path) -> None:
        one = first_in(folder)  # it never listens
        waiting = threading.Timer(0.5, one.close)
        waiting.start()
        first_in(folder).close()
        waiting.join()

    @posix
    def test_a_first_that_hangs_is_told(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with started(folder) as one:
            assert line(one) == "first"
            one.send_signal(signal.SIGSTOP)
            with monkeypatch.context() as patch:
                patch.setattr(instance, "PATIENCE_S", 0.5)
                with pytest.raises(Unavailable, match=rf"process {one.pid}.*does not answer.*End"):
                    claim(FILES, folder)
            one.send_signal(signal.SIGCONT)
            assert claim(FILES[:1], folder) == Reply("there")

    @pytest.mark.usefixtures("first")
    @pytest.mark.parametrize("note", ["", "{}", '["nowhere", "00", 1]', '["a", "zz", 1]', "[1]"])
    def test_a_damaged_note_is_told(
        self, folder: Path, note: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(instance, "PATIENCE_S", 0.2)
        whole = (folder / "note").read_text()
        (folder / "note").write_text(note)
        with pytest.raises(Unavailable, match="does not answer"):
            claim(FILES, folder)
        (folder / "note").write_text(whole)

    def test_too_many_files_are_told(self, folder: Path) -> None:
        with pytest.raises(TooLarge, match="too many files"):
            claim([Path("/" + "a" * 4000)] * 3000, folder)

    def test_a_fault_of_the_first_is_answered_once(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[list[Path]] = []
        heard = threading.Event()
        monkeypatch.setattr(threading, "excepthook", lambda _: heard.set())

        def take(files: list[Path]) -> Reply:
            calls.append(files)
            raise KeyError("fault")

        with first_in(folder) as one:
            one.listen(take)
            reply = claim(FILES, folder)
            assert heard.wait(30)
        assert isinstance(reply, Reply)
        assert "could not take" in reply.word
        assert calls == [FILES]


class TestClose:
    def test_nothing_is_left(self, folder: Path) -> None:
        with first_in(folder) as one:
            one.listen(lambda _: Reply())
            assert "digitapp-instance" in names()
            assert isinstance(claim([], folder), Reply)
        one.close()
        assert "digitapp-instance" not in names()
        assert [path.name for path in folder.iterdir()] == ["lock"]
        first_in(folder).close()

    def test_a_socket_that_somebody_removed_is_no_fault(self, folder: Path) -> None:
        with first_in(folder):
            Path(instance._read(folder).address).unlink(missing_ok=True)

    @pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc: run it on Linux")
    def test_nothing_leaks(self, folder: Path) -> None:
        def once() -> int:
            with first_in(folder) as one:
                one.listen(lambda _: Reply())
                claim([], folder)
            return len(list(Path("/proc/self/fd").iterdir()))

        assert once() >= [once() for _ in range(5)][-1]


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@posix
class TestStrangers:
    @pytest.mark.usefixtures("first")
    @pytest.mark.parametrize(
        "rubbish",
        [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 12, b"\x7f\xff\xff\xff", bytes(range(256)) * 16],
    )
    def test_rubbish_harms_nothing(self, folder: Path, taken: list[Path], rubbish: bytes) -> None:
        with connected(folder) as peer:
            peer.sendall(rubbish)
            assert is_dropped(peer)
        assert claim(FILES, folder) == Reply("there", "a word")
        assert taken == FILES

    @pytest.mark.usefixtures("first")
    def test_the_silent_are_dropped_and_hold_nobody_up(
        self, folder: Path, taken: list[Path]
    ) -> None:
        peers = [connected(folder) for _ in range(3 * instance.PEERS)]
        assert claim(FILES, folder) == Reply("there", "a word")
        assert all(map(is_dropped, peers))
        assert taken == FILES
        for peer in peers:
            peer.close()

    @pytest.mark.usefixtures("first")
    def test_who_drips_is_cut(self, folder: Path) -> None:
        with connected(folder) as peer, suppress(OSError):
            peer.sendall(b"\0\0\0\xff")  # 255 bytes are to come
            for _ in range(100):
                peer.sendall(b"a")
                time.sleep(0.1)
            pytest.fail("it may drip for ten seconds")

    @pytest.mark.usefixtures("first")
    def test_a_wrong_key_is_refused(self, folder: Path, taken: list[Path]) -> None:
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            Client(instance._read(folder).address, authkey=b"guessed")
        assert taken == []

    @pytest.mark.usefixtures("first")
    @pytest.mark.parametrize(
        "message",
        [
            b"",
            b"{}",
            b"null",
            b"[1]",
            b'["relative.png"]',
            b"\xff",
            b"[" * 100,
            pickle.dumps(["/a.png"]),
            b'["/a.png"]' + b" " * instance.MAX_MESSAGE,
        ],
    )
    def test_nonsense_is_not_taken(self, folder: Path, taken: list[Path], message: bytes) -> None:
        note = instance._read(folder)
        with Client(note.address, authkey=bytes.fromhex(note.key)) as connection:
            with suppress(OSError):  # it may hang up before it has heard all
                connection.send_bytes(message)
            with pytest.raises((EOFError, OSError)):
                connection.recv_bytes()
        assert taken == []
        assert claim([], folder) == Reply("there", "a word")

    def test_the_key_is_new_at_each_start_and_the_user_s_alone(self, folder: Path) -> None:
        keys = set()
        for _ in range(3):
            with first_in(folder):
                keys.add(instance._read(folder).key)
                assert stat.S_IMODE((folder / "note").stat().st_mode) == 0o600
        assert len(keys) == 3
        assert {len(bytes.fromhex(key)) for key in keys} == {32}


@posix
class TestLongPaths:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / ("a" * 100)
        folder.mkdir()
        return folder

    def test_the_socket_moves_and_goes(self, first: First, folder: Path) -> None:
        address = Path(instance._read(folder).address)
        assert address.parent != folder
        assert stat.S_IMODE(address.parent.stat().st_mode) == 0o700
        assert claim(FILES, folder) == Reply("there", "a word")
        first.close()
        assert not address.parent.exists()

    def test_after_a_kill_the_next_start_sweeps(self, folder: Path) -> None:
        with started(folder) as one:
            assert line(one) == "first"
            address = Path(instance._read(folder).address)
            one.kill()
            one.wait(30)
        assert address.exists()
        with started(folder) as one:
            assert line(one) == "first"
            assert not address.parent.exists()
            one.communicate("", timeout=30)


@posix
class TestFolder:
    def test_it_is_the_user_s_alone(self) -> None:
        (Path(os.environ["XDG_RUNTIME_DIR"]) / "digitapp").mkdir(exist_ok=True, mode=0o777)
        folder = instance.user_folder()
        assert folder == Path(os.environ["XDG_RUNTIME_DIR"]) / "digitapp"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_a_session_of_somebody_else_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared, own = tmp_path / "shared", tmp_path / "own"
        shared.mkdir()
        (shared / "digitapp").symlink_to(tmp_path)
        shared.chmod(0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
        monkeypatch.setenv("XDG_STATE_HOME", str(own))
        assert instance.user_folder() == own / "digitapp"

    def test_a_machine_without_such_a_folder_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        with pytest.raises(OSError, match="no folder is this user's alone"):
            instance.user_folder()


@posix
def test_the_program_s_second_start_loads_nothing_of_the_first_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    code = (
        "import sys, digitapp.cli\n"
        "status = digitapp.cli.main(['a.png'])\n"
        "heavy = {'numpy', 'PIL', 'flask', 'waitress', 'webview', 'PySide6', 'ai_edge_litert'}\n"
        "print(status, heavy & set(sys.modules))\n"
    )
    taken: list[Path] = []
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    with first_in(instance.user_folder()) as one:
        one.listen(lambda files: taken.extend(files) or Reply())  # type: ignore[func-returns-value]
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=pictures, timeout=60
        )
    assert (done.stdout, done.stderr) == ("0 set()\n", "")
    assert taken == [pictures / "a.png"]
