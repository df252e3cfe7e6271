"""What the operating system does for the window: open a page or a folder, show a message."""

import ctypes
import os
import plistlib
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digitapp.paths import IS_FROZEN

PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Where PyInstaller's loader lets programs search for libraries: it keeps the old one as *_ORIG."""

ERROR_ICON = 0x10
"""Of Windows' message boxes."""


def browse(address: str) -> None:
    """Open an address in the browser, if there is one."""
    if has_display():
        with for_others():
            webbrowser.open(address)


def has_display() -> bool:
    """Without a display only a browser in the terminal would open, and take the terminal over."""
    return sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def open_folder(folder: Path) -> bool:
    """Show a folder in the system's file manager; returns whether there is one."""
    if sys.platform == "win32":
        os.startfile(folder)  # noqa: S606
        return True
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None or not folder.is_dir():
        return False
    with for_others():
        subprocess.Popen([opener, folder], start_new_session=True)  # noqa: S603
    return True


def tell(message: str) -> None:
    """Print a message for people, if there is one."""
    if message:
        print(f"digitapp: {message}", file=sys.stderr)


def alert(text: str) -> None:
    """Tell people in a dialog, where one can be shown, and on the standard error."""
    print(text, file=sys.stderr)
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, "digitapp", ERROR_ICON)
    elif sys.platform == "darwin":
        # The text is an argument of the script, not a part of it.
        script = 'on run {said}\ndisplay alert "digitapp" message said as critical\nend run'
        subprocess.run(["/usr/bin/osascript", "-e", script, text], check=False)  # noqa: S603
    else:
        from digitapp.desktop import qt

        qt.alert(text)


def is_dark() -> bool:
    """Whether people chose the dark theme; False where the system does not say."""
    try:
        if sys.platform == "win32":
            return _is_windows_dark()
        return sys.platform == "darwin" and _is_macos_dark()
    except (OSError, ValueError):
        return False


def _is_windows_dark() -> bool:
    import winreg

    path = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:  # type: ignore[attr-defined]
        value = winreg.QueryValueEx(key, "AppsUseLightTheme")[0]  # type: ignore[attr-defined]
    return bool(value == 0)


def _is_macos_dark() -> bool:
    preferences = Path.home() / "Library/Preferences/.GlobalPreferences.plist"
    style = plistlib.loads(preferences.read_bytes()).get("AppleInterfaceStyle")
    return bool(style == "Dark")


@contextmanager
def for_others() -> Iterator[None]:
    """The environment as it was before, for a program of the system that starts in the block.

    With ours it would load our libraries in place of its own, and might not start.
    """
    before = {name: os.environ.get(name) for name in PATHS}
    if IS_FROZEN:
        for name in PATHS:
            _set(name, os.environ.get(f"{name}_ORIG"))
    try:
        yield
    finally:
        for name, text in before.items():
            _set(name, text)


def _set(name: str, text: str | None) -> None:
    if text is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = text
