"""What the system does for the window: open a page or a folder, tell people of a crash."""

import ctypes
import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

from digitapp import frozen

ERROR_ICON = 0x10
"""Of Windows' message boxes."""


def browse(address: str) -> None:
    """Open an address in the browser, if there is one."""
    if has_display():
        with frozen.for_others():
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
    with frozen.for_others():
        subprocess.Popen([opener, folder], start_new_session=True)  # noqa: S603
    return True


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
        from digitapp import qt

        qt.alert(text)
