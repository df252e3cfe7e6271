"""The desktop window: a browser's view of the server in its own process.

The page talks HTTP to the server, in the window as in a browser. What Python has to tell the page
goes through the inbox, which the page polls: files given as arguments or by a later start, and
commands of the menu. A later start, which only hands its files over, ends without loading Flask.
"""

import ctypes
import gc
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import config, logs
from digitapp.desktop import geometry, instance, menu, qt, system
from digitapp.desktop.backend import Backend
from digitapp.errors import DigitappError, Unavailable
from digitapp.paths import PACKAGE, log_folder
from digitapp.web.handover import Reply
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox

if TYPE_CHECKING:
    from webview import Window

DESKTOP = "&desktop=1"
"""Part of the page's address in the window: it is used by the machine's owner."""

SIZE, MIN_SIZE = (1100, 740), (360, 520)
"""Width and height at first, and the smallest ones, in pixels of the page."""

LIGHT, DARK = "#f3f1ec", "#15181b"
"""The page's background in both themes. The window shows it until the page is loaded."""

ICON = PACKAGE / "web" / "static" / "icon.svg"

CRASHED = "digitapp had to stop: a fault of ours. What happened is in the log, in {folder}."
NO_WEB_VIEW = "This system has no web view. On Windows, install Microsoft's WebView2 runtime."
YOUNG = 50_000
"""New objects after which Python looks for unused ones. Its own 700 to 2,000 are reached again and
again while the web view and Flask are loaded: 30 of 410 ms.
"""

NO_LOCK = "It could not be checked whether digitapp is open already: {reason}."


@dataclass
class Face:
    """What people see of the program: its window or, at `address`, its page in the browser.

    `address_once` gives an address for the browser's arguments, with nothing secret in it, or "".
    """

    inbox: Inbox
    window: "Window | None" = None
    address: str = ""
    address_once: Callable[[], str] = str

    def take(self, files: Iterable[Path]) -> Reply:
        """Let the page read a later start's files, and bring the window to the front."""
        message = self.inbox.offer(files)
        if self.window is not None:
            come_forward(self.window)
        return Reply(self.address, message, self.address_once())


def run(files: Iterable[Path], engine_name: str) -> int:
    """Show the page in a window, or else in the browser, and read `files`; returns at its end.

    If digitapp is open already, that one reads the files. Returns the exit status.

    Raises:
        Unavailable: the engine is not installed, or the open digitapp does not answer.
    """
    gc.set_threshold(YOUNG)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    files = [file.absolute() for file in files]
    with suppress(KeyboardInterrupt):
        first = claim(files)
        if isinstance(first, Reply):
            revisit(first)
        else:
            _run_logged(first, files, engine_name)
    return 0


def _run_logged(first: instance.First | None, files: list[Path], engine_name: str) -> None:
    """Without a terminal, a fault would end the program without a word: show a dialog."""
    log_dir = config.setting("log_dir")
    try:
        with first or nullcontext(), logs.start("window", log_dir, config.setting("log_format")):
            _run(first, files, engine_name)
    except DigitappError:
        raise
    except Exception:
        system.alert(CRASHED.format(folder=log_folder(log_dir)))
        raise


def _run(first: instance.First | None, files: list[Path], engine_name: str) -> None:
    face = Face(Inbox())
    system.tell(face.inbox.offer(files))
    token = config.new_token()
    with ExitStack() as end:
        handover = first.handover(face.take) if first else None
        backend = Backend(face.inbox, token, engine_name, handover)
        end.callback(backend.stop)
        if first is not None:
            end.callback(first.close)  # before the server stops: the next start opens a window
            _announce(first, backend.url)
        open_page(backend, f"{sockets.address(backend.url, token)}{DESKTOP}", face)


def claim(files: list[Path]) -> instance.First | Reply | None:
    """Become the first or get its reply; None where no lock can be kept, and any start may open.

    Raises:
        Unavailable: the first does not answer.
    """
    if sys.platform == "win32":  # let the first come to the front: only this process may
        ctypes.windll.user32.AllowSetForegroundWindow(-1)
    try:
        return instance.claim(files)
    except OSError as error:
        system.tell(NO_LOCK.format(reason=error.strerror or error))
        return None


def _announce(first: instance.First, url: str) -> None:
    """Tell later starts where this one listens; if that fails, they open windows of their own."""
    try:
        first.announce(url)
    except OSError as error:
        first.close()
        system.tell(NO_LOCK.format(reason=error.strerror or error))


def revisit(reply: Reply) -> None:
    """Print what the first replied. If it has no window, open its page once more."""
    system.tell(reply.message)
    if reply.address:
        print(f"digitapp is open already, at {reply.address}")
        system.browse(lambda: reply.once)


def open_page(backend: Backend, address: str, face: Face) -> None:
    """Show the page in a window, or if there is none in the browser; returns when it is closed."""
    try:
        check()
        show(backend.url, address, face, lambda window: backend.start(partial(_close, window)))
    except Unavailable as reason:
        backend.wait()
        face.address_once = partial(backend.address_once, DESKTOP)
        face.window, face.address = None, address
        logs.log.info("No window: %s", reason)
        browse(face, reason)


def check() -> None:
    """Find out whether this machine shows windows.

    Raises:
        Unavailable: it does not; the sentence says why and what to do.
    """
    if sys.platform == "linux":
        qt.check()
    try:
        import webview  # noqa: F401
    except ImportError:
        raise Unavailable(qt.INSTALL) from None


def show(
    origin: str, address: str, face: Face, opening: "Callable[[Window], None]" = lambda _: None
) -> None:
    """Open the window on `address`, keep it at `origin`, and return when it is closed.

    `opening` is called before the window is made: the server starts while the web view does.

    Raises:
        Unavailable: the system has no web view that can show the page.
    """
    is_linux = sys.platform == "linux"
    if is_linux:
        qt.quieten()
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # no Python runs in the system's own loop
    import webview

    webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False
    webview.settings["ALLOW_DOWNLOADS"] = not is_linux  # there qt.prepare does it
    where = geometry.load(geometry.Geometry(*SIZE)).within(webview.screens)
    window: Window = webview.create_window(  # type: ignore[assignment]  # None only after start()
        "digitapp",
        address,
        **asdict(where),
        min_size=MIN_SIZE,
        background_color=DARK if system.is_dark() else LIGHT,
        text_select=True,
    )
    if is_linux:
        window.events.before_show += partial(qt.prepare, window, origin, LIGHT, DARK)
    window.events.initialized += partial(_begin, opening, window)
    where.follow(window)
    face.window = window
    webview.start(gui="qt" if is_linux else None, menu=menu.bar(window, face.inbox), icon=str(ICON))
    if is_linux:
        qt.release(window)
    if not window.events.shown.is_set():
        raise Unavailable(NO_WEB_VIEW)
    geometry.save(where)


def _close(window: "Window") -> None:
    """Close a window that may be about to show."""
    window.events.shown.wait()
    window.destroy()


def come_forward(window: "Window") -> None:
    """Bring the window to the front, out of the task bar too. Safe in any thread."""
    if not window.events.shown.is_set():
        return  # it is about to
    if sys.platform == "linux":
        qt.come_forward(window)
    else:
        window.restore()
        window.show()


def browse(face: Face, reason: Unavailable) -> None:
    """Say why there is no window, open the page in the browser if there is one, and wait."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"No window: {reason}", file=sys.stderr)
    print(f"Open {face.address}  (Ctrl-C stops it)")
    system.browse(face.address_once)
    while True:
        time.sleep(3600)


def _begin(opening: "Callable[[Window], None]", window: "Window", renderer: str) -> bool:
    """Let the server start if there will be a window, and return whether: 20 ms before it shows."""
    is_fit = _is_fit(renderer)
    if is_fit:
        opening(window)
    return is_fit


def _is_fit(renderer: str) -> bool:
    """Whether a web view can show the page; pywebview falls back to older ones that cannot."""
    return renderer not in {"mshtml", "qtwebkit"}
