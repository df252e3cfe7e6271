"""How long the built program takes to start: `python -m tests.benchmarks.window`, by hand.

The window is compared with a bare one: pywebview with an empty page, frozen the same way, in turns.
It needs a display, `python build/build.py --no-pack` before it, and the same with `--headless`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests import drawings

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".work" / "bare"

ROUNDS = 7

RATIO = 1.3
"""How many times as long as the bare window's the page may take to be there."""

FIRST_ANSWER_S = 0.6
"""How long the program without a window may take to read a picture, in seconds."""

PATIENCE_S = 60.0

BARE = """\
import os, sys, webview
os.environ["QT_API"], os.environ["PYWEBVIEW_GUI"] = "pyside6", "qt"
def done():
    print("loaded", flush=True)
    os._exit(0)
window = webview.create_window("bare", html="<!doctype html><title>bare</title>")
window.events.loaded += done
webview.start(gui="qt" if sys.platform == "linux" else None)
"""

SPEC = """\
import sys
sys.path.insert(0, {build!r})
import trim
analysis = Analysis([{script!r}], excludes=trim.UNUSED)
files = trim.trimmed(analysis.binaries, analysis.datas)
program = EXE(PYZ(analysis.pure), analysis.scripts, exclude_binaries=True, name="bare")
COLLECT(program, *files, name="bare")
"""


def main() -> int:
    """Print the medians and both figures; 1 when one misses its bar."""
    bare = freeze()
    ours = ROOT / "dist" / "digitapp" / "digitapp"
    headless = ROOT / "dist" / "digitapp-headless" / "digitapp"
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "seven.png"
        picture.write_bytes(drawings.png(7))
        bare_s, ours_s, answer_s = medians(
            lambda: until_loaded(bare),
            lambda: until_page(ours, Path(folder)),
            lambda: until_answer(headless, picture),
        )
    print(f"a bare window, loaded       {bare_s:.2f} s")
    ratio = ours_s / bare_s
    print(f"digitapp's page, loaded     {ours_s:.2f} s, {ratio:.2f} times (at most {RATIO})")
    print(f"without a window, an answer {answer_s:.2f} s (at most {FIRST_ANSWER_S})")
    return 0 if ratio <= RATIO and answer_s <= FIRST_ANSWER_S else 1


def freeze() -> Path:
    """The bare window as a program, made as ours is."""
    program = WORK / "dist" / "bare" / "bare"
    if not program.is_file():
        WORK.mkdir(parents=True, exist_ok=True)
        script, spec = WORK / "bare.py", WORK / "bare.spec"
        script.write_text(BARE)
        spec.write_text(SPEC.format(build=str(ROOT / "build"), script=str(script)))
        command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
        places = ["--distpath", str(WORK / "dist"), "--workpath", str(WORK / "work")]
        subprocess.run([*command, *places, spec], check=True)
    return program


def medians(*runs: Callable[[], float]) -> list[float]:
    """Each run's median in seconds, in turns, after one that fills the disk's cache."""
    taken = [[run() for run in runs] for _ in range(ROUNDS + 1)][1:]
    return [statistics.median(times) for times in zip(*taken, strict=True)]


def until_loaded(program: Path) -> float:
    """How long it takes until pywebview says that the page is loaded."""
    start = time.perf_counter()
    said = subprocess.run([program], stdout=subprocess.PIPE, timeout=PATIENCE_S, check=True)
    assert said.stdout == b"loaded\n"
    return time.perf_counter() - start


def until_page(program: Path, folder: Path) -> float:
    """How long it takes until the page's script has run and asks for the shared address."""
    log = folder / "window.requests.log"
    log.unlink(missing_ok=True)
    around = os.environ | {"DIGITAPP_LOG_DIR": str(folder), "XDG_STATE_HOME": str(folder)}
    start = time.perf_counter()
    with subprocess.Popen([program], env=around, stderr=subprocess.DEVNULL) as process:
        try:
            while not (log.exists() and " GET /api/share " in log.read_text()):
                assert time.perf_counter() - start < PATIENCE_S, "the page did not load"
                time.sleep(0.005)
            return time.perf_counter() - start
        finally:
            process.terminate()


def until_answer(program: Path, picture: Path) -> float:
    """How long the reading of one picture takes, from start to end."""
    start = time.perf_counter()
    subprocess.run([program, "recognize", picture], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
