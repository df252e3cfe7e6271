"""The web view on Linux, Qt WebEngine: whether it can run here, and how it behaves.

If a display, a library or a sandbox is missing, Qt ends the whole process without an exception. So
all of them are checked before.
"""

import ctypes
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitapp.errors import Unavailable
from digitapp.paths import IS_FROZEN

if TYPE_CHECKING:
    from webview import Window

INSTALL = "The window's engine is missing: python -m pip install PySide6-WebEngine QtPy."
HEADLESS = "This digitapp was built without its window."
NO_DISPLAY = "There is no display here."
ROOT = "The window does not open for root: start digitapp as an ordinary user."
LIBRARY = (  # with all packages that Qt WebEngine needs on a Debian of debootstrap's smallest kind
    "The window needs {name}. On Debian and Ubuntu: sudo apt install libasound2 libdbus-1-3 "
    "libegl1 libfontconfig1 libgl1 libglib2.0-0 libnss3 libwayland-cursor0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcomposite1 "
    "libxdamage1 libxkbcommon-x11-0 libxkbfile1 libxrandr2 libxtst6."
)

WINDOW_KEYS = {"Open pictures...": "Ctrl+O", "Full screen": "F11", "Quit": "Ctrl+Q"}
"""Menu keys that the window handles."""

PAGE_KEYS = {
    "Export...": "Ctrl+S",
    "Undo": "Ctrl+Z",
    "Redo": "Ctrl+Shift+Z",
    "Clear": "Del",
    "Copy the result": "Ctrl+C",
    "Paste a picture": "Ctrl+V",
}
"""Menu keys that the page handles: it knows whether a text is selected."""


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this session of Linux has a display."""
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def check(environment: Mapping[str, str] = os.environ) -> None:
    """Find out whether a window can be shown.

    Raises:
        Unavailable: it cannot; the sentence says why and what to do.
    """
    if not has_display(environment):
        raise Unavailable(NO_DISPLAY)
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    has_sandbox = "--no-sandbox" not in flags and "QTWEBENGINE_DISABLE_SANDBOX" not in environment
    if os.geteuid() == 0 and has_sandbox:  # Chromium refuses root with its sandbox
        raise Unavailable(ROOT)
    try:
        _check_qt()
        import qtpy  # noqa: F401
        import webview  # noqa: F401

        if not (environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM")):
            _check_x11()
    except ModuleNotFoundError:
        raise Unavailable(HEADLESS if IS_FROZEN else INSTALL) from None
    except (ImportError, OSError) as error:  # a system library of an installed package is missing
        name = str(error).partition(":")[0]
        raise Unavailable(LIBRARY.format(name=name)) from None


def quieten() -> None:
    """Keep Qt's and Chromium's messages on drivers off the terminal, unless people ask for them."""
    os.environ.setdefault("QT_API", "pyside6")
    os.environ["PYWEBVIEW_GUI"] = "qt"  # GTK, which it would try first, cannot take dropped files
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if "--log-level" not in flags:
        os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} --log-level=3".strip()


def prepare(window: "Window", origin: str, light: str, dark: str) -> None:
    """Set the window up, in Qt's thread and before it shows.

    It stays at `origin`, opens in the theme's background, lets the page use the clipboard, saves
    what the page exports, and closes on Ctrl-C and SIGTERM.
    """
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtGui import QColor, QGuiApplication
    from PySide6.QtWebEngineCore import QWebEngineSettings

    is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    native: Any = window.native
    page = native.webview.page()
    page.setBackgroundColor(QColor(dark if is_dark else light))
    for name in ("JavascriptCanAccessClipboard", "JavascriptCanPaste"):
        page.settings().setAttribute(getattr(QWebEngineSettings.WebAttribute, name), True)
    page.navigationRequested.connect(lambda request: _stay(request, origin))
    page.nav_handler = None  # pywebview's handler for new windows: there are none
    page.profile().downloadRequested.connect(lambda download: _save(native, download))
    QTimer.singleShot(0, native, lambda: _show_keys(native))  # the menus come after this
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.destroy())


def alert(text: str) -> None:
    """Show a text in a dialog, if windows can be shown."""
    with suppress(Unavailable):
        check()
        quieten()
        from PySide6.QtWidgets import QApplication, QMessageBox

        app = QApplication.instance() or QApplication([])
        QMessageBox.critical(None, "digitapp", text)
        del app


def release(window: "Window") -> None:
    """End pywebview's thread that waits for the page's answer: after closing none comes."""
    for waiting in list(getattr(window.native, "_js_results", {}).values()):
        waiting["semaphore"].release()


def come_forward(window: "Window") -> None:
    """Bring the window to the front in its former size. Safe in any thread."""
    from PySide6.QtCore import Qt, QTimer

    native: Any = window.native

    def rise() -> None:
        native.setWindowState(native.windowState() & ~Qt.WindowState.WindowMinimized)
        native.raise_()
        native.activateWindow()

    with suppress(RuntimeError):  # it has just been closed
        QTimer.singleShot(0, native, rise)


def _stay(request: Any, origin: str) -> None:
    """Refuse every navigation to another address. The page's own files may be saved."""
    if not request.url().toString().startswith((origin, f"blob:{origin}")):
        request.reject()


def _save(native: Any, download: Any) -> None:
    """Let people choose where a file of the page goes."""
    from PySide6.QtWidgets import QFileDialog

    chosen, _ = QFileDialog.getSaveFileName(native, "Export", download.suggestedFileName())
    if chosen:
        download.setDownloadDirectory(str(Path(chosen).parent))
        download.setDownloadFileName(Path(chosen).name)
        download.accept()
    else:
        download.cancel()


def _show_keys(native: Any) -> None:
    """Show the keys beside the menus' items, and bind those that the window handles."""
    for menu in native.menuBar().actions():
        for action in menu.menu().actions():
            if action.text() in WINDOW_KEYS:
                action.setShortcut(WINDOW_KEYS[action.text()])
            elif action.text() in PAGE_KEYS:
                action.setText(f"{action.text()}\t{PAGE_KEYS[action.text()]}")


def _check_qt() -> None:
    """Load Qt itself. ImportError names a library: QtPy's says only that it found no Qt."""
    from PySide6 import QtWebEngineWidgets  # noqa: F401


def _check_x11() -> None:
    """Try Qt's X11 plugin and the display: Qt aborts without either. OSError names a library."""
    from PySide6.QtCore import QLibraryInfo

    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    ctypes.CDLL(str(plugins / "platforms" / "libqxcb.so"))
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise Unavailable(NO_DISPLAY)
