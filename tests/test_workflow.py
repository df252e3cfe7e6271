"""The workflow that releases programs: its actions are pinned, and few of its jobs have rights."""

import re
from pathlib import Path

import pytest
import yaml

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
    release = may.pop("release")
    assert release == ["contents", "id-token", "attestations"]
    assert may == {"": [], "build": [], "wheel": [], "container": [], "stores": []}


def test_all_that_is_released_is_attested() -> None:
    steps = jobs()["release"].split("      - ")
    [sums] = [at for at, step in enumerate(steps) if "> SHA256SUMS" in step]
    [attested] = [at for at, step in enumerate(steps) if "attest-build-provenance" in step]
    [released] = [at for at, step in enumerate(steps) if "gh release create" in step]
    assert sums < attested < released
    assert "subject-path: downloads/*" in steps[attested]


def test_nothing_is_installed_but_what_is_locked() -> None:
    for line in re.findall(r"pip install (.*)", "".join(jobs().values())):
        is_own = line in {
            "--no-deps --no-build-isolation .",
            "--no-deps --no-index dist/digitapp-*.whl",
        }
        assert is_own or line.startswith("--require-hashes "), line


def test_all_that_is_built_is_waited_for() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    assert set(workflow["release"]["needs"]) == {"build", "wheel", "container"}
    assert workflow["stores"]["needs"] == "release"
    kept = [
        step["with"]["path"].split()
        for name in ("build", "wheel")
        for step in workflow[name]["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact@")
    ]
    endings = {path.removeprefix("dist/*") for paths in kept for path in paths}
    assert {".tar.xz", ".deb", ".exe", ".zip", ".dmg", ".cdx.json", ".whl", ".tar.gz"} == endings


def test_the_stores_are_told_of_this_release() -> None:
    [command] = re.findall(r"run: python (build/stores\.py .*)", jobs()["stores"])
    assert '--repo "$GITHUB_REPOSITORY"' in command
    [sums] = re.findall(r"--sums (\S+)", command)
    assert f"sha256sum -- * > ../{sums}" in jobs()["stores"]
