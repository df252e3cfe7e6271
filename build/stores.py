"""Writes what winget and Flathub ask for, of a release's files: `python build/stores.py --help`.

Both want addresses and checksums of files that lie in a release. These are not known before it, so
`windows/winget`, `linux/metainfo.xml` and `linux/flatpak` have names in braces in their places.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import versions

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "build" / "locks"
WINGET = ROOT / "build" / "windows" / "winget"
METAINFO = ROOT / "build" / "linux" / "metainfo.xml"
FLATPAK = ROOT / "build" / "linux" / "flatpak" / "digitapp.yml"

SUMMARY = "Reads handwritten digits from drawings, photos and scans, and shows how sure it is."

WINDOW = ("qtpy", "packaging")
"""What the window needs of Linux's lock beside the server's: QtPy, and what that needs. Qt itself
comes with the Flatpak's base."""

FLATPAK_PYTHON = "3.13"
"""The Python of the runtime that `digitapp.yml` names: KDE 6.10 has freedesktop's 25.08."""

PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(17, 40)]
"""Machines whose wheels run there: its C library is 2.42. pip does not count downwards itself."""


def main(argv: Sequence[str] | None = None) -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Writes what winget and Flathub ask for.")
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="GitHub's repository")
    parser.add_argument("--sums", type=Path, required=True, help="the release's SHA256SUMS")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "stores", help="folder to fill")
    given = parser.parse_args(argv)
    try:
        names = facts(given.repo, datetime.now(UTC).date())
        sums = checksums(given.sums)
        winget(names, sums, given.out / "winget")
        flatpak(names, sums, given.out / "flatpak")
        listed = sources()
    except (OSError, ValueError) as error:
        sys.exit(f"stores.py: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"stores.py: pip found no files for the locks:\n{error.stderr}")
    put(given.out / "flatpak" / "python.json", json.dumps(listed, indent=2) + "\n")
    print(f"Written: {given.out}")


def facts(repo: str, day: date) -> dict[str, str]:
    """What all files are told: names, addresses, the version and its day.

    Raises:
        ValueError: `repo` is not of the form OWNER/NAME.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]+/[\w.-]+", repo):
        raise ValueError(f"{repo!r} is no repository of GitHub: give OWNER/NAME.")
    owner, name = repo.split("/")
    owner_id, name_id = _part(owner), _part(name)
    home = f"https://github.com/{repo}"
    return {
        "owner": owner,
        "owner_id": owner_id,
        "id": f"io.github.{owner_id}.{name_id}",
        "package": f"{owner}.digitapp",
        "home": home,
        "releases": f"{home}/releases",
        "raw": f"https://raw.githubusercontent.com/{repo}",
        "summary": SUMMARY,
        "version": versions.version(ROOT),
        "date": day.isoformat(),
    }


def _part(name: str) -> str:
    """A part of an application's id: of letters, digits and `_`, and no digit comes first."""
    part = re.sub(r"\W", "_", name.lower())
    return f"_{part}" if part[0].isdigit() else part


def checksums(path: Path) -> dict[str, str]:
    """SHA-256 by file name, of what `sha256sum` wrote."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _sum_of(name: str, sums: Mapping[str, str]) -> str:
    if name not in sums:
        raise ValueError(f"SHA256SUMS has no {name}: it is made first.")
    return sums[name]


def winget(names: Mapping[str, str], sums: Mapping[str, str], folder: Path) -> None:
    """Write the three manifests, in the folders that winget-pkgs has them in.

    Raises:
        ValueError: the release has no installer.
    """
    installer = f"digitapp-{names['version']}-windows-amd64-setup.exe"
    more = {
        "installer": installer,
        "sha256": _sum_of(installer, sums).upper(),
        "product": product(),
        "endings": ", ".join(endings()),
    }
    owner, version = names["owner"], names["version"]
    place = folder / "manifests" / owner[0].lower() / owner / "digitapp" / version
    files = {
        "version": "yaml",
        "installer": "installer.yaml",
        "defaultLocale": "locale.en-US.yaml",
    }
    for kind, ending in files.items():
        text = (WINGET / f"{kind}.yaml").read_text(encoding="utf-8")
        put(place / f"{names['package']}.{ending}", text.format(**names, **more))


def product() -> str:
    """The installer's AppId, in braces, by which Windows knows the program."""
    return _found(r"^AppId=\{(\{.+\})$")


def endings() -> list[str]:
    """The endings of the files that the installer offers to open, without the dot."""
    _found(r'ValueName: "\.(\w+)"')
    return re.findall(r'ValueName: "\.(\w+)"', _installer())


def _found(pattern: str) -> str:
    match = re.search(pattern, _installer(), flags=re.MULTILINE)
    if match is None:
        raise ValueError(f"digitapp.iss has no {pattern}")
    return match[1]


def _installer() -> str:
    return (ROOT / "build" / "windows" / "digitapp.iss").read_text(encoding="utf-8")


def flatpak(names: Mapping[str, str], sums: Mapping[str, str], folder: Path) -> None:
    """Write the manifest, what shops show of the program, and its entry in the menus.

    Raises:
        ValueError: the release has no source archive.
    """
    archive = _sum_of(f"digitapp-{names['version']}.tar.gz", sums)
    manifest = FLATPAK.read_text(encoding="utf-8").format(**names, sha256=archive)
    put(folder / f"{names['id']}.yml", manifest)
    about = METAINFO.read_text(encoding="utf-8").format(**names)
    put(folder / f"{names['id']}.metainfo.xml", about)
    put(folder / f"{names['id']}.desktop", versions.entry(ROOT, "digitapp", names["id"]))
    put(folder / "flathub.json", json.dumps({"only-arches": ["x86_64"]}) + "\n")


def sources() -> list[dict[str, str]]:
    """The locked packages as a Flatpak's sources: each with its address and hash. Asks the network.

    Raises:
        subprocess.CalledProcessError: pip finds no file of a hash for the Flatpak's Python.
        ValueError: a file lies at no address.
    """
    lock = "\n".join(
        (LOCKS / f"{name}.txt").read_text("utf-8") for name in ("server", "setuptools")
    )
    lock += "\n" + "\n".join(locked(name) for name in WINDOW)
    command = [
        *(sys.executable, "-m", "pip", "--isolated", "install", "--quiet", "--dry-run"),
        *("--ignore-installed", "--no-deps", "--require-hashes", "--requirement", "/dev/stdin"),
        *("--python-version", FLATPAK_PYTHON, "--implementation", "cp", "--target", "unused"),
        *(word for platform in PLATFORMS for word in ("--platform", platform)),
        *("--report", "-"),
    ]
    result = subprocess.run(command, input=lock, capture_output=True, text=True, check=True)
    return [source(entry) for entry in json.loads(result.stdout)["install"]]


def locked(name: str) -> str:
    """A package's lines in Linux's lock.

    Raises:
        ValueError: it is not there.
    """
    text = (LOCKS / "linux.txt").read_text(encoding="utf-8")
    match = re.search(rf"^{name}==.*\n(?:    --hash=.*\n)+", text, flags=re.MULTILINE)
    if match is None:
        raise ValueError(f"build/locks/linux.txt has no {name}")
    return match[0]


def source(entry: dict[str, Any]) -> dict[str, str]:
    """A source of a Flatpak, of an entry in pip's report.

    Raises:
        ValueError: the file lies at no address that others can reach.
    """
    found = entry["download_info"]
    if not found["url"].startswith("https://"):
        raise ValueError(f"{found['url']} is on this machine only: let pip take it from its index.")
    is_tool = entry["metadata"]["name"] == "setuptools"
    return {
        "type": "file",
        "url": found["url"],
        "sha256": found["archive_info"]["hashes"]["sha256"],
        "dest": "tools-setuptools" if is_tool else "libraries",
    }


def put(path: Path, text: str) -> None:
    """Write a file with its folders, with the same line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
