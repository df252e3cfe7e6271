"""What holds for every test: in CI none may skip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

IN_A_TEST = "import pytest\n\ndef test_display():\n    pytest.skip('no display')\n"
IN_A_MODULE = "import pytest\n\npytest.skip('no display', allow_module_level=True)\n"
EXPECTED = "import pytest\n\n@pytest.mark.xfail\ndef test_wrong():\n    raise ValueError\n"


def status(test: str, folder: Path, **variables: str) -> int:
    """The exit status of pytest for one file of tests."""
    path = folder / "test_it.py"
    path.write_text(test + "\ndef test_right(): pass\n")
    around = {name: text for name, text in os.environ.items() if name != "CI"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", str(path)]
    command += ["--rootdir", str(folder), "-p", "no:cacheprovider"]
    result = subprocess.run(
        command, cwd=ROOT, env={**around, **variables}, capture_output=True, check=False
    )
    return result.returncode


@pytest.mark.parametrize("test", [IN_A_TEST, IN_A_MODULE])
def test_in_ci_a_skipped_test_fails_the_run(test: str, tmp_path: Path) -> None:
    assert status(test, tmp_path, CI="true") == pytest.ExitCode.TESTS_FAILED


def test_in_ci_an_expected_failure_is_none(tmp_path: Path) -> None:
    assert status(EXPECTED, tmp_path, CI="true") == pytest.ExitCode.OK


def test_elsewhere_a_test_may_skip(tmp_path: Path) -> None:
    assert status(IN_A_TEST, tmp_path) == pytest.ExitCode.OK
