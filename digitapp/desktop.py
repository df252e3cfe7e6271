"""The desktop window: a browser over the server of its own process, and little else.

The page talks HTTP to the server, in the window as in a browser. What Python has to tell the page
(files given as arguments, the menu's commands) goes through the inbox, which the page asks.
"""

import os
import secrets
import signal
import sys
import time
import webbrowser
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import digitapp.web
from digitapp import config, engine, qt, theme
from digitapp.errors import Busy, Unavailable
from digitapp.web import create_app, serving
from digitapp.web.inbox import Inbox

if TYPE_CHECKING:
    from webview import Window
    from webview.menu import Menu

TITLE = "digitapp"

SIZE = (1100, 740)
"""The window's width and height at first, in pixels of the page."""

MIN_SIZE = (360, 520)
"""The smallest that the window can be made, in the same pixels."""

LIGHT, DARK = "#f3f1ec", "#15181b"
"""The page's ground in both themes: what the window shows before the page is there."""

ICON = Path(digitapp.web.__file__).with_name("static") / "icon.svg"

OUTDATED = {"mshtml", "qtwebkit"}
"""Engines that pywebview falls back to and that cannot show the page."""

NO_WEB_VIEW = "This system has no web view. On Windows, install Microsoft's WebView2 runtime."

PICTURES = "Pictures (*.png;*.jpg;*.jpeg;*.gif;*.bmp;*.webp)"


def run(files: Iterable[Path], engine_name: str) -> int:
    """Show the page with `files` read, in a window or else in the browser, until it is closed.

    Returns the exit status.

    Raises:
        Unavailable: the engine is not to be had.
    """
    inbox = Inbox()
    offer(files, inbox)
    token = secrets.token_urlsafe(24)
    server = _server(inbox, token, engine_name)
    server.start()
    try:
        open_page(server.url, f"{server.address(token)}&desktop=1", inbox)
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
    return 0


def offer(files: Iterable[Path], inbox: Inbox) -> None:
    """Let the page read `files`; of more than the inbox holds, the rest is left out with a word."""
    try:
        for file in files:
            inbox.put_file(file)
    except Busy as error:
        print(f"digitapp: {error}", file=sys.stderr)


def open_page(origin: str, address: str, inbox: Inbox) -> None:
    """Show the page in a window, or where there is none in the browser; returns when it closes."""
    try:
        check()
        show(origin, address, inbox)
    except Unavailable as reason:
        browse(address, reason)


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


def show(origin: str, address: str, inbox: Inbox) -> None:
    """Open the window on `address`, keep it at `origin`, and return when it is closed.

    Raises:
        Unavailable: the system has no web view that shows the page.
    """
    if sys.platform == "linux":
        qt.quieten()
    import webview

    webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False
    window: Window = webview.create_window(  # type: ignore[assignment]  # None only after start()
        TITLE,
        address,
        width=SIZE[0],
        height=SIZE[1],
        min_size=MIN_SIZE,
        background_color=DARK if theme.is_dark() else LIGHT,
        text_select=True,
    )
    if sys.platform == "linux":
        window.events.before_show += partial(qt.prepare, window, origin, LIGHT, DARK)
    window.events.initialized += _is_fit
    webview.start(
        gui="qt" if sys.platform == "linux" else None,
        menu=menu(window, inbox),
        icon=str(ICON),
    )
    if not window.events.shown.is_set():
        raise Unavailable(NO_WEB_VIEW)


def menu(window: "Window", inbox: Inbox) -> "list[Menu]":
    """The window's menu; all but the file dialog is the page's to do."""
    from webview.menu import Menu, MenuAction, MenuSeparator

    def command(title: str, name: str) -> MenuAction:
        return MenuAction(title, partial(inbox.put_command, name))

    return [
        Menu("File", [MenuAction("Open pictures...", partial(choose, window, inbox))]),
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
    ]


def choose(window: "Window", inbox: Inbox) -> None:
    """Let people choose pictures in the system's own dialog."""
    from webview import FileDialog

    chosen = window.create_file_dialog(
        FileDialog.OPEN, allow_multiple=True, file_types=(PICTURES, "All files (*.*)")
    )
    offer(map(Path, chosen or ()), inbox)


def browse(address: str, reason: Unavailable) -> None:
    """Say why there is no window, open the page in the browser if there is one, and wait."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"No window: {reason}", file=sys.stderr)
    print(f"Open {address}  (Ctrl-C stops it)")
    if _has_browser():
        webbrowser.open(address)
    while True:
        time.sleep(3600)


def _is_fit(renderer: str) -> bool:
    """Let pywebview go on with this engine or not."""
    return renderer not in OUTDATED


def _has_browser() -> bool:
    """Without a display only a browser in the terminal would open, and take the terminal over."""
    return sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _server(inbox: Inbox, token: str, engine_name: str) -> serving.Server:
    sock = serving.bind("127.0.0.1", 0)
    model = engine.load(engine_name, config.setting("slots"), config.setting("wait_s"))
    return serving.Server(
        create_app(model, token=token, inbox=inbox), sock, config.setting("threads")
    )
