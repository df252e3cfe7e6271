"""The Python interface: its examples run, it loads late, and it gives what all others give."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import digitapp

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "digitapp" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


def test_the_guides_examples_run_as_they_stand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(EXAMPLES) == 4
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(example, names)  # noqa: S102 (our own text)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "4071"
    assert [line.split()[0] for line in lines[1:5]] == list("4071")
    assert lines[5:] == ["4071 False", "not-found There is no such file."]


def test_every_public_name_is_there_and_no_other() -> None:
    assert set(digitapp.__all__) == {*digitapp.PUBLIC, "__version__"}
    for name in digitapp.__all__:
        assert name in dir(digitapp)
        assert getattr(digitapp, name)
    with pytest.raises(AttributeError, match="no attribute 'wrong'"):
        digitapp.wrong  # type: ignore[attr-defined]  # noqa: B018


def test_it_loads_nothing_until_it_is_used() -> None:
    script = "import sys; old = set(sys.modules); import digitapp; print(set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"{'digitapp'}\n"
