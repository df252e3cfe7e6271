"""The house's order: who may import whom, and what must not be loaded before it is needed."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitapp.recognition import pipeline

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "digitapp"

ORDER: list[set[str]] = [
    {"errors", "config", "marks", "frozen"},
    {"imaging", "ground", "segment", "normalize", "verdict", "store", "files", "depict", "cuts"},
    {"engine", "strip"},
    {"logs", "instance", "sequence"},
    {"reading"},
    {"neighbours", "parting"},
    {"search"},
    {"pipeline"},
    {"web", "album"},
    {"qt", "theme", "place"},
    {"outside"},
    {"behind"},
    {"desktop"},
    {"arguments", "selftest"},
    {"cli"},
    {"__main__"},
]
"""Lowest first. A part imports parts below it, and none of its own row."""

HEAVY = {"tensorflow", "keras", "scipy", "cv2", "matplotlib", "PySide6", "qtpy", "webview"}
"""What reading a picture and serving must never load: seconds and hundreds of megabytes."""

USED = {"flask", "waitress", "numpy", "PIL", "ai_edge_litert", "cc3d"}
"""What the commands load themselves, once they are needed."""

SOURCES = sorted(PROGRAM.rglob("*.py"))


def part(path: Path) -> str:
    """The part of the program that a file belongs to: its module or package below `digitapp`."""
    first = path.relative_to(PROGRAM).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules and names that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def row(name: str) -> int:
    return next(index for index, names in enumerate(ORDER) if name in names)


def modules_after(statement: str, names: set[str]) -> set[str]:
    """Which of `names` a fresh Python has loaded after a statement."""
    script = f"{statement}; import json, sys; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(result.stdout)}
    return loaded & names


def test_every_part_has_its_place() -> None:
    parts = {part(path) for path in SOURCES} - {"__init__"}
    assert parts <= set.union(*ORDER)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROGRAM)))
def test_imports_point_one_way(path: Path) -> None:
    own = part(path)
    for name in imported(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top != "digitapp" or other in {"", "__version__", own}:
            continue
        assert row(other) < row(own), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROGRAM)))
def test_the_program_stands_alone(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path)} & {"train", "tests", "build"}


def test_the_command_line_starts_with_the_standard_library_alone() -> None:
    assert modules_after("import digitapp.cli", HEAVY | USED) == set()


@pytest.mark.parametrize("module", ["pipeline", "web", "web.serving", "desktop"])
def test_nothing_heavy_is_loaded_on_the_way(module: str) -> None:
    assert modules_after(f"import digitapp.{module}", HEAVY) == set()


def test_the_page_is_served_without_what_reads_pictures() -> None:
    reading = {"numpy", "PIL", "cc3d", "ai_edge_litert"}
    assert modules_after("import digitapp.web.app, digitapp.web.serving", reading) == set()


def test_the_window_opens_before_flask_is_loaded() -> None:
    assert modules_after("import digitapp.desktop", USED) == set()


def test_the_engine_loads_nothing_heavy() -> None:
    assert modules_after("from digitapp.engine import load; load('litert')", HEAVY) == set()


def test_the_one_way_is_short() -> None:
    tree = ast.parse(Path(pipeline.__file__).read_text(encoding="utf-8"))
    [function] = [node for node in tree.body if getattr(node, "name", "") == "stages"]
    assert isinstance(function, ast.FunctionDef)
    assert function.end_lineno is not None
    assert function.end_lineno - function.lineno + 1 <= 25
