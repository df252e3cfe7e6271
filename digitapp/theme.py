"""Whether the system shows its windows dark, asked before there is a window.

On Linux the window's engine knows (see `qt.prepare`); nothing here then.
"""

import plistlib
import sys
from pathlib import Path


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
