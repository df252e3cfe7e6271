"""Where things lie: the program's assets, and the user's folders for what it keeps."""

import errno
import os
import stat
import sys
import warnings
from contextlib import suppress
from pathlib import Path

IS_FROZEN = bool(getattr(sys, "frozen", False))
"""Whether this is the built program, which brings its own Python and libraries."""

PACKAGE = Path(__file__).resolve().parent
"""The folder of the package `digitapp`."""


def asset(name: str) -> Path:
    """Find an asset: in the installed package, else in the checkout, else in the built program.

    Raises:
        FileNotFoundError: none of them has it; the message lists the places.
    """
    places = [PACKAGE / "assets", PACKAGE.parent / "assets"]
    if unpacked := getattr(sys, "_MEIPASS", None):
        places.append(Path(unpacked) / "digitapp" / "assets")
    for place in places:
        if (place / name).is_file():
            return place / name
    raise FileNotFoundError(f"{name} is in none of {', '.join(map(str, places))}; install again.")


STREAM = "-"
"""What stands for a log folder where the log goes to the standard error."""


def log_folder(chosen: str = "") -> Path:
    """The folder of the logs: `chosen`, or the user's own if that is empty or no folder (`-`)."""
    from platformdirs import user_log_path

    return (
        Path(chosen) if chosen not in {"", STREAM} else user_log_path("digitapp", appauthor=False)
    )


def state_folder() -> Path:
    """The user's folder for what the program remembers from one start to the next."""
    from platformdirs import user_state_path

    return user_state_path("digitapp", appauthor=False)


def private_folder() -> Path:
    """A folder that nobody but the user can look into; it is made if there is none.

    Raises:
        OSError: there is no such folder and none can be made.
    """
    from platformdirs import user_runtime_path, user_state_path

    for find in (user_runtime_path, user_state_path):
        with suppress(OSError), warnings.catch_warnings(action="ignore"):
            folder = find("digitapp", appauthor=False)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_private(folder):
                return folder
    raise PermissionError(errno.EACCES, "no folder belongs to this user alone")


def _is_private(folder: Path) -> bool:
    """Tell whether the folder is the user's own, and if it is, close it to all others."""
    if sys.platform == "win32":
        return True  # it lies in the user's profile
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
        return False
    folder.chmod(0o700)
    return all(_cannot_be_exchanged(parent) for parent in folder.resolve().parents)


def _cannot_be_exchanged(parent: Path) -> bool:
    """Whether nobody but the user and the system can put another folder in a parent's place.

    In a folder that all may write, such as /tmp, that is so if each may remove only what is theirs.
    """
    about = parent.stat()
    others = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return about.st_uid in {0, os.geteuid()} and (not others or bool(about.st_mode & stat.S_ISVTX))
