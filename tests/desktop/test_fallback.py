"""Where no window can be shown: one line that says why, and the same page in the browser."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from digitapp.desktop import window
from digitapp.errors import Unavailable
from digitapp.web.inbox import Inbox
from tests.desktop.screen import is_free, started

linux = pytest.mark.skipif(sys.platform != "linux", reason="a session without a display is Linux'")


@linux
@pytest.mark.parametrize("display", [None, ":4321"])
def test_without_a_display_it_says_so_and_serves_the_page_with_its_files(
    blind: dict[str, str], seven: Path, display: str | None
) -> None:
    if display:
        blind |= {"DISPLAY": display, "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"}
    command: list[str | Path] = [sys.executable, "-m", "digitapp", seven]
    pipe = subprocess.PIPE
    with started(command, env=blind, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        found = re.match(r"Open (http://\S+/)#token=(\S+)&desktop=1 ", process.stdout.readline())
        assert found
        url, token = found.groups()
        told = json.loads(_get(url, "api/desktop/next", token))
        assert told["name"] == "seven.png"
        assert _get(url, f"api/desktop/files/{told['id']}", token) == seven.read_bytes()
        assert b"<canvas" in _get(url, "", token)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    ours = [line for line in err.splitlines() if not line.startswith("INFO: ")]  # LiteRT's own
    assert ours == ["No window: There is no display here."]


@linux
def test_a_second_start_hands_its_files_over_and_opens_the_page(
    blind: dict[str, str], seven: Path, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {tmp_path}/opened\n')
    browser.chmod(0o700)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shown = blind | {"DISPLAY": ":4321", "BROWSER": f"{browser} %s"}
    program: list[str | Path] = [sys.executable, "-m", "digitapp"]
    pipe = subprocess.PIPE
    logs = {"DIGITAPP_LOG_DIR": str(tmp_path / "logs")}
    with started(program, env=blind | logs, stdout=pipe, stderr=pipe) as first:
        assert first.stdout
        address = first.stdout.readline().split()[1]
        url, token = re.findall(r"(.*)#token=(.*)&desktop=1", address)[0]
        second = subprocess.run(
            [*program, "../seven.png"], env=shown, cwd=elsewhere, capture_output=True, text=True
        )
        assert (second.returncode, second.stderr) == (0, "")
        assert second.stdout == f"digitapp is open already, at {address}\n"
        # Every user may read the browser's arguments: they hold nothing that can be redeemed.
        file = _as_path(_opened(tmp_path))
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        opened, ticket = re.findall(r'replace\("(.*)#ticket=(.*)&desktop=1"\)', file.read_text())[0]
        assert opened == url
        assert _redeem(url, ticket) == token
        assert not file.exists()
        told = json.loads(_get(url, "api/desktop/next", token))
        assert _get(url, f"api/desktop/files/{told['id']}", token) == seven.read_bytes()
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    assert is_free(tmp_path / "digitapp")
    log = (tmp_path / "logs" / "window.log").read_text()
    requests = (tmp_path / "logs" / "window.requests.log").read_text()
    assert "127.0.0.1 GET /api/desktop/next 200 " in requests
    assert log.endswith("INFO digitapp: window ends\n")
    assert not [word for word in (token, "seven.png") if word in log + requests]


POLL = """
import glob, os, select, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)  # nobody
found = set()
print("there", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\\0")
        except OSError:
            continue
        found.update(word for word in words if word.startswith((b"file:", b"http:")))
for word in found:
    print(word.decode())
    try:
        open(word.decode().removeprefix("file://"))
    except OSError as error:
        print(type(error).__name__)
"""


@linux
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="root alone is others")
def test_another_user_who_looks_at_all_arguments_finds_nothing_to_redeem(
    blind: dict[str, str], seven: Path, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\nsleep 2\n")
    browser.chmod(0o755)
    shown = blind | {"DISPLAY": ":4321", "BROWSER": f"{browser} %s"}
    program: list[str | Path] = [sys.executable, "-m", "digitapp", seven]
    pipe = subprocess.PIPE
    poll = ["/usr/bin/env", "-i", sys.executable, "-S", "-c", POLL]
    with (
        subprocess.Popen(poll, stdin=pipe, stdout=pipe, text=True, cwd="/") as other,
        started(program, env=blind, stdout=pipe, stderr=pipe) as first,
    ):
        assert other.stdout
        assert other.stdout.readline() == "there\n"
        assert first.stdout
        assert first.stdout.readline().startswith("Open ")
        subprocess.run(program, env=shown, capture_output=True, check=True)
        out, _ = other.communicate("stop\n", timeout=20)
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    seen, error = out.splitlines()
    assert seen.startswith("file:///")
    assert error == "PermissionError"


@linux
def test_a_machine_that_keeps_no_lock_opens_all_the_same(blind: dict[str, str]) -> None:
    nowhere = dict.fromkeys(("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "TMPDIR"), "/dev/null/nowhere")
    blind |= nowhere | {"DIGITAPP_LOG_DIR": "/dev/null/nowhere"}
    code = (
        "import pathlib, platformdirs\n"
        "from digitapp.cli import main\n"
        "platformdirs.user_runtime_path = lambda *_, **__: pathlib.Path('/dev/null/nowhere')\n"
        "raise SystemExit(main.main([]))\n"
    )
    pipe = subprocess.PIPE
    with started([sys.executable, "-c", code], env=blind, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Open http://")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    said = [line for line in err.splitlines() if not line.startswith("INFO: ")]
    assert said == [
        "digitapp: It could not be checked whether digitapp is open already: "
        "no folder belongs to this user alone.",
        "digitapp: There is no log: Not a directory.",
        "No window: There is no display here.",
    ]


def face() -> window.Face:
    """What has no window."""
    made = window.Face(Inbox())
    made.address = "http://127.0.0.1:1/#token=t&desktop=1"
    made.address_once = lambda: "http://127.0.0.1:1/#ticket=once&desktop=1"
    return made


def test_with_a_browser_the_page_opens_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("time.sleep", _interrupt)
    monkeypatch.setattr("signal.signal", _leave)
    with pytest.raises(KeyboardInterrupt):
        window.browse(face(), Unavailable("Why not."))
    assert opened == ["http://127.0.0.1:1/#ticket=once&desktop=1"]
    out, err = capsys.readouterr()
    assert out == "Open http://127.0.0.1:1/#token=t&desktop=1  (Ctrl-C stops it)\n"
    assert err == "No window: Why not.\n"


@linux
def test_without_a_display_no_browser_takes_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("time.sleep", _interrupt)
    monkeypatch.setattr("signal.signal", _leave)
    with pytest.raises(KeyboardInterrupt):
        window.browse(face(), Unavailable("Why not."))
    assert opened == []


@pytest.mark.parametrize(
    ("renderer", "fit"), [("qtwebengine", True), ("edgechromium", True), ("mshtml", False)]
)
def test_an_engine_of_yesterday_is_not_taken(renderer: str, fit: bool) -> None:
    assert window._is_fit(renderer) is fit


def _interrupt(_: float) -> None:
    raise KeyboardInterrupt


def _leave(*_: object) -> None:
    """Leave the tests' own signals as they are."""


def _opened(folder: Path) -> str:
    return (folder / "opened").read_text()


def _as_path(address: str) -> Path:
    return Path(urllib.request.url2pathname(address.removeprefix("file://")))


def _redeem(url: str, ticket: str) -> str:
    request = urllib.request.Request(  # noqa: S310
        f"{url}ticket", method="POST", headers={"Authorization": f"Ticket {ticket}"}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        return str(json.load(reply)["token"])


def _get(url: str, path: str, token: str) -> bytes:
    request = urllib.request.Request(  # noqa: S310
        f"{url}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        body: bytes = reply.read()
    return body


@pytest.mark.parametrize(("renderer", "is_fit"), [("qtwebengine", True), ("mshtml", False)])
def test_the_server_starts_for_a_web_view_that_can_show_the_page(
    renderer: str, is_fit: bool
) -> None:
    shown: Any = object()
    opened: list[object] = []
    assert window._begin(opened.append, shown, renderer) == is_fit
    assert opened == [shown] * is_fit
