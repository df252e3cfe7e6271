"""`digitapp --selftest`: whether this installation is whole, a line for each of its parts.

It needs no file but the program's own: the digits that it reads are drawn here.
"""

import hashlib
import http.client
import io
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from digitapp import config, engine, formats, paths
from digitapp.desktop import qt, window
from digitapp.errors import Unavailable
from digitapp.recognition import pipeline
from digitapp.web import inbox, serve
from digitapp.web.http import sockets
from digitapp.web.limits import Slots
from digitapp.web.workers.reader import Here

if TYPE_CHECKING:
    from digitapp.engine import Engine

SIDE = 140
"""Width and height of a drawing in pixels."""

PEN = 11
"""Width of its strokes in pixels."""

STROKES = (
    "54,12 34,22 24,50 35,80 54,88 72,78 78,48 70,20 54,12",
    "53,12 51,50 49,88",
    "28,30 36,15 56,12 70,22 68,40 50,62 27,86 50,85 77,84",
    "28,20 45,12 65,17 68,33 55,45 42,48 60,52 71,66 62,82 45,88 26,80",
    "34,12 28,54 76,53; 62,34 60,90",
    "70,13 36,14 33,45 52,42 68,52 70,70 58,85 40,88 27,80",
    "62,10 42,28 30,55 34,80 50,89 66,80 67,62 52,54 36,62",
    "26,15 50,15 75,14 60,45 44,88",
    "66,22 52,12 36,20 38,36 60,54 68,72 55,88 36,82 33,66 50,48 65,34 66,22",
    "68,30 58,14 40,16 32,34 42,48 60,44 68,30 66,55 60,90",
)
"""The ten digits: points "x,y" in percent of the side, strokes parted by semicolons."""

PATIENCE_S = 30.0
"""Longest wait for the window's page, in seconds."""

NOT_HERE = {qt.NO_DISPLAY, qt.ROOT, qt.INSTALL, qt.HEADLESS}
"""Why there may be no window, without anything being broken."""

Check = Callable[[], str]
"""Returns what it found; what it raises is its failure."""


class NotChecked(Exception):
    """This machine has nothing to check it by; the text says why."""


def run() -> int:
    """Print a line for each check; returns the exit status, 1 where one failed."""
    model = engine.load("litert")
    results = [
        _line("model", _model),
        _line("digits", lambda: _digits(model)),
        *(_line(kind.name, partial(_format, kind.decoder, model)) for kind in formats.READ),
        _line("server", _server),
        _line("window", lambda: _window(model)),
    ]
    print("All is well." if all(results) else "Something is broken: install digitapp again.")
    return 0 if all(results) else 1


def draw(digit: int) -> Image.Image:
    """A digit, dark on light, [SIDE, SIDE] in RGB."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(image)
    for stroke in STROKES[digit].split(";"):
        points = [tuple(int(n) * SIDE / 100 for n in p.split(",")) for p in stroke.split()]
        pen.line(points, fill="#203060", width=PEN, joint="curve")
        for x, y in points:
            pen.ellipse([x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2], fill="#203060")
    return image


def encode(image: Image.Image, format: str = "PNG") -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def _line(name: str, check: Check) -> bool:
    """Run a check and print how it went; a failure's kind and text stand in its line."""
    start = time.perf_counter()
    try:
        said, is_well = check(), True
    except NotChecked as reason:
        said, is_well = f"not checked: {reason}", True
    except Exception as fault:  # noqa: BLE001 (every fault is a line here, and the others go on)
        said, is_well = f"FAILED: {type(fault).__name__}: {fault}", False
    print(f"{name:8} {said} ({time.perf_counter() - start:.2f} s)")
    return is_well


def _model() -> str:
    """The models' files are those that their card describes."""
    card = json.loads(paths.asset("digits.json").read_text())["files"]
    hashes = {name: _sha256(paths.asset(name)) for name in engine.MODELS}
    for name, found in hashes.items():
        wanted = card.get(name, {}).get("sha256")
        if found != wanted:
            raise ValueError(f"the SHA-256 of {name} is {found}, not {wanted}")
    return "ok, sha256 " + " and ".join(f"{found[:12]}..." for found in hashes.values())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(data: bytes, model: "Engine") -> str:
    return pipeline.recognize(data, model).answer.text


def _digits(model: "Engine") -> str:
    read = "".join(_read(encode(draw(digit)), model) for digit in range(10))
    if read != "0123456789":
        raise ValueError(f"0123456789 was read as {read}")
    return f"ok, {read}"


def _format(name: str, model: "Engine") -> str:
    read = _read(encode(draw(7), name), model)
    if read != "7":
        raise ValueError(f"a 7 was read as {read!r}")
    return "ok"


def _server() -> str:
    """A picture goes to a server of our own, is read in another process, and its answer comes."""
    token = config.new_token()
    with closing(serve.make_reader("litert", 1)) as reader:
        service = serve.Service(reader=reader, slots=Slots(1, PATIENCE_S), threads=2)
        server = service.server(sockets.bind("127.0.0.1", 0), token)
        server.start()
        try:
            answer = _ask(server.port, token)
        finally:
            server.stop()
    if answer.get("text") != "3":
        raise ValueError(f"it answered {answer}")
    return "ok"


def _ask(port: int, token: str) -> dict[str, object]:
    """By hand: a proxy in the environment must not come between."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        connection.request("POST", "/api/recognize", encode(draw(3)), headers)
        answer: dict[str, object] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def _window(model: "Engine") -> str:
    """The real window shows the real page, which asks what to do; then it closes."""
    try:
        window.check()
    except Unavailable as reason:
        if reason.message in NOT_HERE:
            raise NotChecked(reason.message) from None
        raise
    asked = _Asked()
    token = config.new_token()
    service = serve.Service(reader=Here(model), slots=Slots(1, PATIENCE_S), threads=8)
    server = service.server(sockets.bind("127.0.0.1", 0), token, inbox=asked)
    server.start()
    face = window.Face(asked)
    threading.Thread(target=_close, args=(face, asked.event), daemon=True).start()
    try:
        window.show(server.url, f"{server.address(token)}&desktop=1", face)
    finally:
        server.stop()
    if not asked.event.is_set():
        raise TimeoutError(f"its page did not load within {PATIENCE_S:.0f} s")
    return "ok"


class _Asked(inbox.Inbox):
    """An inbox that knows whether a page has asked it."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()

    def next(self, timeout_s: float) -> inbox.Message | None:
        self.event.set()
        return super().next(min(timeout_s, 1.0))


def _close(face: window.Face, asked: threading.Event) -> None:
    asked.wait(PATIENCE_S)
    if face.window is not None:
        face.window.destroy()
