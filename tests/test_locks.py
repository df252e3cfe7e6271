"""The locks of a build: names, versions and hashes alone, and all that `setup.cfg` asks for."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "build" / "locks"

MAKER = runpy.run_path(str(ROOT / "build" / "lock.py"))
SYSTEMS = {"linux": "linux", "macos": "darwin", "windows": "win32"}
"""The locks, by what Python calls the systems that they are for."""

FIRST_LINE = re.compile(r"([a-z0-9][a-z0-9-]*)==([0-9][0-9a-z.+!]*)(?: ; [^/@]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def lines(name: str) -> list[str]:
    return (LOCKS / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def locked(name: str) -> dict[str, str]:
    """The versions of a lock."""
    found = [FIRST_LINE.fullmatch(line) for line in lines(name)]
    return {match[1]: match[2] for match in found if match}


def wanted(system: str) -> list[Requirement]:
    """What a build asks for on a system."""
    asked: list[Callable[[], list[str]]] = [MAKER["tools"], MAKER["needed"]]
    everything = [Requirement(line) for each in asked for line in each()]
    around: dict[str, Any] = {"sys_platform": SYSTEMS[system], "python_version": "3.11"}
    return [one for one in everything if not one.marker or one.marker.evaluate(around)]


def test_there_is_a_lock_for_each_system() -> None:
    assert {path.stem for path in LOCKS.iterdir()} == {*SYSTEMS, MAKER["FIRST"], MAKER["SERVER"]}
    assert MAKER["SYSTEMS"].keys() == SYSTEMS.keys()


@pytest.mark.parametrize("name", [*SYSTEMS, MAKER["FIRST"], MAKER["SERVER"]])
def test_a_lock_holds_names_versions_and_hashes_alone(name: str) -> None:
    goes_on = False
    for line in lines(name):
        match = HASH.fullmatch(line) if goes_on else FIRST_LINE.fullmatch(line)
        assert match, line
        goes_on = line.endswith(" \\")
    assert not goes_on


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_lock_holds_all_that_a_build_asks_for(system: str) -> None:
    versions = locked(system)
    assert len(versions) == len([line for line in lines(system) if "==" in line])
    for asked in wanted(system):
        version = versions.get(canonicalize_name(asked.name))
        assert version, asked.name
        assert Version(version) in asked.specifier, asked


def test_the_server_s_lock_is_a_part_of_linux_s() -> None:
    """After a change of `setup.cfg`, run `python build/lock.py`."""
    server, linux = ("".join(f"{line}\n" for line in lines(n)) for n in (MAKER["SERVER"], "linux"))
    blocks = re.split(r"\n(?! )", server.rstrip())
    assert len(blocks) == len(locked(MAKER["SERVER"]))
    assert all(f"{block}\n" in linux for block in blocks)
    asked = {canonicalize_name(Requirement(line).name) for line in MAKER["base"]()}
    assert asked <= locked(MAKER["SERVER"]).keys()
    assert not {"pyside6-webengine", "pyinstaller"} & locked(MAKER["SERVER"]).keys()


def test_the_window_s_packages_are_locked_where_they_are_used() -> None:
    assert "pyside6-webengine" in locked("linux")
    assert "pythonnet" in locked("windows")
    assert "pyobjc-core" in locked("macos")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_tools_are_of_one_version(system: str) -> None:
    assert locked(MAKER["FIRST"]).items() <= locked(system).items()


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        (".github/workflows/build.yml", "build/locks/${{ matrix.lock }}.txt"),
        (".ci/run", "build/locks/linux.txt"),
        ("build/container/Containerfile", "build/locks/server.txt"),
    ],
)
def test_the_locks_are_what_is_installed(source: str, uses: str) -> None:
    path = ROOT / source
    if not path.exists():
        pytest.skip("this is no clone of the repository")
    assert uses in path.read_text(encoding="utf-8")


def test_everything_that_builds_is_locked_for_the_python_that_builds() -> None:
    path = ROOT / ".github" / "workflows" / "build.yml"
    if not path.exists():
        pytest.skip("this is no clone of the repository")
    [version] = set(re.findall(r'python-version: "(.+)"', path.read_text(encoding="utf-8")))
    assert version in MAKER["COMMAND"]
