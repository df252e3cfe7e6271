"""The bill of materials: what is inside the program, for programs (CycloneDX 1.6, JSON)."""

import hashlib
import os
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import notices
import versions
from parts import Parts

ROOT = Path(__file__).resolve().parent.parent


def write(parts: Parts, path: Path) -> None:
    """Write the bill; one commit's is always the same."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.output.json import JsonV1Dot6

    bom = Bom(components=[*_python(parts), *_system(parts), *_files()])
    bom.metadata.component = _component("digitapp", versions.version(ROOT), "application", "MIT")
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    names = " ".join(sorted(f"{part.name} {part.version}" for part in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, names)
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", encoding="utf-8")


def _python(parts: Parts) -> Iterator[Any]:
    from packageurl import PackageURL

    yield _component("Python", sys.version.split()[0], "platform", "PSF-2.0")
    for found in parts.distributions():
        url = PackageURL("pypi", name=found.name.lower().replace("_", "-"), version=found.version)
        yield _component(found.name, found.version, "library", notices.licence(found), url)


def _system(parts: Parts) -> Iterator[Any]:
    from packageurl import PackageURL

    for name, version in parts.packages().items():
        yield _component(name, version, "library", "", PackageURL("deb", "debian", name, version))


def _files() -> Iterator[Any]:
    from cyclonedx.model import HashAlgorithm, HashType

    for name in ("digits.tflite", "strings.tflite", "ink.tflite", "signs.tflite"):
        model = hashlib.sha256((ROOT / "assets" / name).read_bytes()).hexdigest()
        part = _component(name, "1", "machine-learning-model", "MIT")
        part.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=model))
        yield part


def _component(name: str, version: str, kind: str, licence: str, url: Any = None) -> Any:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense

    return Component(
        name=name,
        version=version,
        type=ComponentType(kind),
        purl=url,
        bom_ref=f"{name} {version}",
        licenses=[DisjunctiveLicense(name=licence)] if licence else [],
    )
