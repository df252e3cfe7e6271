"""Builds the program that needs no Python, into `dist/digitapp/`: `python build/build.py`.

Run it on the system that it is for, with the packages of `python -m pip install '.[build]'`.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
WORK = ROOT / ".work" / "pyinstaller"
SAMPLE = ROOT / "assets" / "samples" / "7.png"


def main() -> None:
    """Clean, build, try the result, and print its size."""
    for folder in (DIST / "digitapp", WORK):
        shutil.rmtree(folder, ignore_errors=True)
    freeze()
    program = DIST / "digitapp" / ("digitapp.exe" if sys.platform == "win32" else "digitapp")
    try_out(program)
    print(f"{program.parent}: {megabytes(program.parent):.0f} MB")


def freeze() -> None:
    """Run PyInstaller on `digitapp.spec`."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(DIST), "--workpath", str(WORK)]
    subprocess.run([*command, str(ROOT / "build" / "digitapp.spec")], check=True)


def try_out(program: Path) -> None:
    """See that the program starts and reads, and print how long that takes.

    Raises:
        SystemExit: it does not say what it should.
    """
    for arguments, said in ((["--version"], "digitapp "), (["recognize", str(SAMPLE)], ": 7")):
        start = time.perf_counter()
        result = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False, timeout=60
        )
        took_s = time.perf_counter() - start
        print(f"{' '.join(arguments)}: {result.stdout.strip()!r} in {took_s:.2f} s")
        if result.returncode or said not in result.stdout:
            raise SystemExit(f"The built program does not work: {result.stderr or result.stdout}")


def megabytes(folder: Path) -> float:
    """What the files of a folder take, in megabytes; links count nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    main()
