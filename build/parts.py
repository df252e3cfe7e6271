"""What a build is made of, as the spec found it: written down for the notices and the bill."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

FILE = "parts.json"


@dataclass(frozen=True)
class Parts:
    """The names of Python modules, and the paths of the system's libraries.

    `libraries` are inside the program, `outside` is what it needs of the system besides.
    `binaries` are all binary files inside: where each lies in the program, and where it came from.
    """

    modules: list[str]
    libraries: list[str]
    outside: list[str]
    binaries: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, work: Path) -> "Parts":
        """What `write` wrote."""
        return cls(**json.loads((work / FILE).read_text(encoding="utf-8")))

    def write(self, work: Path) -> None:
        """Keep it in PyInstaller's work folder."""
        (work / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    def distributions(self) -> list[importlib.metadata.Distribution]:
        """The installed packages that the modules come from, by name."""
        owners = importlib.metadata.packages_distributions()
        names = {name for module in self.modules for name in owners.get(module, ())}
        found = {name: importlib.metadata.distribution(name) for name in names - {"digitapp"}}
        return [found[name] for name in sorted(found, key=str.lower)]

    def packages(self) -> dict[str, str]:
        """The system's packages that the libraries inside come from, with their versions."""
        return packages(self.libraries)


def packages(paths: Iterable[str]) -> dict[str, str]:
    """Debian's packages that own files, with their versions; none on other systems."""
    owners = filter(None, map(_owner, paths))
    return dict(sorted({name: _version(name) for name in owners}.items()))


def top_names(modules: Iterable[str]) -> list[str]:
    """The packages that modules are in."""
    return sorted({name.partition(".")[0] for name in modules})


@cache
def _owner(path: str) -> str:
    """A file's package. Debian writes `/lib` as it is and as the `/usr/lib` that it leads to."""
    if sys.platform != "linux":
        return ""
    real = Path(path).resolve()
    for place in (path, str(real), str(real).removeprefix("/usr"), path.removeprefix("/usr")):
        said = _ask("-S", place)
        if said:
            return said.splitlines()[0].partition(":")[0]
    return ""


@cache
def _version(package: str) -> str:
    return _ask("-W", "-f", "${Version}", package)


def _ask(*question: str) -> str:
    try:
        done = subprocess.run(
            ["dpkg-query", *question], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
