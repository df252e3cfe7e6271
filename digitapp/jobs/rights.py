"""What a process that reads strangers' pictures may not do, by the system's own means.

A decoder with a hole would otherwise have all that the program's owner has. Windows has no such
limits in Python's library.
"""

import re
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MEMORY = 768 * 1024 * 1024
"""Bytes that it may take beyond what it has once it has loaded: the worst picture takes 300 MB."""

BUDGET_S = 10
"""Seconds of processor time for a picture. The worst takes 1.2 s, on a slow machine some 5 s."""

LONGEST_S = 86_400
"""The most that may be asked for in its place: a day. The system's timers do not count for ever."""

DESCRIPTORS = 32
"""Files that are open at the same time. It has six; libraries load some of their parts late."""

NO_NEW_PRIVILEGES = 38
"""PR_SET_NO_NEW_PRIVS of Linux' prctl(2): a program that it starts gets no more rights than it."""


KNOWN = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR"
    r"|(PYTHON|LD|DYLD|_PYI|OPENBLAS|OMP)\w+",
    re.IGNORECASE,
)
"""Variables that a reader's Python, its libraries or a built program's start need."""

SECRET = re.compile("KEYS?(_|$)|TOKEN|SECRET|PASS|CREDENTIAL|_URL$|^DIGITAPP_", re.IGNORECASE)
"""What stands in names of variables that tell a secret; all settings count for such."""


def environment(owner: Mapping[str, str]) -> dict[str, str]:
    """What a reader gets of its owner's environment: no setting, and no key to a store."""
    return {name: text for name, text in owner.items() if KNOWN.fullmatch(name)}


def is_harmless(owner: Mapping[str, str]) -> bool:
    """Whether an environment seems to hold no secret, so that a copy of it does no harm."""
    return not any(map(SECRET.search, owner))


def give_up() -> None:
    """Give up for good what reading a picture does not need.

    No more memory than MEMORY, no more open files than DESCRIPTORS, no new process, no byte into a
    file, no core dump. What the system does not know is left as it is.
    """
    if sys.platform == "win32":
        return
    import resource

    _refuse_privileges()
    for limit, most in (
        (resource.RLIMIT_AS, _address_space() + MEMORY),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # macOS has no limit of the first kind
            resource.setrlimit(limit, (most, most))


def end_after(seconds: float) -> None:
    """Have the system kill this process after so much processor time; 0 cancels it."""
    if sys.platform != "win32":  # which has no such timer
        signal.setitimer(signal.ITIMER_PROF, seconds)


def is_over_budget(status: int) -> bool:
    """Whether a process that ended with that status had used up its time."""
    return sys.platform != "win32" and status == -signal.SIGPROF


def _refuse_privileges() -> None:
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _address_space() -> int:
    """Bytes of addresses that this process has, as far as the system tells."""
    import resource

    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * resource.getpagesize()
    return 1 << 36  # macOS reserves far more addresses than memory
