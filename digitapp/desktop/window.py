"""The desktop window: a browser over the server of its own process, and little else.

The page talks HTTP to the server, in the window as in a browser. What Python has to tell the page
(files given as arguments, those of a later start, the menu's commands) goes through the inbox,
which the page asks. The server is imported once it is needed: a later start ends without it.
"""

import ctypes
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import __version__, config, formats, logs
from digitapp.desktop import geometry, instance, qt, system
from digitapp.desktop.backend import Behind
from digitapp.errors import Busy, DigitappError, Unavailable
from digitapp.paths import PACKAGE, log_folder
from digitapp.web.http import sockets
from digitapp.web.inbox import Inbox

if TYPE_CHECKING:
    from webview import Window
    from webview.menu import Menu

TITLE = "digitapp"

DESKTOP = "&desktop=1"
"""What the page's address says of who opens it: the machine's owner."""

SIZE = (1100, 740)
"""The window's width and height at first, in pixels of the page."""

MIN_SIZE = (360, 520)
"""The smallest that the window can be made, in the same pixels."""

LIGHT, DARK = "#f3f1ec", "#15181b"
"""The page's ground in both themes: what the window shows before the page is there."""

ICON = PACKAGE / "web" / "static" / "icon.svg"

OUTDATED = {"mshtml", "qtwebkit"}
"""Engines that pywebview falls back to and that cannot show the page."""

ABOUT = f"""\
digitapp {__version__}

Reads handwritten digits. Everything happens on this machine; no picture leaves it.
Under the MIT licence, with Qt and connected-components-3d under the LGPL."""

CRASHED = "digitapp had to stop: a fault of ours. What happened stands in the log, in {folder}."

NO_WEB_VIEW = "This system has no web view. On Windows, install Microsoft's WebView2 runtime."

PICTURES = f"Pictures ({';'.join(f'*{e}' for kind in formats.READ for e in kind.endings)})"


class Face:
    """What people see of the program: its window or, at `address`, its page in the browser.

    `address_once` gives an address for the browser's arguments, with no token in it.
    """

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.window: Window | None = None
        self.address = ""
        self.address_once: Callable[[], str] = str

    def take(self, files: Iterable[Path]) -> instance.Reply:
        """Let the page read a later start's files, and come to the front."""
        left_out = offer(files, self.inbox)
        if self.window is not None:
            come_forward(self.window)
        return instance.Reply(self.address, left_out, self.address_once())


def run(files: Iterable[Path], engine_name: str) -> int:
    """Show the page with `files` read, in a window or else in the browser, until it is closed.

    Where it is open already, that one reads them. Returns the exit status.

    Raises:
        Unavailable: the engine is not to be had, or the open one does not answer.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    files = [file.absolute() for file in files]
    with suppress(KeyboardInterrupt):
        first = claim(files)
        if isinstance(first, instance.Reply):
            revisit(first)
            return 0
        _run_logged(first, files, engine_name)
    return 0


def _run_logged(first: instance.First | None, files: list[Path], engine_name: str) -> None:
    """Where there is no terminal, a fault would end the program without a word."""
    log_dir = config.setting("log_dir")
    try:
        with first or nullcontext(), logs.start("window", log_dir):
            _run(first, files, engine_name)
    except DigitappError:
        raise
    except Exception:
        system.alert(CRASHED.format(folder=log_folder(log_dir)))
        raise


def _run(first: instance.First | None, files: list[Path], engine_name: str) -> None:
    face = Face(Inbox())
    if first is not None:
        first.listen(face.take)
    _tell(offer(files, face.inbox))
    token = config.new_token()
    server = Behind(face.inbox, token, engine_name)
    with ExitStack() as end:
        end.callback(server.stop)
        if first is not None:
            end.callback(first.close)  # before the server stops: who comes now opens a window
        open_page(server, sockets.address(server.url, token), face)


def claim(files: list[Path]) -> instance.First | instance.Reply | None:
    """Be the first or be answered by it; None where this machine cannot tell, and any may open.

    Raises:
        Unavailable: the first does not answer.
    """
    if sys.platform == "win32":  # only who has the keyboard can pass it on
        ctypes.windll.user32.AllowSetForegroundWindow(-1)
    try:
        return instance.claim(files)
    except OSError as error:
        _tell(f"Whether it is open already cannot be told: {error.strerror or error}.")
        return None


def revisit(reply: instance.Reply) -> None:
    """Tell what the first answered; where it has no window, open its page once more."""
    _tell(reply.word)
    if reply.address:
        print(f"digitapp is open already, at {reply.address}")
        system.browse(reply.once or reply.address)


def offer(files: Iterable[Path], inbox: Inbox) -> str:
    """Let the page read `files`; where the inbox does not hold all, returns the word on that."""
    try:
        for file in files:
            inbox.put_file(file)
    except Busy as error:
        return error.message
    return ""


def open_page(server: Behind, address: str, face: Face) -> None:
    """Show the page in a window, or where there is none in the browser; returns when it closes."""
    try:
        check()
        show(
            server.url,
            f"{address}{DESKTOP}",
            face,
            lambda window: server.start(partial(_close, window)),
        )
    except Unavailable as reason:
        server.wait()
        face.address_once = lambda: f"{server.address_once()}{DESKTOP}"
        face.window, face.address = None, f"{address}{DESKTOP}"
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
    origin: str,
    address: str,
    face: Face,
    opening: "Callable[[Window], None]" = lambda _: None,
) -> None:
    """Open the window on `address`, keep it at `origin`, and return when it is closed.

    `opening` is called when the window is about to show, while its engine is busy with itself.

    Raises:
        Unavailable: the system has no web view that shows the page.
    """
    if sys.platform == "linux":
        qt.quieten()
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # no Python runs in the system's own loop
    import webview

    webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False
    webview.settings["ALLOW_DOWNLOADS"] = sys.platform != "linux"  # there qt.prepare does it
    where = geometry.load(geometry.Place(*SIZE)).within(webview.screens)
    window: Window = webview.create_window(  # type: ignore[assignment]  # None only after start()
        TITLE,
        address,
        width=where.width,
        height=where.height,
        x=where.x,
        y=where.y,
        maximized=where.maximized,
        min_size=MIN_SIZE,
        background_color=DARK if system.is_dark() else LIGHT,
        text_select=True,
    )
    if sys.platform == "linux":
        window.events.before_show += partial(qt.prepare, window, origin, LIGHT, DARK)
    window.events.initialized += _is_fit
    window.events.before_show += partial(opening, window)
    where.follow(window)
    face.window = window
    webview.start(
        gui="qt" if sys.platform == "linux" else None,
        menu=menu(window, face.inbox),
        icon=str(ICON),
    )
    if sys.platform == "linux":
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


def menu(window: "Window", inbox: Inbox) -> "list[Menu]":
    """The window's menu; all but the file dialog is the page's to do."""
    from webview.menu import Menu, MenuAction, MenuSeparator

    def command(title: str, name: str) -> MenuAction:
        return MenuAction(title, partial(inbox.put_command, name))

    return [
        Menu(
            "File",
            [
                MenuAction("Open pictures...", partial(choose, window, inbox)),
                command("Export...", "export"),
                command("Share with my network...", "share"),
                MenuSeparator(),
                MenuAction("Quit", window.destroy),
            ],
        ),
        Menu(
            "Edit",
            [
                command("Undo", "undo"),
                command("Redo", "redo"),
                command("Clear", "clear"),
                MenuSeparator(),
                command("Copy the result", "copy"),
                command("Paste a picture", "paste"),
            ],
        ),
        Menu("View", [MenuAction("Full screen", window.toggle_fullscreen)]),
        Menu(
            "Help",
            [
                command("How it works", "help"),
                MenuAction("Logs", partial(show_logs, window)),
                MenuAction("About digitapp", partial(show_about, window)),
            ],
        ),
    ]


def choose(window: "Window", inbox: Inbox) -> None:
    """Let people choose pictures in the system's own dialog."""
    from webview import FileDialog

    chosen = window.create_file_dialog(
        FileDialog.OPEN, allow_multiple=True, file_types=(PICTURES, "All files (*.*)")
    )
    _tell(offer(map(Path, chosen or ()), inbox))


def show_logs(window: "Window") -> None:
    """Show the log's folder, or where it is."""
    folder = log_folder(config.setting("log_dir"))
    if not system.open_folder(folder):
        window.create_confirmation_dialog("Logs", f"The log lies in {folder}.")


def show_about(window: "Window") -> None:
    """Say which digitapp this is."""
    window.create_confirmation_dialog("About digitapp", ABOUT)


def browse(face: Face, reason: Unavailable) -> None:
    """Say why there is no window, open the page in the browser if there is one, and wait."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"No window: {reason}", file=sys.stderr)
    print(f"Open {face.address}  (Ctrl-C stops it)")
    system.browse(face.address_once())
    while True:
        time.sleep(3600)


def _tell(word: str) -> None:
    """Print a word for people, if there is one."""
    if word:
        print(f"digitapp: {word}", file=sys.stderr)


def _is_fit(renderer: str) -> bool:
    """Let pywebview go on with this engine or not."""
    return renderer not in OUTDATED
