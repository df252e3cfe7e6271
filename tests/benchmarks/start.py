"""How long the program takes to start: `python -m tests.benchmarks.start`, by hand.

Each command runs ten times, in turns, so that a busy moment hits all alike; medians are compared.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import drawings

ROUNDS = 10

IMPORT_S = 0.03
"""How much longer than Python itself `import digitapp` may take, in seconds; it takes 0.001."""

VERSION_S = 0.03
"""How much longer than Python itself `--version` may take, in seconds; it takes 0.003."""

RECOGNIZE_RATIO = 1.8
"""How many times as long as the bare imports the reading of one picture may take.

On two idle processors it takes 1.6 to 1.7 times as long, on busy ones 1.2 to 1.4: NumPy's threads
spin when it is imported, on a processor that nobody else then gets. The aim is 1.4.
"""

PYTHON, PACKAGE, VERSION, IMPORTS, RECOGNIZE = (
    "python",
    "import digitapp",
    "digitapp --version",
    "imports",
    "digitapp recognize",
)


def commands(picture: Path) -> dict[str, list[str]]:
    """What is timed; `digitapp` is the console script beside this Python, as people run it."""
    program = str(Path(sys.executable).with_name("digitapp"))
    imports = "import numpy, PIL.Image, ai_edge_litert.interpreter"
    return {
        PYTHON: [sys.executable, "-c", "pass"],
        PACKAGE: [sys.executable, "-c", "import digitapp"],
        VERSION: [program, "--version"],
        IMPORTS: [sys.executable, "-c", imports],
        RECOGNIZE: [program, "recognize", str(picture)],
    }


def seconds(command: list[str]) -> float:
    """How long a command runs, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def medians(picture: Path) -> dict[str, float]:
    """Each command's median in seconds."""
    lines = commands(picture)
    taken: dict[str, list[float]] = {name: [] for name in lines}
    for line in lines.values():  # once for the disk's cache
        seconds(line)
    for _ in range(ROUNDS):
        for name, line in lines.items():
            taken[name].append(seconds(line))
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> int:
    """Print the medians and all figures; 1 when one misses its bar."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "one.png"
        picture.write_bytes(drawings.png(1))
        taken = medians(picture)
    for name, time_s in taken.items():
        print(f"{name:20} {time_s:.3f} s")
    package_s, version_s = (taken[name] - taken[PYTHON] for name in (PACKAGE, VERSION))
    ratio = taken[RECOGNIZE] / taken[IMPORTS]
    print(f"import digitapp takes {package_s:.3f} s longer than Python (at most {IMPORT_S})")
    print(f"--version takes {version_s:.3f} s longer than Python (at most {VERSION_S})")
    print(f"recognize takes {ratio:.2f} times the imports (at most {RECOGNIZE_RATIO})")
    is_quick = package_s <= IMPORT_S and version_s <= VERSION_S
    return 0 if is_quick and ratio <= RECOGNIZE_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())
