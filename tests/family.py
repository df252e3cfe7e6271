"""A process and those that it started, as Linux accounts for them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def members(pid: int) -> Iterator[int]:
    """The process and all that it started and that still run."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # that thread has ended
            for child in children.read_text().split():
                yield from members(int(child))


def runs(pid: int) -> bool:
    """Whether the process, or a thread of it that has outlived its first one, is still there."""
    try:
        others = len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
        return others or ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def held(pid: int) -> float:
    """What they hold in memory now, in MB; what several share is counted once (smaps' Pss)."""
    return sum(_megabytes(f"/proc/{each}/smaps_rollup", "Pss") for each in members(pid))


def most_held(pid: int) -> float:
    """The sum of what each held at its most, in MB; what several share counts for each."""
    return sum(_megabytes(f"/proc/{each}/status", "VmHWM") for each in members(pid))


def descriptors(pid: int) -> int:
    """How many files they have open together."""
    return sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in members(pid))


def threads(pid: int) -> int:
    """How many threads they have together."""
    return sum(len(list(Path(f"/proc/{each}/task").iterdir())) for each in members(pid))


def _megabytes(account: str, field: str) -> float:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(account).read_text(), re.MULTILINE)
    assert found, account
    return int(found[1]) * 1024 / 1e6
