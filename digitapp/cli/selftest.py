"""`digitapp --selftest`: whether this installation is whole, a line for each of its parts.

It needs no file but the program's own, since it draws the digits that it reads.
"""

import hashlib
import io
import json
import math
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from PIL import Image, ImageDraw

from digitapp import config, engine, formats, paths
from digitapp.desktop import qt, window
from digitapp.desktop.backend import Backend
from digitapp.engine import Engine
from digitapp.recognition import pipeline
from digitapp.web import serve
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox, Message

SIDE, PEN = 140, 11
"""Width and height of each digit's cell, and the width of its strokes, in pixels."""

STROKES = (
    "55,12 34,20 24,50 34,80 52,88 70,78 77,48 70,20 55,12",
    "53,12 51,50 49,88",
    "28,30 36,15 55,12 70,22 68,40 50,62 27,86 50,85 76,84",
    "28,20 45,12 65,17 68,33 55,45 42,48 60,52 71,66 62,82 45,88 26,80",
    "34,12 28,52 74,52; 64,20 62,55 60,90",
    "70,13 36,14 33,45 52,42 68,52 70,70 58,85 40,88 27,80",
    "62,10 42,28 30,55 34,80 50,89 66,80 67,62 52,54 36,62",
    "26,15 50,15 75,14 60,45 44,88",
    "66,22 52,12 36,20 38,36 60,54 68,72 55,88 36,82 33,66 50,48 65,34 66,22",
    "68,30 58,14 40,16 32,34 42,48 60,44 68,30 66,55 60,90",
)
"""The ten digits: points "x,y" in percent of the cell, strokes with semicolons between them."""

PATIENCE_S = 30.0
"""Longest wait for the window's page or the server's answer, in seconds."""

NOT_HERE = {qt.NO_DISPLAY, qt.ROOT, qt.INSTALL, qt.HEADLESS}
"""Errors of a machine that shows no window, where nothing is broken."""


def run() -> int:
    """Print a line for each check; returns the exit status, 1 if one failed."""
    model = engine.load("litert")
    checks: dict[str, Callable[[], str]] = {
        "model": _model,
        "digits": partial(_read, "0123456789", "PNG", model),
        **{kind.name: partial(_read, "7", kind.decoder, model) for kind in formats.READ},
        "server": _server,
        "window": _window,
    }
    results = [_line(name, check) for name, check in checks.items()]
    print("All is well." if all(results) else "Something is broken: install digitapp again.")
    return 0 if all(results) else 1


def draw(digits: str) -> Image.Image:
    """Digits in a row, dark on light, [SIDE, SIDE * len(digits)] in RGB."""
    image = Image.new("RGB", (SIDE * len(digits), SIDE), "white")
    pen = ImageDraw.Draw(image)
    for column, digit in enumerate(digits):
        for stroke in STROKES[int(digit)].split(";"):
            percents = [map(int, point.split(",")) for point in stroke.split()]
            points = [((x / 100 + column) * SIDE, y / 100 * SIDE) for x, y in percents]
            pen.line(points, "#203060", PEN, "curve")
            for point in points:
                pen.circle(point, PEN / 2, "#203060")
    return image


def encode(image: Image.Image, format: str = "PNG") -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, format)
    return file.getvalue()


def _line(name: str, check: Callable[[], str]) -> bool:
    """Run a check and print what it says; a failure's kind and text stand in its line."""
    start = time.perf_counter()
    try:
        said, is_well = check(), True
    except Exception as fault:  # noqa: BLE001 (every fault is a line here, and the others go on)
        is_well = str(fault) in NOT_HERE
        said = f"{'not checked' if is_well else f'FAILED: {type(fault).__name__}'}: {fault}"
    print(f"{name:8} {said} ({time.perf_counter() - start:.2f} s)")
    return is_well


def _model() -> str:
    """The models' files are those that their card describes."""
    card = json.loads(paths.asset("digits.json").read_text())["files"]
    hashes = []
    for name in engine.MODELS:
        found = hashlib.sha256(paths.asset(name).read_bytes()).hexdigest()
        if found != (wanted := card.get(name, {}).get("sha256")):
            raise ValueError(f"the SHA-256 of {name} is {found}, not {wanted}")
        hashes.append(f"{found[:12]}...")
    return f"ok, sha256 {' and '.join(hashes)}"


def _read(digits: str, format: str, model: Engine) -> str:
    """A drawing of the digits, as a file of that format, is read."""
    read = pipeline.recognize(encode(draw(digits), format), model).answer.text
    if read != digits:
        raise ValueError(f"{digits} was read as {read!r}")
    return f"ok, {read}"


def _server() -> str:
    """A picture goes to a server of our own, is read in another process, and its answer comes."""
    token = config.new_token()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with serve.running(
        host="127.0.0.1",
        port=0,
        lan=False,
        token=token,
        engine="litert",
        slots=1,
        wait_s=PATIENCE_S,
        threads=8,
        names=(),
        rate=math.inf,
    ) as (server,):
        request = urllib.request.Request(  # noqa: S310 (our own server)
            f"{server.url}api/recognize", encode(draw("3")), {"Authorization": f"Bearer {token}"}
        )
        with direct.open(request, timeout=PATIENCE_S) as reply:
            answer = json.load(reply)
    if answer["text"] != "3":
        raise ValueError(f"it answered {answer}")
    return "ok"


def _window() -> str:
    """The real window shows the real page, which asks what to do; then it closes."""
    window.check()
    asked = _Asked()
    token = config.new_token()
    face = window.Face(asked)

    def close() -> None:
        asked.event.wait(PATIENCE_S)
        if face.window is not None:
            face.window.destroy()

    threading.Thread(target=close, daemon=True).start()
    with ExitStack() as end:
        backend = Backend(asked, token, "litert")
        end.callback(backend.stop)
        backend.wait()
        window.show(backend.url, sockets.address(backend.url, token) + window.DESKTOP, face)
    if not asked.event.is_set():
        raise TimeoutError(f"its page did not load within {PATIENCE_S:.0f} s")
    return "ok"


class _Asked(Inbox):
    """An inbox that knows whether a page has asked it."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def next(self, timeout_s: float) -> Message | None:
        self.event.set()
        return super().next(min(timeout_s, 1.0))
