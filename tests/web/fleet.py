"""Several servers in processes of their own, behind a real nginx with the committed file."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.web.client import TOKEN, ask
from tests.web.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "build" / "nginx" / "digitapp.conf"

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
"""Debian keeps it where only root looks."""

AROUND = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/digitapp.conf;
}}
"""
"""What the system's own file has around ours."""

PORTS = ("8001", "8002", "8003")
"""Those of the committed configuration."""

PATIENCE_S = 60


class Fleet:
    """The servers, each at a port that it keeps, and the proxy's address `url`."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        self.url = ""
        self.folder, self._options = folder, options
        self._processes: dict[int, subprocess.Popen[str]] = {}
        (folder / "token.txt").write_text(TOKEN)
        self.ports = [self.start(0) for _ in PORTS]

    def start(self, port: int, *more: str) -> int:
        """Start a server, with `more` options, and wait until it serves; returns its port."""
        command = [sys.executable, "-m", "digitapp", "serve", "--port", str(port)]
        command += ["--token-file", str(self.folder / "token.txt"), "--slots", "1"]
        command += ["--allow-host", "digits.example", "--trusted-proxies", "127.0.0.1"]
        command += ["--log-dir", str(self.folder / "log"), *self._options, *more]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
        assert found is not None, f"The server ended with {process.wait()}."
        self._processes[int(found[1])] = process
        return int(found[1])

    def pid(self, port: int) -> int:
        return self._processes[port].pid

    def end(self, port: int, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a server a signal and wait for its end; returns its status."""
        process = self._processes.pop(port)
        process.send_signal(number)
        status = process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()
        return status

    def restart(self) -> list[int]:
        """Restart one after the other, as SIGTERM ends them; returns their statuses."""
        statuses = []
        for port in self.ports:
            statuses.append(self.end(port))
            self.start(port)
        return statuses

    def close(self) -> None:
        for port in list(self._processes):
            self.end(port, signal.SIGINT)


def is_healthy(port: int) -> bool:
    """Whether a server answers."""
    with suppress(OSError):
        return ask(f"http://127.0.0.1:{port}/", "GET", "/healthz", headers={}).status == 200
    return False


@contextmanager
def fleet(folder: Path, *options: str) -> Iterator[Fleet]:
    """Three servers behind nginx until the block ends, their files in a folder."""
    with ExitStack() as end:
        servers = Fleet(folder, options)
        end.callback(servers.close)
        servers.url = end.enter_context(_nginx(folder, servers.ports))
        yield servers


@contextmanager
def _nginx(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Run nginx with the committed file, in which only the ports are others."""
    assert NGINX is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own = probe.getsockname()[1]
    text = CONFIGURATION.read_text(encoding="utf-8")
    changes = {"listen 80;": f"listen 127.0.0.1:{own};"}
    changes |= {f":{told} max": f":{port} max" for told, port in zip(PORTS, ports, strict=True)}
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "digitapp.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: is_healthy(own)), (folder / "error.log").read_text()
            yield f"http://127.0.0.1:{own}/"
        finally:
            process.terminate()
