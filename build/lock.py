"""Writes `build/locks/`: which packages a build takes, exactly: `python build/lock.py`.

For each system there is a file of names, versions and SHA-256 hashes: what `.[build]` needs on
Python 3.11. `server.txt` has of Linux's what the program itself needs, without the window: the
container is made of that. It takes uv (`python -m pip install uv`) and the network. What is locked
stays as it is while `setup.cfg` allows it; with `--upgrade` the newest versions are taken.
"""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "build" / "locks"

SYSTEMS = {
    "linux": "x86_64-manylinux_2_34",
    "macos": "aarch64-apple-darwin",
    "windows": "x86_64-pc-windows-msvc",
}
"""The files, and what uv calls the machines of `.github/workflows/build.yml`."""

FIRST = "setuptools"
"""A file more, the same for all systems: what makes wheels, and so is installed before the rest."""

SERVER = "server"
"""Another file: the program without window and build tools, in the versions of `linux.txt`."""

UNFIT = ["backports.strenum<1.3"]
"""A bound that `setup.cfg` lacks: 1.3 is for Pythons before 3.11, and uv does not heed that."""

COMMAND = [
    *(sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", "--no-config"),
    *("--python-version", "3.11", "--generate-hashes"),
    # nothing of the machine that this runs on: no address, no path, no date
    *("--no-header", "--no-annotate", "--no-emit-index-url"),
]


def main(argv: Sequence[str] | None = None) -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Writes which packages a build takes, exactly.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    more = ["--upgrade"] * parser.parse_args(argv).upgrade
    LOCKS.mkdir(exist_ok=True)
    write(FIRST, tools(), more)
    for system, machine in SYSTEMS.items():
        write(system, [*tools(), *needed(), *UNFIT], [*more, "--python-platform", machine])
    versions = ["--constraint", str(LOCKS / "linux.txt"), "--python-platform", SYSTEMS["linux"]]
    write(SERVER, base(), versions)


def tools() -> list[str]:
    """What makes a wheel of the sources, as pyproject.toml asks for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["build-system"]["requires"])


def base() -> list[str]:
    """What the program itself asks for, as setup.cfg has it."""
    return _lines("options", "install_requires")


def needed() -> list[str]:
    """What `.[build]` asks for, as setup.cfg has it."""
    return [*base(), *_lines("options.extras_require", "build")]


def _lines(section: str, name: str) -> list[str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return [line for line in config[section][name].splitlines() if line]


def write(name: str, requirements: Sequence[str], options: Sequence[str]) -> None:
    """Write one file.

    Raises:
        subprocess.CalledProcessError: no versions fit, or uv is not there; it says so itself.
    """
    path = LOCKS / f"{name}.txt"
    command = [*COMMAND, *options, "--output-file", str(path)]
    subprocess.run(command, input="\n".join(requirements), text=True, check=True, stdout=sys.stderr)
    print(f"{path.relative_to(ROOT)}: {path.read_text(encoding='utf-8').count('==')} packages")


if __name__ == "__main__":
    main()
