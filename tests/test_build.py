"""What the build scripts decide: what stays, what is packed and how, what the systems are told."""

import json
import os
import runpy
import sys
import tarfile
from pathlib import Path

import pytest

import digitapp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build"))

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
    lines = dict(line.split("=", 1) for line in pack.entry().splitlines() if "=" in line)
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
    noted = parts.Parts(["numpy", "digitapp"], ["/lib/libz.so.1"], [])
    noted.write(tmp_path)
    assert json.loads((tmp_path / parts.FILE).read_text())["libraries"] == ["/lib/libz.so.1"]
    assert parts.Parts.read(tmp_path) == noted
    assert [found.name for found in noted.distributions()] == ["numpy"]


def test_linux_gets_its_icons_in_every_size(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "build" / "make_icon.py"))["icon_set"](tmp_path / "hicolor")
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("digitapp.*")}
    assert len(found) == 8
    assert {"hicolor/48x48/apps/digitapp.png", "hicolor/scalable/apps/digitapp.svg"} <= found
