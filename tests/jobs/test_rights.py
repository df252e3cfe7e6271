"""What a process that reads may not do."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from digitapp.errors import TooLarge
from digitapp.jobs import rights, wire
from digitapp.jobs.pool import Processes
from tests import family
from tests.drawings import png

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="these are Linux' limits: run it on Linux"
)

TRIED = """
import sys
from digitapp.jobs import rights
rights.give_up()
try:
    {}
except (OSError, MemoryError, RuntimeError) as error:
    print(type(error).__name__)
else:
    print("done")
"""


def tried(what: str, folder: Path) -> str:
    """What comes of a line of Python in a process that has given up its rights."""
    line = [sys.executable, "-c", TRIED.format(what)]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("what", "comes"),
    [
        ("bytearray(900 << 20)", "MemoryError"),
        ("bytearray(400 << 20)", "done"),
        ("open('new', 'wb', buffering=0).write(b'x')", "OSError"),
        ("[open('/dev/null') for _ in range(40)]", "OSError"),
        ("[open('/dev/null') for _ in range(9)]", "done"),
        ("__import__('os').write(1, b'')", "done"),
    ],
)
def test_limits(what: str, comes: str, tmp_path: Path) -> None:
    assert tried(what, tmp_path) == f"{comes}\n"


def test_it_gets_no_privileges_and_starts_nothing(tmp_path: Path) -> None:
    status = "print([line for line in open('/proc/self/status') if line.startswith('NoNewPrivs')])"
    assert "NoNewPrivs:\\t1" in tried(status, tmp_path)
    limits = "print([line.split()[2:4] for line in open('/proc/self/limits') if 'process' in line])"
    assert "[['0', '0']]" in tried(limits, tmp_path)


def test_every_reader_of_a_pool_has_given_them_up() -> None:
    before = set(family.members(os.getpid()))
    with closing(Processes(2)) as processes:
        processes.read(png(3), ())
        readers = set(family.members(os.getpid())) - before
        assert len(readers) == 2
        for reader in readers:
            limits = Path(f"/proc/{reader}/limits").read_text(encoding="ascii")
            assert f"Max open files            {rights.DESCRIPTORS} " in limits
            assert "Max file size             0 " in limits


KEPT = {
    "PATH": "/bin",
    "Path": "C:\\",
    "LC_ALL": "C",
    "TMPDIR": "/t",
    "PYTHONPATH": "/p",
    "TZ": "UTC",
}

SECRETS = (
    "DIGITAPP_TOKEN_FILE",
    "AWS_SECRET_ACCESS_KEY",
    "GH_TOKEN",
    "DB_PASSWORD",
    "DATABASE_URL",
)


def test_a_reader_gets_what_it_needs_of_the_environment_and_no_more() -> None:
    others = dict.fromkeys((*SECRETS, "EDITOR", "MY_PATH"), "a-secret")
    assert rights.environment({**KEPT, **others}) == KEPT


def test_a_readers_own_environment_is_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "a-secret")
    with closing(Processes(1)) as pool:
        pid = pool._all[0].popen.pid
        if sys.platform == "linux":
            assert b"a-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        assert pool.read(png(7), ())


@pytest.mark.parametrize("name", SECRETS)
def test_an_environment_with_a_secret_is_not_copied(name: str) -> None:
    usual = ("SSH_AUTH_SOCK", "XAUTHORITY", "GNOME_KEYRING_CONTROL", "EDITOR")
    assert rights.is_harmless({**KEPT, **dict.fromkeys(usual, "here")})
    assert not rights.is_harmless({**KEPT, name: "a-secret"})


def test_a_picture_that_takes_too_long_is_refused_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = set(family.members(os.getpid()))
    with closing(Processes(1)) as processes:
        processes.read(png(3), ())
        [reader] = set(family.members(os.getpid())) - before
        monkeypatch.setattr(wire, "send_bunch", lambda *_: os.kill(reader, signal.SIGPROF))
        with pytest.raises(TooLarge, match="takes too long"):
            processes.read(png(3), ())
        monkeypatch.undo()
        assert b'"text": "4"' in processes.read(png(4), ())


def test_the_time_is_the_processors() -> None:
    spin = "from digitapp.jobs import rights\nrights.end_after(.2)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", spin], check=False).returncode == -signal.SIGPROF
    sleep = spin.replace("while True: pass", "import time; time.sleep(1)")
    assert subprocess.run([sys.executable, "-c", sleep], check=False).returncode == 0
