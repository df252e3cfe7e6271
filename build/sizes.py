"""What takes the room in a built program."""

from collections import Counter
from pathlib import Path

SHOWN = 12
"""Rows of the table; what is smaller is one row together."""


def show(folder: Path) -> None:
    """Print the table, the largest part first, in millions of bytes."""
    parts = taken(folder)
    *rows, rest = [*parts.most_common(SHOWN), ("all else", sum(parts.values()))]
    rest = (rest[0], rest[1] - sum(size for _, size in rows))
    print(f"\n{folder}: {parts.total() / 1e6:.1f} MB")
    for name, size in [*rows, rest]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(flush=True)


def taken(folder: Path) -> Counter[str]:
    """The bytes of each part; links take none."""
    parts: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts[part(path.relative_to(folder))] += path.stat().st_size
    return parts


def part(path: Path) -> str:
    """The name of a file's part: a package, Qt's large libraries each, or Python itself."""
    names = path.parts[1:] if path.parts[0] in {"_internal", "Contents"} else path.parts
    if "WebEngineCore" in path.name or "icudata" in path.name:
        return path.name
    if names[0] == "PySide6":
        return "the rest of Qt and PySide6"
    if len(names) == 1:
        return "the system's libraries" if path.name.startswith("lib") else "the program's code"
    return names[0].removesuffix(".libs")
