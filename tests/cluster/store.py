"""A store that speaks Amazon's protocol, on this machine, and what stands in its way.

    python -m tests.cluster.store

serves until it is killed and prints its port.
"""

import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUCKET = "job"

KEYS = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1"}
"""The store asks for keys, and does not look at them."""


@contextmanager
def running() -> Iterator[str]:
    """A store with an empty bucket, in a process of its own; its address."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.cluster.store"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            port = int(process.stdout.readline())
            ask(port, "PUT", f"/{BUCKET}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def ask(port: int, method: str, path: str, body: bytes = b"") -> bytes:
    """One request to the store."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        return response.read()
    finally:
        connection.close()


@contextmanager
def trouble(address: str, failing: float, slow_s: float) -> Iterator["Troubled"]:
    """The store behind a way on which a share of requests fails and answers take up to `slow_s`."""
    server = Troubled(address, failing, slow_s)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Troubled(ThreadingHTTPServer):
    """Passes requests on to a store, and not all of them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, failing: float, slow_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.store = address.removeprefix("http://")
        self.failing, self.slow_s = failing, slow_s
        self.random = random.Random(1)  # noqa: S311
        self.failed = self.passed = 0
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """A client that has left is no news."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm, wbufsize = True, -1  # an answer leaves at once, and as one

    def _pass(self) -> None:
        server = self.server
        assert isinstance(server, Troubled)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(server.random.uniform(0, server.slow_s))
        kind = server.random.uniform(0, 1)
        if kind < server.failing:
            server.failed += 1
            self._fail(lost=kind < server.failing / 3, body=body)
            return
        server.passed += 1
        status, headers, data = self._asked(body)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def _fail(self, lost: bool, body: bytes) -> None:
        """Answer with an error, or do what is asked and lose the answer."""
        if lost:
            self._asked(body)
            self.close_connection = True
            return
        self.send_response_only(503)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        server = self.server
        assert isinstance(server, Troubled)
        connection = http.client.HTTPConnection(server.store, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass  # noqa: N815 (the library's names)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> None:
    """Serve until the process is killed."""
    from moto.server import ThreadedMotoServer

    os.environ.update(KEYS)
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
