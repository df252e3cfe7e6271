"""What the operating system does for the window: open pages and folders, show messages, themes."""

import ctypes
import os
import plistlib
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digitapp.desktop import qt
from digitapp.paths import IS_FROZEN

PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Set by PyInstaller's loader, so that libraries are found. It keeps the old values as *_ORIG."""


def browse(find: Callable[[], str]) -> None:
    """Open an address in the browser, if there is a display: a text browser takes the terminal.

    `find` tells the address. Nothing is opened for an empty one.
    """
    if (sys.platform != "linux" or qt.has_display()) and (address := find()):
        with for_others():
            webbrowser.open(address)


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
    """Show a text in a dialog, if one can be shown, and on the standard error."""
    print(text, file=sys.stderr)
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, "digitapp", 0x10)  # with an error's icon
    elif sys.platform == "darwin":
        # The text is an argument, so nothing in it is run as a script.
        script = 'on run {said}\ndisplay alert "digitapp" message said as critical\nend run'
        subprocess.run(["/usr/bin/osascript", "-e", script, text], check=False)  # noqa: S603
    else:
        qt.alert(text)


def is_dark() -> bool:
    """Whether the system's theme is dark; False where it does not say."""
    with suppress(OSError, ValueError):
        if sys.platform == "win32":
            import winreg

            path = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                return bool(winreg.QueryValueEx(key, "AppsUseLightTheme")[0] == 0)
        if sys.platform == "darwin":
            preferences = Path.home() / "Library/Preferences/.GlobalPreferences.plist"
            style = plistlib.loads(preferences.read_bytes()).get("AppleInterfaceStyle")
            return bool(style == "Dark")
    return False


@contextmanager
def for_others() -> Iterator[None]:
    """Restore the environment's original paths, for a system program that is started in the block.

    With the frozen program's paths it would load our libraries instead of its own.
    """
    ours = {name: os.environ.pop(name) for name in PATHS if IS_FROZEN and name in os.environ}
    theirs = {name: os.environ[f"{name}_ORIG"] for name in ours if f"{name}_ORIG" in os.environ}
    os.environ.update(theirs)
    try:
        yield
    finally:
        os.environ.update(ours)
