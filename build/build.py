"""Builds the program that needs no Python, and packs it: `python build/build.py`.

Run it on the system that it is for, with the packages of `python -m pip install '.[build]'`. The
program comes to `dist/digitapp/`, with `--headless` to `dist/digitapp-headless/`, with `--onefile`
to `dist/onefile/`; what people download lies beside it, with checksums. Two builds of one commit
on one machine are equal.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bill
import notices
import pack
import sizes
import trim
from parts import Parts

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
WORK = ROOT / ".work"
SUFFIX = ".exe" if sys.platform == "win32" else ""

SHORT = ["--version"]
READING = ["recognize", str(ROOT / "assets" / "samples" / "7.png")]
SELFTEST = ["--selftest"]
"""What the built program must do before it is packed."""


def main(argv: Sequence[str] | None = None) -> None:
    """Clean, build, trim, note what is inside, try it, pack it."""
    options = parse(argv)
    os.environ |= {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(epoch())}
    name = "digitapp-headless" if options.headless else "digitapp"
    folder = DIST / ("onefile" if options.onefile else name)
    work = WORK / f"pyinstaller-{folder.name}"
    for path in (folder, work):
        shutil.rmtree(path, ignore_errors=True)
    freeze(options, folder if options.onefile else DIST, work)
    parts = Parts.read(work / "digitapp")
    strip(folder)
    notices.collect(parts, folder / "licences")
    bill.write(parts, folder / "bill-of-materials.cdx.json")
    age(folder)
    sizes.show(folder)
    try_out(folder / f"digitapp{SUFFIX}")
    if not (options.no_pack or options.onefile):
        pack.pack(folder, parts, DIST)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description="Builds the program that needs no Python.")
    parser.add_argument("--headless", action="store_true", help="leave the window out")
    parser.add_argument("--onefile", action="store_true", help="one file, which starts slowly")
    parser.add_argument("--no-pack", action="store_true", help="make no archives")
    return parser.parse_args(argv)


def epoch() -> int:
    """The commit's time in seconds, which all files get; outside a clone, the sources' own."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        return int(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
    except (OSError, subprocess.CalledProcessError):
        return int((ROOT / "CHANGES.md").stat().st_mtime)


def freeze(options: argparse.Namespace, dist: Path, work: Path) -> None:
    """Run PyInstaller on `digitapp.spec`."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(dist), "--workpath", str(work)]
    command += [str(ROOT / "build" / "digitapp.spec"), "--"]
    command += ["--headless"] * options.headless + ["--onefile"] * options.onefile
    subprocess.run(command, check=True)


def strip(folder: Path) -> None:
    """Remove symbols for debuggers from the libraries that carry many."""
    if sys.platform != "linux":
        return
    found = [path for pattern in trim.STRIPPED for path in folder.rglob(pattern)]
    files = [str(path) for path in found if not path.is_symlink()]
    if files:
        subprocess.run(["strip", "--strip-unneeded", *files], check=True)


def age(folder: Path) -> None:
    """Give everything the commit's time, and modes that do not depend on who builds."""
    time_s = epoch()
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            os.utime(path, (time_s, time_s))


def try_out(program: Path) -> None:
    """See that the program starts, reads and finds itself whole; print how long that takes.

    Raises:
        SystemExit: it does not say what it should.
    """
    for arguments, said in ((SHORT, "digitapp "), (READING, ": 7"), (SELFTEST, "All is well")):
        start = time.perf_counter()
        result = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        took_s = time.perf_counter() - start
        print(f"$ digitapp {' '.join(arguments)}  ({took_s:.2f} s)\n{result.stdout.rstrip()}")
        if result.returncode or said not in result.stdout:
            raise SystemExit(f"The built program does not work: {result.stderr or result.stdout}")


if __name__ == "__main__":
    main()
