"""The bill of materials: what is inside the program, for programs (CycloneDX 1.6, JSON)."""

import hashlib
import os
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import inside
import notices
import versions
from parts import Parts

ROOT = Path(__file__).resolve().parent.parent


def write(parts: Parts, path: Path) -> None:
    """Write the bill into the program's folder; one commit's is always the same."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.output.json import JsonV1Dot6

    bom = Bom(components=[*_python(parts, path.parent), *_system(parts), *_networks()])
    bom.metadata.component = _component("digitapp", versions.version(ROOT), "application", "MIT")
    bom.register_dependency(bom.metadata.component, bom.components)
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    names = " ".join(sorted(f"{part.name} {part.version}" for part in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, names)
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", encoding="utf-8")


def _python(parts: Parts, folder: Path) -> Iterator[Any]:
    """Python and its packages, each with the libraries that lie inside it."""
    from packageurl import PackageURL

    packages = [_component(inside.PYTHON, sys.version.split()[0], "platform", "PSF-2.0")]
    for found in parts.distributions():
        url = PackageURL("pypi", name=_plain(found.name), version=found.version)
        licence = notices.licence(found)
        packages.append(_component(found.name, found.version, "library", licence, url))
    homes = {_plain(package.name): package for package in packages}
    for library in inside.libraries(binaries(parts, folder)):
        if home := homes.get(_plain(library.package)):
            home.components.add(_library(library))
        else:
            packages.append(_library(library))
    yield from packages


def _plain(name: str) -> str:
    """A package's name as all of its spellings have it."""
    return name.lower().replace("_", "-")


def binaries(parts: Parts, folder: Path) -> dict[str, Path]:
    """The program's binary files by their places: as they are in its folder, or were before."""
    ours = {place: folder / "_internal" / place for place in parts.binaries}
    return {p: ours[p] if ours[p].is_file() else Path(parts.binaries[p]) for p in sorted(ours)}


def _library(library: inside.Library) -> Any:
    """A library inside a package, with its files."""
    from packageurl import PackageURL

    url = PackageURL("generic", name=library.name, version=library.version or None)
    part = _component(library.name, library.version, "library", "", url)
    part.bom_ref.value = f"{library.name} in {library.package}"
    part.description = library.about or None
    for place, path in library.files.items():
        file = _component(place, "", "file", "")
        file.bom_ref.value = f"{place} of {library.name}"
        part.components.add(_hashed(file, path))
    return part


def _system(parts: Parts) -> Iterator[Any]:
    from packageurl import PackageURL

    for name, version in parts.packages().items():
        yield _component(name, version, "library", "", PackageURL("deb", "debian", name, version))


def _networks() -> Iterator[Any]:
    for name in ("digits.tflite", "strings.tflite", "ink.tflite", "signs.tflite"):
        part = _component(name, "1", "machine-learning-model", "MIT")
        yield _hashed(part, ROOT / "assets" / name)


def _hashed(part: Any, path: Path) -> Any:
    """The component with its file's SHA-256."""
    from cyclonedx.model import HashAlgorithm, HashType

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    part.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=digest))
    return part


def _component(name: str, version: str, kind: str, licence: str, url: Any = None) -> Any:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense

    return Component(
        name=name,
        version=version or None,
        type=ComponentType(kind),
        purl=url,
        bom_ref=f"{name} {version}",
        licenses=[DisjunctiveLicense(name=licence)] if licence else [],
    )
