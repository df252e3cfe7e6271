"""The workflow that releases programs: its actions are pinned, and few of its jobs have rights."""

import re
from pathlib import Path

import pytest

WORKFLOW = Path(__file__).resolve().parent.parent / ".github" / "workflows" / "build.yml"

pytestmark = pytest.mark.skipif(not WORKFLOW.exists(), reason="this is no clone of the repository")


def jobs() -> dict[str, str]:
    """The text of each job, and under `""` what stands before all."""
    head, _, below = WORKFLOW.read_text(encoding="utf-8").partition("\njobs:\n")
    parts = re.split(r"^  (\w+):\n", below, flags=re.MULTILINE)[1:]
    return {"": head, **dict(zip(parts[::2], parts[1::2], strict=True))}


def test_actions_are_pinned_by_commit_and_tell_their_version() -> None:
    used = re.findall(r"uses: (.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_the_release_alone_may_write() -> None:
    may = {name: re.findall(r"([\w-]+): write", text) for name, text in jobs().items()}
    assert may == {"": [], "build": [], "release": ["contents", "id-token", "attestations"]}


def test_all_that_is_released_is_attested() -> None:
    steps = jobs()["release"].split("      - ")
    [sums] = [at for at, step in enumerate(steps) if "> SHA256SUMS" in step]
    [attested] = [at for at, step in enumerate(steps) if "attest-build-provenance" in step]
    [released] = [at for at, step in enumerate(steps) if "gh release create" in step]
    assert sums < attested < released
    assert "subject-path: downloads/*" in steps[attested]


def test_nothing_is_installed_but_what_is_locked() -> None:
    for line in re.findall(r"pip install (.*)", jobs()["build"]):
        assert line.startswith("--require-hashes ") or line == "--no-deps --no-build-isolation ."
