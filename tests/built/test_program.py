"""The built program, as people start it: from any folder, as any user, with a window or without."""

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from digitapp import __version__
from tests import drawings
from tests.built.conftest import NOBODY, as_nobody
from tests.desktop.screen import App, Screen, eventually, processes, started
from tests.web.client import TOKEN

linux = pytest.mark.skipif(sys.platform != "linux", reason="users and screens as on Linux")

CHECKED = ("model", "digits", "PNG", "JPEG", "GIF", "BMP", "WebP", "server", "window")


def run(program: Path, *arguments: str | Path, **more: Any) -> "subprocess.CompletedProcess[str]":
    command = list(map(str, (program, *arguments)))
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


def test_says_its_version(program: Path, plain: dict[str, str]) -> None:
    said = run(program, "--version", env=plain)
    assert (said.returncode, said.stdout) == (0, f"digitapp {__version__}\n")


def test_finds_itself_whole(program: Path, plain: dict[str, str]) -> None:
    said = run(program, "--selftest", env=plain)
    assert said.returncode == 0, said.stdout
    assert [line.split()[0] for line in said.stdout.splitlines()[:-1]] == list(CHECKED)
    assert "window   not checked: There is no display here." in said.stdout


def test_the_build_without_a_window_finds_itself_whole(
    headless: Path, plain: dict[str, str]
) -> None:
    said = run(headless, "--selftest", env=plain)
    assert said.returncode == 0, said.stdout
    assert not list(headless.parent.rglob("*Qt*"))


def test_reads_with_its_streams_closed(
    program: Path, plain: dict[str, str], seven: Path, tmp_path: Path
) -> None:
    stages = tmp_path / "stages"
    line = f'exec "{program}" recognize "{seven}" --stages "{stages}" <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", line], env=plain, timeout=60).returncode == 0
    assert len(list(stages.iterdir())) == 4


@linux
@pytest.mark.parametrize("has_home", [True, False])
def test_another_user_can_start_it_from_a_folder_that_is_not_his(
    moved: Path, open_folder: Path, seven: Path, has_home: bool
) -> None:
    home = open_folder / "home"
    if has_home:
        home.mkdir()
        home.chmod(0o777)
    picture = open_folder / "é 7.png"
    picture.write_bytes(seven.read_bytes())
    around = {"HOME": str(home), "LANG": "C.UTF-8"}
    said = run(moved, "--selftest", env=around, cwd="/", **as_nobody())
    assert said.returncode == 0, said.stdout + said.stderr
    said = run(moved, "recognize", picture, env=around, cwd="/", **as_nobody())
    assert (said.returncode, said.stdout) == (0, f"{picture}: 7\n")


def test_serves(program: Path, plain: dict[str, str]) -> None:
    command: list[str | Path] = [program, "serve", "--port", "0", "--token", TOKEN]
    with started(command, env=plain, stdout=subprocess.PIPE) as process:
        assert process.stdout
        found = re.search(rf"http://127\.0\.0\.1:(\d+)/#token={TOKEN}", process.stdout.readline())
        assert found
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        connection.request("POST", "/api/recognize", drawings.png(4), headers)
        assert json.load(connection.getresponse())["text"] == "4"
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize("which", ["program", "headless"])
def test_reads_as_the_source_does(
    which: str, request: pytest.FixtureRequest, plain: dict[str, str], tmp_path: Path
) -> None:
    built: Path = request.getfixturevalue(which)
    folder = tmp_path / "pictures"
    folder.mkdir()
    assert draw_pictures(folder) == 200
    ours = run(Path(sys.executable), "-m", "digitapp", "recognize", folder, "--json", "--input")
    theirs = run(built, "recognize", folder, "--json", "--input", env=plain)
    assert answers(theirs.stdout) == answers(ours.stdout)
    assert len(answers(ours.stdout)) == 200


def test_reads_a_job_and_says_what_it_lacks(
    headless: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for digit in range(10):
        (tmp_path / "in" / f"{digit}.png").write_bytes(drawings.png(digit))
    out = tmp_path / "out"
    job = run(headless, "batch", tmp_path / "in", out, env=plain)
    assert job.returncode == 0, job.stderr
    rows = [answers(path.read_text()) for path in sorted(out.glob("results/*.jsonl"))]
    assert [row["text"] for shard in rows for row in shard] == list("0123456789")
    for words in (["--form", "parquet"], ["--ray", "auto"]):
        lacking = run(headless, "batch", *words, tmp_path / "in", f"{out}{words[1]}", env=plain)
        assert (lacking.returncode, "pip install" in lacking.stderr) == (2, True)


def draw_pictures(folder: Path) -> int:
    """Digits, numbers and rows, turned, small, coloured, and in each format."""
    formats = ("png", "jpeg", "gif", "bmp", "webp")
    for number in range(200):
        digit, kind = number % 10, number // 10
        if kind < 10:
            image = drawings.draw(digit, 40 + 24 * kind, pen=1 / (8 + kind), turn=3 * kind - 15)
        elif kind < 15:
            image = drawings.draw(digit, 120, ink=(30, 40, 120), background=(240, 230 - kind, 200))
        else:
            image = drawings.write(str(number * 37), f"{digit} {digit}")
        format = formats[number % 5]
        (folder / f"{number:03}.{format}").write_bytes(drawings.encode(image, format.upper()))
    return len(list(folder.iterdir()))


def answers(lines: str) -> list[dict[str, Any]]:
    """The answers without the time that they took."""
    return [json.loads(line) | {"elapsed_ms": 0} for line in lines.splitlines()]


@contextmanager
def window(
    screen: Screen, program: Path, *arguments: str | Path, marker: str = "", **more: Any
) -> Iterator[App]:
    """The program's window on a screen, as an ordinary user where we are root."""
    around = screen.environment | {"LC_TEST_MARKER": marker} | more.pop("env", {})
    if more.get("user"):
        around.pop("QTWEBENGINE_CHROMIUM_FLAGS", None)  # Chromium's sandbox, as people have it
    with started([program, *arguments], env=around, stderr=subprocess.PIPE, **more) as process:
        yield App(screen, process, Path("/nowhere"))


def is_copied(window: App, text: str) -> bool:
    """Whether Ctrl+C puts that text into the clipboard."""
    window.screen.press("ctrl+c")
    return window.screen.clipboard() == text


@pytest.fixture
def home(open_folder: Path) -> dict[str, str]:
    """An empty home that its user can write, and a folder for what runs."""
    for name in ("home", "run"):
        (open_folder / name).mkdir()
        if as_nobody():
            subprocess.run(["chown", f"{NOBODY}:{NOBODY}", open_folder / name], check=True)
    (open_folder / "run").chmod(0o700)
    return {
        "HOME": str(open_folder / "home"),
        "XDG_RUNTIME_DIR": str(open_folder / "run"),
        "XDG_STATE_HOME": str(open_folder / "home"),
        "DIGITAPP_LOG_DIR": str(open_folder / "home" / "log"),
    }


@linux
def test_the_window_reads_its_argument_and_leaves_no_process(
    moved: Path, screen: Screen, home: dict[str, str], open_folder: Path, tmp_path: Path
) -> None:
    picture = open_folder / "2 bis.png"
    picture.write_bytes(drawings.encode(drawings.write("2024")))
    marker = tmp_path.name
    with window(screen, moved, picture, marker=marker, env=home, **as_nobody()) as app:
        eventually(lambda: is_copied(app, "2024"), "reading the argument")
        picture_of(app, "argument")
        assert len(processes(f"LC_TEST_MARKER={marker}")) > 1
        screen.xdotool("windowactivate", "--sync", app.id)
        screen.press("alt+F4")
        _, told = app.process.communicate(timeout=20)
        ours = [line for line in told.splitlines() if "web_engine_library_info" not in line]
        assert (app.process.returncode, ours) == (0, [])
        eventually(lambda: not processes(f"LC_TEST_MARKER={marker}"), "ending")


@linux
def test_a_file_dragged_from_another_program_is_read(
    program: Path, screen: Screen, home: dict[str, str], open_folder: Path
) -> None:
    picture = open_folder / "seven.png"
    picture.write_bytes(drawings.png(7))
    with (
        window(screen, program, env=home, **as_nobody()) as app,
        screen.running("tests.desktop.drag_source", picture),
    ):
        time.sleep(1)  # the page is there, and now its listeners
        screen.drag([(75, 50), (140, 90), app.at(0.3, 0.3), app.at(0.4, 0.5)])
        eventually(lambda: is_copied(app, "7"), "reading the dropped file")
        picture_of(app, "dragged")


@linux
def test_it_connects_to_nothing_but_itself(
    program: Path, screen: Screen, tmp_path: Path, seven: Path
) -> None:
    """In a network without any route, with every attempt written down."""
    log = tmp_path / "connections"
    alone = ["--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    traced = ["strace", "-f", "-qq", "-yy", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
    around = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    tmp_path.chmod(0o700)
    with window(
        screen, Path("unshare"), *alone, *traced, "-o", log, program, seven, env=around
    ) as app:
        eventually(lambda: is_copied(app, "7"), "reading the argument")
        time.sleep(5)  # what waits for a quiet moment
        app.process.send_signal(signal.SIGTERM)
        screen.xdotool("windowclose", app.id)
    calls = [line for line in log.read_text().splitlines() if re.search(r"AF_INET|<UDP", line)]
    assert calls
    assert [call for call in calls if leaves(call)] == []


def leaves(call: str) -> bool:
    """Whether a call of the system sends anything to elsewhere.

    Chromium connects a UDP socket to learn whether there is IPv6; that sends nothing, a send would.
    """
    if re.search(r'"127\.0\.0\.1"|"::1"|127\.0\.0\.1:\d+->127\.0\.0\.1', call):
        return False
    return not re.search(r"connect\(\d+<UDP", call)


def picture_of(app: App, name: str) -> Image.Image:
    """The window as it is, kept in `.work/screenshots` for people to look at."""
    folder = Path(__file__).resolve().parents[2] / ".work" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    picture = app.look()
    picture.save(folder / f"{name}.png")
    return picture
