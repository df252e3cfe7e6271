"""The licences of all that is inside the program, collected into a folder of it."""

import importlib.metadata
import re
import shutil
import sys
from pathlib import Path

from parts import Parts

ROOT = Path(__file__).resolve().parent.parent

TEXT = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
"""Names of files that hold a licence or belong to one."""

LGPL = "connected-components-3d"
"""Its package holds the texts of the LGPL and the GPL, version 3, which Qt's packages lack."""

HEAD = """\
What is inside digitapp, and under which licence. digitapp itself: MIT.

PySide6 with Qt (LGPL-3.0) and connected-components-3d (LGPL-3.0-or-later) are unchanged, as files
of their own below _internal, which you may replace by your own builds of the same version. Their
sources: https://download.qt.io/official_releases/QtForPython/ and
https://github.com/seung-lab/connected-components-3d. Qt's web engine holds Chromium, whose notices
Qt lists at https://doc.qt.io/qt-6/qtwebengine-licensing.html.
"""


def collect(parts: Parts, folder: Path) -> None:
    """Copy every licence text that the packages carry, and list them in `README.txt`."""
    folder.mkdir()
    shutil.copy(ROOT / "LICENSE", folder / "digitapp.txt")
    lines = [HEAD, _python(folder)]
    lines += [_distribution(found, folder) for found in parts.distributions()]
    lines += [_system(name, version, folder) for name, version in parts.packages().items()]
    (folder / "README.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def licence(found: importlib.metadata.Distribution) -> str:
    """The licence as the package names it, in a few words."""
    said = _field(found, "License-Expression") or _field(found, "License")
    if not said or "\n" in said:
        classes = found.metadata.get_all("Classifier") or []
        said = "; ".join(c.rpartition(" :: ")[2] for c in classes if c.startswith("License ::"))
    return said or "see its page"


def _distribution(found: importlib.metadata.Distribution, folder: Path) -> str:
    texts = [file for file in found.files or [] if _is_text(file.parts)]
    for file in texts:
        place = folder / found.name / file.name
        place.parent.mkdir(exist_ok=True)
        shutil.copy(str(file.locate()), place)
    where = f"{found.name}/" if texts else f"its package carries no text; {_elsewhere(found)}"
    return f"{found.name} {found.version}: {licence(found)}; {where}"


def _is_text(parts: tuple[str, ...]) -> bool:
    return parts[0].endswith(".dist-info") and bool(TEXT.match(parts[-1]))


def _elsewhere(found: importlib.metadata.Distribution) -> str:
    if "LGPL" in licence(found):
        return f"the LGPL's lies in {LGPL}/"
    urls = dict(url.split(", ", 1) for url in found.metadata.get_all("Project-URL") or [])
    return f"see {_field(found, 'Home-page') or next(iter(urls.values()), 'PyPI')}"


def _field(found: importlib.metadata.Distribution, name: str) -> str:
    return found.metadata[name] if name in found.metadata else ""  # noqa: SIM401 (has no get)


def _python(folder: Path) -> str:
    version = sys.version.split()[0]
    library = Path(importlib.metadata.__file__).parents[2]
    for text in (library / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"):
        if text.is_file():
            shutil.copy(text, folder / "Python.txt")
            return f"Python {version}: PSF-2.0; Python.txt"
    return f"Python {version}: PSF-2.0; see https://docs.python.org/3/license.html"


def _system(name: str, version: str, folder: Path) -> str:
    text = Path("/usr/share/doc") / name / "copyright"
    if not text.is_file():
        return f"{name} {version} of Debian: see https://packages.debian.org/{name}"
    place = folder / "system"
    place.mkdir(exist_ok=True)
    shutil.copy(text, place / f"{name}.txt")
    return f"{name} {version} of Debian: system/{name}.txt"
