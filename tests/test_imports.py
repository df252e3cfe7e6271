"""The order of the modules: who may import whom, how large they are, and what is loaded late."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "digitapp"

ORDER = """
    formats errors config paths files refusals log_files logs metrics
    engine engine.doubling engine.released engine.litert engine.keras
    vision.types vision.structure vision.decode vision.levels vision.background vision.ruling
    vision.segment vision.ink vision.components vision.layout vision.numbers vision.context
    vision.normalize
    recognition.symbols recognition.answer recognition.classify recognition.signs recognition.ctc
    recognition.split recognition.lattice recognition.assemble recognition.again
    recognition.pipeline recognition.visualize
    jobs.wire jobs.reader jobs.later jobs.rights jobs.child jobs.fork jobs.process jobs.pool
    jobs.batch jobs.sources jobs.python jobs.lines jobs.watch
    cluster.places cluster.items cluster.shards cluster.worker cluster.local cluster.on_ray
    cluster.job
    web.forwarded web.http.sockets web.http.replies web.http.parsing web.http.slow
    web.http.channel web.http.listener web.http.server
    web.limits web.tickets web.inbox web.share web.guard web.handover
    web.api web.docs web.pages web.app web.serve web.wsgi
    desktop.qt desktop.system desktop.geometry desktop.instance desktop.menu desktop.redirect
    desktop.backend desktop.window
    cli.options cli.plain cli.progress cli.stage_files
    cli.serve cli.recognize cli.batch cli.selftest cli.main
    cli.start
    __main__
""".split()  # noqa: SIM905 (names in rows are easier to read)
"""Each module imports only modules that stand before it, at the top of its file or anywhere."""

LATER = {("engine", "engine.litert"), ("engine", "engine.keras")}
"""The one exception: `engine.load` imports the engine that was asked for."""

STEPS = {"vision.decode", "vision.components", "vision.layout", "recognition.lattice"}
"""The steps from bytes to an answer that `recognition.pipeline` alone puts together.

`jobs.sources` decodes pictures that are in memory, which no process can be given as files.
"""

MAX_LINES, MAX_MODULES = 350, 14
"""Of a module, and of a folder."""

HEAVY = {"tensorflow", "keras", "scipy", "cv2", "matplotlib", "PySide6", "qtpy", "webview"}
"""What reading a picture and serving must never load: seconds and hundreds of megabytes."""

USED = {"flask", "waitress", "numpy", "PIL", "ai_edge_litert", "cc3d", "prometheus_client"}
"""What the commands load themselves, once they are needed."""


@cache
def modules() -> dict[str, Path]:
    """Every module that holds code, by its name below `digitapp`."""
    found = {}
    for path in sorted(PROGRAM.rglob("*.py")):
        name = ".".join(path.relative_to(PROGRAM).with_suffix("").parts)
        package = name.removesuffix("__init__").rstrip(".")
        if package == name or len(ast.parse(path.read_text(encoding="utf-8")).body) > 1:
            found[package] = path
    del found[""]  # the package itself, which everybody may ask for its version
    return found


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules and names that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> set[str]:
    """The program's modules that a file imports, by their names below `digitapp`."""
    names = {n.removeprefix("digitapp.") for n in imported(path) if n.startswith("digitapp.")}
    found = {n if n in modules() else n.rpartition(".")[0] for n in names}
    return found - {""}


def modules_after(statement: str, names: set[str]) -> set[str]:
    """Which of `names` a fresh Python has loaded after a statement."""
    script = f"{statement}; import json, sys; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(result.stdout)}
    return loaded & names


def test_every_module_has_its_place() -> None:
    assert sorted(modules()) == sorted(ORDER)


def test_imports_point_one_way() -> None:
    wrong = {
        (name, other)
        for name, path in modules().items()
        for other in own_imports(path)
        if ORDER.index(other) >= ORDER.index(name)
    }
    assert wrong == LATER


def test_the_program_stands_alone() -> None:
    tops = {name.partition(".")[0] for path in modules().values() for name in imported(path)}
    assert not tops & {"train", "tests", "build"}


def test_one_module_puts_the_steps_together() -> None:
    callers = {name for name, path in modules().items() if own_imports(path) & STEPS}
    assert callers == {"recognition.pipeline", "jobs.sources"}


def test_modules_are_small() -> None:
    lines = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()
    }
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def test_folders_are_small() -> None:
    folders = [PROGRAM, *(path for path in PROGRAM.rglob("*") if path.is_dir())]
    counts = {folder.name: len(list(folder.glob("*.py"))) for folder in folders}
    assert counts["digitapp"] > 1
    assert {name: count for name, count in counts.items() if count > MAX_MODULES} == {}


def test_the_command_line_starts_without_what_its_commands_need() -> None:
    assert modules_after("import digitapp.cli.main", HEAVY | USED) == set()


def test_the_first_module_loads_nothing_of_the_command_line() -> None:
    late = {"click", "logging", "pathlib", "subprocess"} | HEAVY | USED
    statement = "import sys; before = set(sys.modules); import digitapp.cli.start"
    assert modules_after(f"{statement}; [sys.modules.pop(name) for name in before]", late) == set()


@pytest.mark.parametrize(
    "module", ["recognition.pipeline", "web.app", "web.serve", "desktop.window"]
)
def test_nothing_heavy_is_loaded_on_the_way(module: str) -> None:
    assert modules_after(f"import digitapp.{module}", HEAVY) == set()


def test_the_page_is_served_without_what_reads_pictures_or_counts() -> None:
    later = {"numpy", "PIL", "cc3d", "ai_edge_litert", "prometheus_client"}
    statement = """
import digitapp.web.app, digitapp.web.serve
from digitapp.metrics import Metrics
Metrics("digits sha256:0", "litert", 2)"""
    assert modules_after(statement.strip(), later) == set()


def test_the_window_opens_before_flask_is_loaded() -> None:
    assert modules_after("import digitapp.desktop.window", USED) == set()


def test_the_engine_loads_nothing_heavy() -> None:
    assert modules_after("from digitapp.engine import load; load('litert')", HEAVY) == set()
