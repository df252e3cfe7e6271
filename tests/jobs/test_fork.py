"""A process that reads, forked: it is as good as one of its own Python, and never left behind."""

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from digitapp.jobs import rights
from tests import drawings

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux' command line forks: run it there"
)

SCRIPT = """
import json, os, sys
from contextlib import closing
from digitapp.jobs import fork
{}
with fork.ahead():
    forked = fork._ready[0] if fork._ready else None
    from digitapp.jobs.pool import Processes
    {}
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child")
"""

READ = """
    with closing(Processes(1)) as processes:
        read = json.loads(processes.read(open(sys.argv[1], "rb").read(), ()))["text"]
        taken = processes._all[0].popen is forked
        {}
    print(read, taken, forked and forked.poll())
"""


def said(script: str, folder: Path, passed: Collection[int] = (), **variables: str) -> list[str]:
    """What a fresh Python prints that starts a reader ahead, then does as `script` says.

    It inherits the descriptors in `passed`, and has the settings in `variables` alone.
    """
    picture = folder / "three.png"
    picture.write_bytes(drawings.png(3))
    done = subprocess.run(
        [sys.executable, "-c", script, str(picture)],
        capture_output=True,
        text=True,
        check=True,
        env=variables | {name: os.environ[name] for name in os.environ if is_harmless(name)},
        pass_fds=passed,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def is_harmless(name: str) -> bool:
    """Whether nothing is kept from a fork because of a variable of whoever runs the tests."""
    return rights.is_harmless({name: ""})


def script(body: str, before: str = "") -> str:
    """A script that starts a reader ahead, has it read, and does `body` before that ends."""
    return SCRIPT.format(before, READ.format(body))


def test_the_first_pool_takes_it(tmp_path: Path) -> None:
    assert said(script("pass"), tmp_path) == ["3 True 0", "no child"]


def test_what_nobody_takes_is_ended(tmp_path: Path) -> None:
    unused = SCRIPT.format("", "assert forked.poll() is None")
    assert said(unused, tmp_path) == ["no child"]


def test_another_takes_its_place_when_it_dies(tmp_path: Path) -> None:
    again = "forked.kill(); forked.wait(); processes.read(open(sys.argv[1], 'rb').read(), ())"
    assert said(script(again), tmp_path) == ["3 True -9", "no child"]


def test_it_has_given_up_its_rights(tmp_path: Path) -> None:
    look = "[print(open(f'/proc/{forked.pid}/{part}').read()) for part in ('status', 'limits')]"
    lines = said(script(look), tmp_path)
    assert "NoNewPrivs:\t1" in lines
    limits = {line[:25].strip(): line[25:].split()[:2] for line in lines if line[:4] == "Max "}
    assert limits["Max file size"] == limits["Max processes"] == ["0", "0"]
    assert limits["Max open files"] == ["32", "32"]
    assert limits["Max address space"][1] != "unlimited"


def test_no_open_file_of_the_program_is_in_it(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    look = "print([os.readlink(each.path) for each in os.scandir(f'/proc/{forked.pid}/fd')])"
    found, *_ = said(script(look), tmp_path, [reading, writing])
    pipe = str(Path(f"/proc/self/fd/{reading}").readlink())
    for descriptor in (reading, writing):
        os.close(descriptor)
    assert pipe not in found
    assert "pipe:" in found


@pytest.mark.parametrize("name", ["DIGITAPP_TOKEN", "AWS_SECRET_ACCESS_KEY"])
def test_a_secret_in_the_environment_is_not_copied(tmp_path: Path, name: str) -> None:
    """A process of its own gets an environment without it."""
    secret = said(script("pass"), tmp_path, (), **{name: "0123456789abcdef"})
    assert secret == ["3 False None", "no child"]


def test_threads_are_not_forked(tmp_path: Path) -> None:
    thread = "import threading; threading.Timer(1, str).start()"
    assert said(script("pass", thread), tmp_path)[0] == "3 False None"


def test_without_standard_streams_nothing_is_forked(tmp_path: Path) -> None:
    assert said(script("pass", "os.close(0)"), tmp_path)[0] == "3 False None"
