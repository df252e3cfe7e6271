"""The trainer's imports point one way, between its packages and inside them."""

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import train

ROOT = Path(train.__file__).parent

ORDER = ("__init__", "data", "synthesis", "networks", "evaluation", "__main__")
"""Each imports only those before it, and itself."""

MOST = 14
"""Modules in a folder."""

SOURCES = sorted(ROOT.rglob("*.py"))


def name(path: Path) -> str:
    """A module's name below `train`, such as `data.mnist`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported(path: Path) -> Iterator[str]:
    """The trainer's modules that a file imports, wherever it does."""
    modules = {name(each) for each in SOURCES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            names = [f"{node.module}.{each.name}" for each in node.names]
        for each in names:
            whole = each.removeprefix("train.")
            yield from {whole, whole.rpartition(".")[0]} & modules


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_package_imports_a_later_one(path: Path) -> None:
    own = ORDER.index(name(path).partition(".")[0])
    assert all(ORDER.index(each.partition(".")[0]) <= own for each in imported(path))


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name(path): set(imported(path)) for path in SOURCES}
    assert sum(map(len, graph.values())) > 50
    assert set(TopologicalSorter(graph).static_order()) == set(graph)


def test_no_folder_is_crowded() -> None:
    counts = Counter(path.parent for path in SOURCES)
    assert max(counts.values()) <= MOST
