"""What the program leaves behind: of Qt all that its web engine does not need, and more.

PyInstaller takes what might be needed: it knows that a page may print, play films and debug QML.
Ours draws digits. Of Qt's plugins, bindings and resources there is a list of what stays; which
libraries stay follows from what needs them.
"""

import posixpath
import sys
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from functools import partial
from pathlib import Path, PurePath, PurePosixPath

from parts import Parts, top_names

Entry = tuple[str, str, str]
"""Of PyInstaller: where a file goes, where it is now, and its kind."""

Needs = Callable[[str], Iterable[str]]
"""The names of the libraries that a file needs, and those that they need."""

UNUSED = [
    # `--engine keras` is for an installation by pip: TensorFlow alone has 2 GB.
    *("tensorflow", "keras", "train", "tests"),
    # So are buckets, Parquet and clusters: 430 MB.
    *("obstore", "pyarrow", "ray"),
    # What others of our dependencies would use if it were there.
    *("IPython", "cv2", "google.protobuf", "ml_dtypes", "matplotlib", "pytest", "scipy", "tkinter"),
    *("charset_normalizer", "setuptools", "tqdm", "yaml"),
    *("PIL.AvifImagePlugin", "PIL._avif", "PIL.ImageQt", "PIL.ImageTk", "PIL._imagingtk"),
]
"""Modules that no build holds."""

WINDOW = ["webview", "PySide6", "shiboken6", "qtpy", "clr", "clr_loader", "pythonnet", "objc"]
"""Modules that a build without a window leaves out too."""

QT = "PySide6"

STAYS = [
    *(f"{QT}/Qt{name}.*" for name in ("Core", "Gui", "Widgets", "Network", "PrintSupport")),
    *(f"{QT}/Qt{name}.*" for name in ("WebChannel", "WebEngineCore", "WebEngineWidgets")),
    f"{QT}/lib*",
    f"{QT}/Qt/lib/*",
    f"{QT}/Qt/libexec/QtWebEngineProcess",
    f"{QT}/Qt/libexec/qt.conf",
    f"{QT}/Qt/resources/icudtl.dat",
    f"{QT}/Qt/resources/qtwebengine_resources*.pak",
    f"{QT}/Qt/resources/v8_context_snapshot.bin",
    f"{QT}/Qt/translations/qtwebengine_locales/en-US.pak",
    f"{QT}/Qt/plugins/iconengines/libqsvgicon.*",
    f"{QT}/Qt/plugins/imageformats/libqsvg.*",
    f"{QT}/Qt/plugins/platforms/libqxcb.*",
    f"{QT}/Qt/plugins/platforms/libqwayland*",
    f"{QT}/Qt/plugins/platforms/libqoffscreen.*",
    f"{QT}/Qt/plugins/platforminputcontexts/lib[ci]*",  # composed keys, IBus
    f"{QT}/Qt/plugins/platformthemes/libqxdgdesktopportal.*",
    f"{QT}/Qt/plugins/wayland-decoration-client/*",
    f"{QT}/Qt/plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.*",
    f"{QT}/Qt/plugins/wayland-shell-integration/libxdg-shell.*",
    f"{QT}/Qt/plugins/xcbglintegrations/*",
]
"""What of Qt stays; of its libraries in `lib`, those that something needs."""

GOES = [
    "ai_edge_litert/libLiteRtWebGpuAccelerator.*",  # the network runs on the processor
    "pillow.libs/libavif*",
    "*.pyi",
]
"""What goes of the rest."""

DRIVERS = {"libstdc++.so.6", "libgcc_s.so.1", "libgbm.so.1"}
"""What the window leaves to the system: older ones from here keep its graphics drivers away."""

STRIPPED = ["libpython3*", "cc3d/*.so", "ai_edge_litert/*.so"]
"""Libraries whose symbols for debuggers are removed. Others have none or break by it."""


def trimmed(binaries: list[Entry], datas: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The files that the program needs, sorted."""
    gone = [entry for entry in binaries if not stays(entry[0])]
    binaries = [entry for entry in binaries if stays(entry[0])]
    if sys.platform == "linux":
        binaries = needed(binaries, gone)
    datas = [entry for entry in datas if stays(entry[0])]
    names = {entry[0] for entry in binaries + datas}
    return tuple(sorted(filter(partial(_leads, names), part)) for part in (binaries, datas))  # type: ignore[return-value]


def note(pure: Iterable[Entry], binaries: list[Entry], datas: list[Entry]) -> Parts:
    """What the program is made of, and what it asks of the system."""
    modules = [name for name, _, _ in pure]
    modules += [PurePosixPath(name.replace("\\", "/")).parts[0] for name, _, _ in binaries + datas]
    libraries = sorted(source for _, source, kind in binaries if _is_system(source, kind))
    outside = _outside(binaries) if sys.platform == "linux" else []
    real = [(name, source) for name, source, kind in binaries if kind != "SYMLINK"]
    files = {PurePath(name).as_posix(): source for name, source in real}
    return Parts(top_names(modules), libraries, outside, files)


def stays(name: str) -> bool:
    """Whether a file stays, by its place in the program."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.parts[0] == QT:
        return any(fnmatch(str(path), pattern) for pattern in STAYS)
    return not any(fnmatch(str(path), pattern) for pattern in GOES)


def needed(kept: list[Entry], gone: list[Entry], needs: Needs | None = None) -> list[Entry]:
    """`kept` without the libraries that only what is gone needs, and those of Qt that nobody does.

    A library that was asked for by nothing at all is one that is loaded by name: it stays.
    """
    needs = needs or of_elf
    used = _all_needed((entry for entry in kept if not _is_library(entry)), needs)
    came = _all_needed(gone, needs)
    if any(entry[0].startswith(QT) for entry in kept):
        came |= DRIVERS
        used -= DRIVERS

    def is_needed(entry: Entry) -> bool:
        name = Path(entry[0]).name
        return name in used or not (name in came or entry[0].startswith(QT))

    return [entry for entry in kept if not _is_library(entry) or is_needed(entry)]


def _outside(binaries: list[Entry]) -> list[str]:
    """The libraries of the system that those inside need and that stay there."""
    from PyInstaller.depend.bindepend import get_imports

    inside = {Path(name).name for name, _, _ in binaries}
    sources = [source for _, source, kind in binaries if kind != "SYMLINK"]
    found = {pair for source in sources for pair in get_imports(source)}
    return sorted({path for name, path in found if path and Path(name).name not in inside})


def _is_system(source: str, kind: str) -> bool:
    return kind == "BINARY" and source.startswith(("/lib", "/usr/lib"))


def of_elf(path: str) -> set[str]:
    """The libraries that a program or a library of Linux needs, and those that they need."""
    from PyInstaller.depend.bindepend import get_imports

    return {Path(name).name for name, _ in get_imports(path)}


def _all_needed(entries: Iterable[Entry], needs: Needs) -> set[str]:
    sources = (source for _, source, kind in entries if kind != "SYMLINK")
    return {name for source in sources for name in needs(source)}


def _is_library(entry: Entry) -> bool:
    """Whether it lies where libraries lie: at the top or among Qt's."""
    return entry[2] == "BINARY" and str(PurePosixPath(entry[0]).parent) in {".", f"{QT}/Qt/lib"}


def _leads(names: set[str], entry: Entry) -> bool:
    """Whether it is no link, or one to a file that stays."""
    name, target, kind = entry
    return kind != "SYMLINK" or posixpath.normpath(PurePosixPath(name).parent / target) in names
