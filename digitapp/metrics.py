"""What a server counts for Prometheus: every figure is made, and counted, here.

Counting takes some 0.1 ms of the 2.6 that a drawn digit takes; half of it parses the answer.
`prometheus_client` is loaded by the first request to a server that has `/metrics`, and by nothing
else. A server without it, such as the window's, has an `Uncounted` in the place of `Metrics`.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitapp import __version__
from digitapp.errors import DigitappError, Unavailable

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ARRIVED = "digitapp.arrived"
"""Key of WSGI's environment: when the request had arrived, as `time.monotonic()`."""

CODE = "digitapp.error"
"""Key of WSGI's environment: the code of the error that the request is answered with."""

PICTURE = "/api/recognize"
"""The route whose requests are timed whole."""

ROUTES = {
    PICTURE,
    *("/", "/docs", "/api/model", "/api/share", "/api/openapi.json"),
    *("/metrics", "/healthz", "/readyz"),
}
"""The routes that are told apart. Addresses that strangers make up must not make new series."""

OTHER, STATIC = "other", "/static"

STAGES = ("wait", "read", "recognize", "request")
"""What is timed of a picture, see the table in `web/README.md`."""

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Bounds in seconds: a drawn digit takes 3 ms, a sheet some 100, and ten seconds are the most."""

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable with the folder in which several processes of a server count together;
`prometheus_client` gives it its meaning."""


class Uncounted:
    """Counts nothing."""

    def app(self, app: "WSGIApplication") -> "WSGIApplication":
        """The app, with its requests counted."""
        return app

    def slot(self, slot: AbstractContextManager[None], since: float | None) -> Any:  # noqa: ARG002
        """Hold a slot, for which the request waits since a time of `time.monotonic()`, or now."""
        return slot

    def read(self, answer: bytes, seconds: float) -> None:
        """Count a picture by its answer, which the reader gave after so many seconds."""

    def refused(self, path: str, status: str, code: str) -> None:
        """Count a request that never reached the app."""

    def queue(self, length: Callable[[], int]) -> None:
        """Ask this too for how many requests wait for a thread."""


class Figures:
    """The figures themselves, in a registry of their own."""

    def __init__(
        self, model: str, engine: str, slots: int, queues: Sequence[Callable[[], int]]
    ) -> None:
        import prometheus_client as prometheus

        # When each series began would double what is kept, and says little.
        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = prometheus.CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> prometheus.Counter:
            return prometheus.Counter(f"digitapp_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str, mode: Any = "livesum") -> prometheus.Gauge:
            name, registry = f"digitapp_{name}", self.registry
            return prometheus.Gauge(name, text, labels, registry=registry, multiprocess_mode=mode)

        facts = ("version", "model", "engine")
        build = gauge("build_info", "Version, model and engine.", *facts, mode="livemax")
        build.labels(__version__, model, engine).set(1)
        self.requests = counter("requests", "Requests answered.", "route", "status")
        self.errors = counter("errors", "Errors answered.", "code")
        for kind in DigitappError.__subclasses__():
            self.errors.labels(kind.code)
        self.pictures = counter("pictures", "Pictures read.")
        self.doubtful_pictures = counter("doubtful_pictures", "Pictures that need a look.")
        self.symbols = counter("symbols", "Symbols read.")
        self.doubtful_symbols = counter(
            "doubtful_symbols", "Symbols whose best guess may be wrong."
        )
        seconds = prometheus.Histogram(
            "digitapp_stage_seconds",
            "Seconds of each stage of a picture's request.",
            ["stage"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.seconds = {stage: seconds.labels(stage) for stage in STAGES}
        gauge("slots", "Pictures that may be read at the same time.").set(slots)
        self.taken = gauge("slots_taken", "Slots in use.")
        waiting = gauge("waiting_requests", "Requests that wait.", "for")
        self.waiting = waiting.labels("slot")
        waiting.labels("thread").set_function(lambda: sum(ask() for ask in queues))
        self.restarts = counter("reader_restarts", "Readers that died and were replaced.")


def check() -> None:
    """Raise Unavailable if the processes of a server shall count in a folder that is not there."""
    if not Path(os.environ.get(SHARED, ".")).is_dir():
        raise Unavailable(f"{SHARED} names no folder. Make an empty one at each start.")


class Metrics(Uncounted):
    """Counts for the listeners of one program together."""

    def __init__(self, model: str, engine: str, slots: int) -> None:
        """Begin at zero. The model, its engine and the number of slots are figures themselves.

        Raises:
            Unavailable: the processes of this server shall count in a folder that is not there.
        """
        check()
        self._queues: list[Callable[[], int]] = []
        self._make = partial(Figures, model, engine, slots, self._queues)
        self._made: Figures | None = None
        self._making = threading.Lock()

    def load(self) -> Figures:
        """The figures. The first call takes 20 ms: the first request waits for them, no start."""
        if self._made is None:
            with self._making:
                self._made = self._made or self._make()
        return self._made

    def app(self, app: "WSGIApplication") -> "WSGIApplication":
        """See `Uncounted.app`."""

        def counted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            begin, status = environ.get(ARRIVED) or time.monotonic(), "500"

            def respond(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                nonlocal status
                status = line[:3]
                return start_response(line, headers, exc_info)

            try:
                return app(environ, respond)
            finally:
                path = environ["PATH_INFO"]
                self._count(path, status, environ.get(CODE, ""))
                if path == PICTURE:
                    self.load().seconds["request"].observe(time.monotonic() - begin)

        return counted

    @contextmanager
    def slot(self, slot: AbstractContextManager[None], since: float | None) -> Iterator[None]:
        """See `Uncounted.slot`."""
        begin = time.monotonic() if since is None else since
        self.load().waiting.inc()
        is_waiting = True
        try:
            with slot:
                self._waited(begin)
                is_waiting = False
                self.load().taken.inc()
                try:
                    yield
                finally:
                    self.load().taken.dec()
        finally:
            if is_waiting:  # none came free
                self._waited(begin)

    def read(self, answer: bytes, seconds: float) -> None:
        """See `Uncounted.read`."""
        told = json.loads(answer)
        self.load().seconds["read"].observe(seconds)
        self.load().seconds["recognize"].observe(told["elapsed_ms"] / 1000)
        self.load().pictures.inc()
        self.load().doubtful_pictures.inc(bool(told["doubt"]))
        self.load().symbols.inc(len(told["symbols"]))
        self.load().doubtful_symbols.inc(sum(symbol["doubtful"] for symbol in told["symbols"]))

    def refused(self, path: str, status: str, code: str) -> None:
        """See `Uncounted.refused`."""
        self._count(path, status, code)

    def queue(self, length: Callable[[], int]) -> None:
        """See `Uncounted.queue`."""
        self._queues.append(length)

    def restarted(self) -> None:
        """Count a reader that was replaced."""
        self.load().restarts.inc()

    def text(self) -> tuple[bytes, str]:
        """All figures in Prometheus' text format, and its media type.

        Several processes that count in one folder tell their sums, whichever of them is asked.
        """
        from prometheus_client import CollectorRegistry, exposition, multiprocess

        registry = self.load().registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, kind = exposition.choose_encoder("")
        return encode(registry), kind

    def _waited(self, begin: float) -> None:
        self.load().waiting.dec()
        self.load().seconds["wait"].observe(time.monotonic() - begin)

    def _count(self, path: str, status: str, code: str) -> None:
        self.load().requests.labels(route(path), status).inc()
        if code:
            self.load().errors.labels(code).inc()


def route(path: str) -> str:
    """The route that a request is counted under."""
    if path in ROUTES:
        return path
    return STATIC if path.startswith(f"{STATIC}/") else OTHER
