"""What winget and Flathub are given: whole, of one mind, and true to the release's files."""

import json
import platform
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import digitapp
from digitapp.formats import FORMATS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "build"))

import pack  # noqa: E402
import stores  # noqa: E402
import versions  # noqa: E402

VERSION = digitapp.__version__
INSTALLER = f"digitapp-{VERSION}-windows-amd64-setup.exe"
SUMS = {INSTALLER: "ab" * 32, f"digitapp-{VERSION}.tar.gz": "cd" * 32}
NAMES = stores.facts("Some-Body/digit.app", date(2026, 12, 1))
ID = "io.github.some_body.digit_app"

COMMON = {"PackageIdentifier", "PackageVersion", "ManifestType", "ManifestVersion"}
REQUIRED = {
    "version": {"DefaultLocale"},
    "installer": {"Installers"},
    "defaultLocale": {"PackageLocale", "Publisher", "PackageName", "License", "ShortDescription"},
}
"""What winget's schema 1.10 requires in each manifest beside COMMON."""

NO_ADDRESS = "https://files.example/"


@pytest.fixture
def manifests(tmp_path: Path) -> dict[str, Any]:
    """winget's manifests by their type."""
    stores.winget(NAMES, SUMS, tmp_path)
    found = [yaml.safe_load(path.read_text("utf-8")) for path in tmp_path.rglob("*.yaml")]
    return {one["ManifestType"]: one for one in found}


@pytest.fixture
def flatpak(tmp_path: Path) -> Path:
    """The folder for Flathub, without the list of packages."""
    stores.flatpak(NAMES, SUMS, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        ("ann/digitapp", "io.github.ann.digitapp"),
        ("Some-Body/digit.app", ID),
        ("7up/9lives", "io.github._7up._9lives"),
    ],
)
def test_an_application_s_id_has_the_form_that_flathub_wants(repo: str, name: str) -> None:
    assert stores.facts(repo, date(2026, 12, 1))["id"] == name


@pytest.mark.parametrize("repo", ["digitapp", "https://github.com/a/b", "a/b/c", "/b", "a b/c"])
def test_what_is_no_repository_is_refused(repo: str) -> None:
    with pytest.raises(ValueError, match="OWNER/NAME"):
        stores.facts(repo, date(2026, 12, 1))


def test_winget_s_manifests_have_what_the_schema_requires(manifests: dict[str, Any]) -> None:
    assert manifests.keys() == REQUIRED.keys()
    for kind, more in REQUIRED.items():
        found = manifests[kind]
        assert COMMON | more <= found.keys()
        assert found["PackageIdentifier"] == "Some-Body.digitapp"
        assert found["PackageVersion"] == VERSION
        assert found["ManifestVersion"] == "1.10.0"
    locale = manifests["defaultLocale"]
    assert locale["PackageLocale"] == manifests["version"]["DefaultLocale"]
    assert 3 <= len(locale["ShortDescription"]) <= 256


def test_winget_s_files_lie_where_winget_looks_for_them(tmp_path: Path) -> None:
    stores.winget(NAMES, SUMS, tmp_path)
    folder = tmp_path / "manifests" / "s" / "Some-Body" / "digitapp" / VERSION
    endings = {"yaml", "installer.yaml", "locale.en-US.yaml"}
    assert {path.name for path in folder.iterdir()} == {f"Some-Body.digitapp.{e}" for e in endings}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3


def test_winget_gets_the_installer_that_is_released(
    manifests: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    [installer] = manifests["installer"]["Installers"]
    assert installer["InstallerSha256"] == "AB" * 32
    address = f"https://github.com/Some-Body/digit.app/releases/download/v{VERSION}/"
    assert installer["InstallerUrl"] == address + INSTALLER
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    assert f"{pack.stem(Path('digitapp'))}-setup.exe" == INSTALLER


def test_winget_is_told_what_the_installer_enters(manifests: dict[str, Any]) -> None:
    script = (ROOT / "build" / "windows" / "digitapp.iss").read_text(encoding="utf-8")
    product = manifests["installer"]["ProductCode"]
    assert re.fullmatch(r"\{[0-9A-F-]{36}\}_is1", product)
    assert f"AppId={{{product.removesuffix('_is1')}\n" in script
    assert "PrivilegesRequired=lowest" in script
    assert manifests["installer"]["Scope"] == "user"
    endings = {ending.lstrip(".") for kind in FORMATS for ending in kind.endings}
    assert "png" in manifests["installer"]["FileExtensions"]
    assert set(manifests["installer"]["FileExtensions"]) <= endings


def test_a_release_without_its_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"SHA256SUMS has no digitapp-.*-setup\.exe"):
        stores.winget(NAMES, {}, tmp_path)
    with pytest.raises(ValueError, match=r"SHA256SUMS has no digitapp-.*\.tar\.gz"):
        stores.flatpak(NAMES, {}, tmp_path)


def test_the_flatpak_is_called_alike_everywhere(flatpak: Path) -> None:
    manifest = yaml.safe_load((flatpak / f"{ID}.yml").read_text("utf-8"))
    assert manifest["id"] == ID
    [module] = manifest["modules"]
    named = {one["path"] for one in module["sources"] if "path" in one}
    assert named == {f"{ID}.desktop", f"{ID}.metainfo.xml"}
    assert {*named, f"{ID}.yml", "flathub.json"} == {path.name for path in flatpak.iterdir()}
    assert f"Icon={ID}\n" in (flatpak / f"{ID}.desktop").read_text("utf-8")
    for path in flatpak.iterdir():
        assert not re.search(r"\{\w+\}", path.read_text("utf-8").replace("${FLATPAK_DEST}", ""))


def test_the_flatpak_is_built_of_the_release_and_without_a_network(flatpak: Path) -> None:
    manifest = yaml.safe_load((flatpak / f"{ID}.yml").read_text("utf-8"))
    [module] = manifest["modules"]
    archive = module["sources"][0]
    assert archive["url"].endswith(f"/releases/download/v{VERSION}/digitapp-{VERSION}.tar.gz")
    assert archive["sha256"] == "cd" * 32
    assert "build-options" not in manifest
    for command in module["build-commands"]:
        assert "pip install" not in command or "--no-index" in command
    for argument in manifest["finish-args"]:
        assert not argument.startswith(("--filesystem", "--socket=session-bus", "--device=all"))


def test_what_shops_show_is_valid(flatpak: Path) -> None:
    if shutil.which("appstreamcli") is None:
        pytest.skip("needs appstreamcli: Debian's package appstream")
    command = ["appstreamcli", "validate", "--no-net", "--no-color"]
    check(*command, str(flatpak / f"{ID}.metainfo.xml"))


@pytest.mark.parametrize(
    ("program", "icon"), [("digitapp", ID), ("/opt/digitapp/digitapp", "digitapp")]
)
def test_the_menu_s_entry_is_valid(program: str, icon: str, tmp_path: Path) -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("needs desktop-file-validate: Debian's package desktop-file-utils")
    path = tmp_path / "digitapp.desktop"
    path.write_text(versions.entry(ROOT, program, icon), encoding="utf-8")
    check("desktop-file-validate", str(path))


def check(*command: str) -> None:
    """Run a program that says what is wrong, and fails."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "W:" not in result.stdout


def test_the_text_is_the_program_s_own() -> None:
    assert f"description = {stores.SUMMARY}\n" in (ROOT / "setup.cfg").read_text("utf-8")


def pip(places: Callable[[str], str]) -> Callable[..., Any]:
    """What answers in pip's place: a report with a file for each requirement of the lock."""

    def run(command: list[str], input: str, **_: Any) -> Any:
        assert {"--require-hashes", "--dry-run", "--no-deps"} <= set(command)
        found = re.findall(r"^([a-z0-9-]+)==.*\n +--hash=sha256:(\w+)", input, flags=re.MULTILINE)
        entries = [
            {
                "metadata": {"name": name},
                "download_info": {
                    "url": places(name),
                    "archive_info": {"hashes": {"sha256": sum_}},
                },
            }
            for name, sum_ in found
        ]
        return SimpleNamespace(stdout=json.dumps({"install": entries}))

    return run


def test_the_flatpak_gets_the_locked_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", pip(lambda name: f"{NO_ADDRESS}{name}.whl"))
    sources = stores.sources()
    names = {one["url"].removeprefix(NO_ADDRESS).removesuffix(".whl") for one in sources}
    base = {
        re.split(r"[^\w-]", line)[0]
        for line in runpy.run_path(str(ROOT / "build" / "lock.py"))["base"]()
    }
    assert {*base, "qtpy", "packaging", "setuptools"} <= names
    assert "pyside6-webengine" not in names
    [tools] = [one for one in sources if one["dest"] != "libraries"]
    assert tools["url"].endswith("/setuptools.whl")
    for one in sources:
        assert one["type"] == "file"
        assert re.fullmatch("[0-9a-f]{64}", one["sha256"])


def test_a_package_of_this_machine_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", pip(lambda name: f"file:///wheels/{name}.whl"))
    with pytest.raises(ValueError, match="on this machine only"):
        stores.sources()


def test_it_writes_all_files_or_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", pip(lambda name: f"{NO_ADDRESS}{name}.whl"))
    sums = tmp_path / "SHA256SUMS"
    arguments = ["--repo", "a/b", "--sums", str(sums), "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit, match="SHA256SUMS"):
        stores.main(arguments)
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in SUMS.items()))
    stores.main(arguments)
    assert len(list((tmp_path / "out" / "winget").rglob("*.yaml"))) == 3
    names = {path.name for path in (tmp_path / "out" / "flatpak").iterdir()}
    assert names == {
        *("io.github.a.b.yml", "io.github.a.b.metainfo.xml", "io.github.a.b.desktop"),
        *("flathub.json", "python.json"),
    }
