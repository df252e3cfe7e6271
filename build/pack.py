"""Packs a built program as its system's people get it, and writes the checksums."""

import hashlib
import lzma
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import make_icon
import versions
from parts import Parts, packages

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".work"

PRESET = 1
"""Of xz: as small as gzip's best would have to be, and quicker. 9 would take many minutes."""

DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
"""What Debian calls the processors."""

HOME = Path("opt/digitapp")
"""Where the Debian package puts the program."""


LOCALES = "_internal/PySide6/Qt/resources/locales"
"""An empty folder that Qt makes where it may; as the package's own it is removed with it."""


def pack(folder: Path, parts: Parts, dist: Path) -> None:
    """Pack `folder` into `dist`, with `SHA256SUMS` of all that lies there to be downloaded."""
    makers = {"linux": on_linux, "win32": on_windows, "darwin": on_macos}
    bill = folder / "bill-of-materials.cdx.json"
    if bill.is_file():
        shutil.copy(bill, dist / f"{stem(folder)}.cdx.json")
    for path in makers[sys.platform](folder, parts, dist):
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
    write_sums(dist)


def on_linux(folder: Path, parts: Parts, dist: Path) -> Iterator[Path]:
    """An archive; for the program with its window a Debian package too."""
    yield tar(folder, dist / f"{stem(folder)}.tar.xz")
    if folder.name == "digitapp":
        yield deb(folder, parts, dist)


def on_windows(folder: Path, _: Parts, dist: Path) -> Iterator[Path]:
    """An archive, and an installer where Inno Setup is there to make it."""
    yield Path(shutil.make_archive(str(dist / stem(folder)), "zip", folder.parent, folder.name))
    if folder.name == "digitapp" and (compiler := shutil.which("iscc")):
        name = f"{stem(folder)}-setup"
        defines = [f"/DVersion={versions.version(ROOT)}", f"/DSource={folder}"]
        script = ROOT / "build" / "windows" / "digitapp.iss"
        subprocess.run([compiler, *defines, f"/O{dist}", f"/F{name}", script], check=True)
        yield dist / f"{name}.exe"


def on_macos(folder: Path, _: Parts, dist: Path) -> Iterator[Path]:
    """A disk image of the application; of a program without a window an archive."""
    if folder.name != "digitapp":
        yield tar(folder, dist / f"{stem(folder)}.tar.xz")
        return
    image = dist / f"{stem(folder)}.dmg"
    source = ["-volname", "digitapp", "-srcfolder", str(dist / "digitapp.app")]
    subprocess.run(["hdiutil", "create", "-ov", *source, "-format", "UDZO", image], check=True)
    yield image


def stem(folder: Path) -> str:
    """What a download is called, for example `digitapp-0.1.0-linux-x86_64`."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    return f"{folder.name}-{versions.version(ROOT)}-{system}-{platform.machine().lower()}"


def tar(folder: Path, target: Path) -> Path:
    """An archive of a folder that holds nothing of who made it: sorted, root's, of one time."""
    with lzma.open(target, "wb", preset=PRESET) as raw, tarfile.open(fileobj=raw, mode="w") as out:
        for path in [folder, *sorted(folder.rglob("*"))]:
            name = str(path.relative_to(folder.parent))
            out.add(path, name, recursive=False, filter=_anonymous)
    return target


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    return entry


def deb(folder: Path, parts: Parts, dist: Path) -> Path:
    """A Debian package: the program in /opt, a link in /usr/bin, and its entry in the menus."""
    processor = DEBIAN[platform.machine()]
    tree = WORK / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / HOME, symlinks=True, copy_function=os.link)
    (tree / HOME / LOCALES).mkdir(exist_ok=True)
    entry = versions.entry(ROOT, f"/{HOME}/digitapp", "digitapp")
    put(tree / "usr/share/applications/digitapp.desktop", entry)
    put(tree / "DEBIAN/control", control(parts, processor, tree))
    links(tree)
    target = dist / f"digitapp_{versions.version(ROOT)}_{processor}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{PRESET}", "--build"]
    subprocess.run([*command, tree, target], check=True, stdout=subprocess.DEVNULL)
    return target


def put(path: Path, text: str) -> None:
    """Write a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def links(tree: Path) -> None:
    """The command, its manual, the icons, and what Debian wants to know of licences."""
    command = tree / "usr/bin/digitapp"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/{HOME}/digitapp")
    make_icon.icon_set(tree / "usr/share/icons/hicolor")
    for page in (ROOT / "assets" / "man").iterdir():
        put(tree / "usr/share/man/man1" / page.name, page.read_text(encoding="utf-8"))
    about = tree / "usr/share/doc/digitapp/copyright"
    put(about, (ROOT / "LICENSE").read_text(encoding="utf-8") + f"\nSee also /{HOME}/licences.\n")


def control(parts: Parts, processor: str, tree: Path) -> str:
    """What the package says of itself; it depends on what the libraries inside need besides."""
    names = set(packages(parts.outside)) - {"libc6"}
    depends = [f"libc6 (>= {platform.libc_ver()[1]})", *sorted(names)]
    bytes_inside = sum(p.stat().st_size for p in tree.rglob("*") if not p.is_symlink())
    text = (ROOT / "build" / "linux" / "control").read_text(encoding="utf-8")
    return text.format(
        version=versions.version(ROOT),
        processor=processor,
        depends=", ".join(depends),
        kibibytes=bytes_inside // 1024,
    )


def write_sums(dist: Path) -> None:
    """`SHA256SUMS`, as `sha256sum --check` reads it."""
    endings = (".tar.xz", ".deb", ".zip", ".exe", ".dmg", ".whl", ".tar.gz")
    files = sorted(path for path in dist.iterdir() if path.name.endswith(endings))
    lines = [f"{sha256(path)}  {path.name}\n" for path in files]
    (dist / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
