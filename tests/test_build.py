"""What the build scripts decide: what stays, what is packed and how, what the systems are told."""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import runpy
import sqlite3
import ssl
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import features

import digitapp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build"))

import bill  # noqa: E402
import inside  # noqa: E402
import pack  # noqa: E402
import parts  # noqa: E402
import sizes  # noqa: E402
import trim  # noqa: E402
import versions  # noqa: E402


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("PySide6/QtWebEngineCore.abi3.so", True),
        ("PySide6/QtQuick3D.abi3.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
        ("PySide6/Qt/translations/qtwebengine_locales/en-US.pak", True),
        ("PySide6/Qt/translations/qtwebengine_locales/de.pak", False),
        ("PySide6/Qt/resources/qtwebengine_devtools_resources.pak", False),
        ("PySide6/Qt/qml/QtQuick/libqtquick2plugin.so", False),
        ("numpy/_core/_multiarray_umath.so", True),
        ("ai_edge_litert/libLiteRtWebGpuAccelerator.so", False),
    ],
)
def test_what_stays(name: str, does: bool) -> None:
    assert trim.stays(name) is does


def test_libraries_follow_those_that_need_them() -> None:
    kept = [
        ("digitapp.so", "digitapp.so", "EXTENSION"),
        ("libused.so", "libused.so", "BINARY"),
        ("libshared.so", "libshared.so", "BINARY"),
        ("libplugin.so", "libplugin.so", "BINARY"),
        ("libbyname.so", "libbyname.so", "BINARY"),
        ("PySide6/Qt/lib/libQt6Idle.so", "libQt6Idle.so", "BINARY"),
    ]
    gone = [("plugin.so", "plugin.so", "BINARY")]
    needs = {
        "digitapp.so": {"libused.so", "libshared.so"},
        "plugin.so": {"libplugin.so", "libshared.so"},
    }
    left = trim.needed(kept, gone, lambda path: needs.get(path, set()))
    assert [name for name, _, _ in left] == [
        *("digitapp.so", "libused.so", "libshared.so", "libbyname.so")
    ]


def test_an_archive_tells_nothing_of_who_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    archives = []
    for number in (1, 2):
        folder = tmp_path / str(number) / "digitapp"
        (folder / "b").mkdir(parents=True)
        for name in ("b/two", "a") if number == 1 else ("a", "b/two"):
            (folder / name).write_text(name)
            os.utime(folder / name, (number, number))
        archives.append(pack.tar(folder, tmp_path / f"{number}.tar.xz"))
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with tarfile.open(archives[0]) as file:
        assert file.getnames() == ["digitapp", "digitapp/a", "digitapp/b", "digitapp/b/two"]
        assert {(entry.uid, entry.uname, entry.mtime) for entry in file} == {
            (0, "root", 1_700_000_000)
        }


def test_checksums_are_those_of_the_downloads(tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(b"7")
    (tmp_path / "notes.txt").write_bytes(b"7")
    pack.write_sums(tmp_path)
    digest = "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digest}  a.deb\n"


def test_the_menu_s_entry_opens_pictures() -> None:
    text = versions.entry(ROOT, "/opt/digitapp/digitapp", "digitapp")
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    assert lines["MimeType"] == "image/png;image/jpeg;image/gif;image/bmp;image/webp;"
    assert lines["Exec"].endswith("/digitapp %F")


def test_every_system_is_told_this_version() -> None:
    assert versions.version(ROOT) == digitapp.__version__
    assert versions.info_plist(ROOT)["CFBundleShortVersionString"] == digitapp.__version__


def test_the_table_of_sizes_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(20):
        (tmp_path / "_internal" / f"part{number}").mkdir(parents=True)
        (tmp_path / "_internal" / f"part{number}" / "file").write_bytes(bytes(100_000 * number))
    sizes.show(tmp_path)
    total, *rows = capsys.readouterr().out.strip().splitlines()
    assert total.endswith(": 19.0 MB")
    assert sum(float(row.split()[0]) for row in rows) == pytest.approx(19.0)


def test_parts_are_written_and_read(tmp_path: Path) -> None:
    noted = parts.Parts(["numpy", "digitapp"], ["/lib/libz.so.1"], [], {"a.so": "/b/a.so"})
    noted.write(tmp_path)
    assert json.loads((tmp_path / parts.FILE).read_text())["libraries"] == ["/lib/libz.so.1"]
    assert parts.Parts.read(tmp_path) == noted
    assert [found.name for found in noted.distributions()] == ["numpy"]


def test_linux_gets_its_icons_in_every_size(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "build" / "make_icon.py"))["icon_set"](tmp_path / "hicolor")
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("digitapp.*")}
    assert len(found) == 8
    assert {"hicolor/48x48/apps/digitapp.png", "hicolor/scalable/apps/digitapp.svg"} <= found


# --- The bill of materials

MODULES = ["PIL", "ai_edge_litert", "cc3d", "numpy", "PySide6"]
OF_PYTHON = ["_ssl", "_sqlite3", "pyexpat", "zlib"]
EPOCH = "1700000000"


@pytest.fixture(scope="module")
def made() -> parts.Parts:
    """What a program of the packages that are installed here would be made of."""
    found = parts.Parts(MODULES, [], []).distributions()
    files = [file for package in found for file in package.files or [] if is_binary(file.name)]
    binaries = {each.as_posix(): str(each.locate()) for each in files if trim.stays(str(each))}
    modules = [Path(origin_of(name)) for name in OF_PYTHON]
    binaries |= {f"lib-dynload/{path.name}": str(path) for path in modules if path.is_file()}
    return parts.Parts(MODULES, [], [], binaries)


def is_binary(name: str) -> bool:
    return re.search(r"\.(so|pyd|dll|dylib)\b", name) is not None


def origin_of(module: str) -> str:
    """Where a module lies; no path where it is part of Python itself."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    return spec.origin or ""


@pytest.fixture(scope="module")
def libraries(made: parts.Parts) -> dict[str, inside.Library]:
    found = inside.libraries({place: Path(path) for place, path in made.binaries.items()})
    return {library.name: library for library in found}


@pytest.fixture
def written(made: parts.Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bill of that program."""
    pytest.importorskip("cyclonedx", reason="pip install '.[build]'")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    bill.write(made, tmp_path / "bill.json")
    return (tmp_path / "bill.json").read_text(encoding="utf-8")


def components(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All that is inside, at any depth."""
    for each in part.get("components", []):
        yield each
        yield from components(each)


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        *(("libjpeg-turbo", "libjpeg_turbo"), ("libtiff", "libtiff"), ("libwebp", "webp")),
        *(("OpenJPEG", "jpg_2000"), ("FreeType", "freetype2"), ("Little CMS", "littlecms2")),
    ],
)
def test_pillow_s_libraries_have_the_versions_that_pillow_says(
    name: str, feature: str, libraries: dict[str, inside.Library]
) -> None:
    assert libraries[name].version == features.version(feature)
    assert libraries[name].package == "pillow"


def test_libraries_that_pillow_is_built_without_are_not_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "version", lambda _: None)
    assert inside.libraries({"PIL/_webp.pyd": Path("_webp.pyd")}) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Qt shows the window on Linux alone")
def test_the_web_engine_tells_chromium_s_version(libraries: dict[str, inside.Library]) -> None:
    from PySide6 import QtWebEngineCore as Web

    assert libraries["Chromium"].version == str(Web.qWebEngineChromiumVersion())
    assert str(Web.qWebEngineChromiumSecurityPatchVersion()) in libraries["Chromium"].about
    assert libraries["Qt"].version == importlib.metadata.version("PySide6_Essentials")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are parts of larger files")
def test_libraries_tell_their_versions_themselves(libraries: dict[str, inside.Library]) -> None:
    for name in ("libpng", "XZ Utils", "Zstandard", "Brotli"):
        assert re.fullmatch(r"\d+\.\d+\.\d+", libraries[name].version), name
    [file] = libraries["Zstandard"].files
    assert file.endswith(libraries["Zstandard"].version)


def test_a_library_that_cannot_be_asked_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "libpng16.so").write_bytes(b"no library")
    [found] = inside.libraries({"pillow.libs/libpng16-1.so": tmp_path / "libpng16.so"})
    assert (found.name, found.version) == ("libpng", "")


def test_python_s_libraries_are_named(libraries: dict[str, inside.Library]) -> None:
    said = {"OpenSSL": ssl.OPENSSL_VERSION.split()[1], "SQLite": sqlite3.sqlite_version}
    for name in said.keys() & libraries.keys():
        assert libraries[name].version == said[name]
    python = {"libssl.so.3": Path("libssl.so.3"), "libsqlite3.so.0": Path("libsqlite3.so.0")}
    assert {found.name: found.version for found in inside.libraries(python)} == said


def test_what_a_wheel_brings_is_named_although_we_do_not_know_it() -> None:
    places = ["numpy.libs/libnew-1a2b.so.1", "PIL/.dylibs/libnew.2.dylib"]
    found = inside.libraries({place: Path(place) for place in places})
    assert [(each.name, each.package) for each in found] == [
        ("libnew", "numpy"),
        ("libnew", "pillow"),
    ]


def test_every_library_that_a_wheel_brings_is_named(
    made: parts.Parts, libraries: dict[str, inside.Library]
) -> None:
    brought = {place for place in made.binaries if re.search(r"\.libs/|dylibs/", place)}
    assert brought <= {place for library in libraries.values() for place in library.files}


def test_the_bill_has_the_libraries_inside_their_packages(
    written: str, libraries: dict[str, inside.Library]
) -> None:
    packages = {each["name"].lower(): each for each in json.loads(written)["components"]}
    for library in libraries.values():
        [found] = [
            each
            for each in packages[library.package.lower()]["components"]
            if each["name"] == library.name
        ]
        assert found.get("version", "") == library.version
        assert {each["name"] for each in found["components"]} == library.files.keys()


def test_each_hash_of_the_bill_is_its_file_s(written: str, made: parts.Parts) -> None:
    files = [part for part in components(json.loads(written)) if part["type"] == "file"]
    assert {"ai_edge_litert", "PIL"} <= {part["name"].partition("/")[0] for part in files}
    for part in files:
        content = Path(made.binaries[part["name"]]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert part["hashes"] == [{"alg": "SHA-256", "content": digest}], part["name"]


def test_the_bill_hashes_a_file_as_it_is_in_the_program(made: parts.Parts, tmp_path: Path) -> None:
    place = next(iter(made.binaries))
    (tmp_path / "_internal" / place).parent.mkdir(parents=True)
    (tmp_path / "_internal" / place).write_bytes(b"stripped")
    found = bill.binaries(made, tmp_path)
    assert found.pop(place).read_bytes() == b"stripped"
    assert found == {name: Path(path) for name, path in made.binaries.items() if name != place}


def test_the_bill_is_always_the_same_and_names_no_folder_of_the_machine(
    written: str, made: parts.Parts, tmp_path: Path
) -> None:
    backwards = dict(reversed(made.binaries.items()))
    bill.write(parts.Parts(MODULES[::-1], [], [], backwards), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == written
    for folder in (sys.prefix, sys.base_prefix, str(ROOT)):
        assert folder not in written
