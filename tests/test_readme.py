"""The README tells the truth: its tables, its examples and its commands."""

import json
import re
from pathlib import Path

import pytest

import digitapp
from digitapp import errors
from digitapp.cli.main import main
from digitapp.config import MAX_BODY, MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, SETTINGS, Setting
from digitapp.recognition import visualize

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

IN_WORDS = {
    "token": "a new one at each start",
    "slots": "the number of processors, at most 4",
    "log_dir": "the user's own",
    "one_digit": "off",
    "allow_host": "none",
}
"""Defaults that differ by machine or are no text of their own."""


def rows() -> list[list[str]]:
    """The cells of every row of every table, without the marks of code."""
    lines = [line for line in README.splitlines() if line.startswith("|")]
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines
    ]


def block(kind: str, start: str = "") -> str:
    """The first block of a kind whose text starts so."""
    blocks: list[str] = re.findall(rf"^```{kind}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return next(text for text in blocks if text.startswith(start))


def anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)
def test_every_setting_is_documented(row: Setting) -> None:
    default = IN_WORDS.get(row.name, str(row.default))
    assert [row.name, default, row.variable] in [cells[:3] for cells in rows()]


def test_no_setting_is_documented_that_there_is_not() -> None:
    names = set(re.findall(r"DIGITAPP_[A-Z_]+", README))
    assert names == {row.variable for row in SETTINGS}


@pytest.mark.parametrize("error", errors.DigitappError.__subclasses__())
def test_every_error_is_documented(error: type[errors.DigitappError]) -> None:
    assert [str(error.status), error.code] in [cells[:2] for cells in rows()]


def test_the_limit_of_a_stage_s_picture_is_the_programs() -> None:
    [meaning] = [cells[1] for cells in rows() if cells[0] == "stages"]
    assert f"{visualize.MOST:,} pixels" in meaning


def test_the_limits_are_the_programs() -> None:
    for limit in (
        f"{MAX_BODY // 2**20} MiB",
        f"{MAX_SIDE:,} pixels",
        f"{MAX_JPEG_PIXELS // 10**6} megapixels",
        f"{MAX_PIXELS // 10**6} megapixels",
    ):
        assert limit in README


def test_every_link_leads_somewhere() -> None:
    headings = {anchor(name) for name in re.findall(r"^#+ (.*)$", README, re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings
        else:
            assert (ROOT / target).is_file()


def test_the_example_of_the_command_line_is_what_it_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *lines = block("console").splitlines()
    assert command.startswith("$ digitapp ")
    monkeypatch.chdir(ROOT)
    assert main(command.split()[2:]) == 0
    assert [line.replace("\\", "/") for line in capsys.readouterr().out.splitlines()] == lines


def test_the_example_of_an_answer_has_its_form(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    example = json.loads(block("json"))
    assert main(["recognize", example["file"], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert form(example) == form(answer)
    for key in ("text", "width", "height"):
        assert example[key] == answer[key]
    assert example["digits"][0]["box"] == answer["digits"][0]["box"]


def form(value: object) -> object:
    """The keys, the lengths and the types, in order, without the values."""
    if isinstance(value, dict):
        return [(key, form(part)) for key, part in value.items()]
    return [form(part) for part in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    ("extra", "command"), [("desktop", "digitapp"), ("test", "python -m pytest")]
)
def test_both_commands_make_their_own_environment(extra: str, command: str) -> None:
    install = f"python -m pip install '.[{extra}]'"
    assert f"python3 -m venv .venv && . .venv/bin/activate && {install} && {command}\n" in README
    scripts = ".venv\\Scripts\\"
    assert f"py -m venv .venv; {scripts}{install}; {scripts}{command}\n" in README


def test_this_version_is_in_the_changes() -> None:
    changes = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == digitapp.__version__
