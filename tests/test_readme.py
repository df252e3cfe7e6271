"""The READMEs tell the truth: their tables, their examples, their commands and their links."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import digitapp
from digitapp import errors, formats
from digitapp.cli.main import main
from digitapp.cluster import shards
from digitapp.config import BY_NAME, MAX_BODY, MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, SETTINGS
from digitapp.recognition import visualize
from digitapp.web.api import FLAGS

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("assets", "build", "digitapp", "tests", "train")

THIRD_PARTY = "node_modules"
"""A folder below `tests` that npm fills; it is none of ours."""

SOURCES = [
    path
    for name in FOLDERS
    for path in (ROOT / name).rglob("*")
    if path.is_file() and THIRD_PARTY not in path.parts
]
FILES = [*ROOT.glob("*.md"), *(path for path in SOURCES if path.suffix == ".md")]
READMES = [path for path in FILES if path.name == "README.md"]

MOST_WORDS = 1_724
"""Words of README.md, as `wc -w` counts them: half of what it had when it told everything."""

IN_WORDS = {
    "token_file": "none",
    "token": "a new one at each start",
    "slots": "the number of processors, at most 4",
    "log_dir": "the user's own",
    "one_digit": "off",
    "no_token": "off",
    "allow_host": "none",
    "trusted_proxies": "none",
}
"""Defaults that depend on the machine or cannot be written down."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README, PROGRAM, WEB = text("README.md"), text("digitapp/README.md"), text("digitapp/web/README.md")
BUILD, TESTS = text("build/README.md"), text("tests/README.md")
CLI, CLUSTER = text("digitapp/cli/README.md"), text("digitapp/cluster/README.md")


def tables(markdown: str) -> Iterator[list[list[str]]]:
    """The tables, each as its rows' cells without the marks of code. The first row is the head."""
    for lines in re.findall(r"(?:^\|.*\n)+", markdown, re.MULTILINE):
        rows = [line.strip("|").split("|") for line in lines.splitlines()]
        yield [[cell.strip().replace("`", "") for cell in row] for row in rows if "---" not in row]


def table(markdown: str, head: str) -> list[list[str]]:
    """The rows below the head of the first table whose first column is called so."""
    return next(rows[1:] for rows in tables(markdown) if rows[0][0] == head)


def block(markdown: str, kind: str) -> str:
    """The first block of a kind."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", markdown, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def anchors(markdown: str) -> set[str]:
    """What a link can point to inside a file."""
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in headings}


def links(path: Path) -> list[tuple[Path, str]]:
    """The relative links of a file: where each leads, and to which anchor."""
    found = re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", path.read_text(encoding="utf-8"))
    return [
        ((path.parent / target).resolve() if target else path, anchor)
        for target, anchor in found
        if "://" not in target
    ]


def help_of(*command: str) -> set[str]:
    """The options that a program's help names, without `--help` itself."""
    asked = [sys.executable, *command, "--help"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"--[a-z][a-z-]*", said)) - {"--help"}


# --- The READMEs as a whole


def test_readme_is_short() -> None:
    assert len(README.split()) <= MOST_WORDS


@pytest.mark.parametrize("path", READMES[1:], ids=lambda path: path.parent.name)
def test_every_readme_is_linked_from_above(path: Path) -> None:
    above = {ROOT / "README.md", path.parent.parent / "README.md"}
    assert path in {target for one in above if one.exists() for target, _ in links(one)}


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_every_text_at_the_top_is_linked_from_readme(path: Path) -> None:
    assert path.name == "README.md" or path in {target for target, _ in links(ROOT / "README.md")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in links(path):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)
def test_every_source_that_is_named_is_there(path: Path) -> None:
    names = {each.name for each in SOURCES}
    pattern = r"(?<![\w./-])[\w.-]+(?:/[\w.-]+)*\.(?:py|js|html|spec|iss)\b"
    for named in re.findall(pattern, path.read_text(encoding="utf-8")):
        folders = (path.parent, ROOT) if "/" in named else ()
        assert named in names or any((folder / named).exists() for folder in folders), named


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)
def test_every_module_that_is_run_is_there(path: Path) -> None:
    for name in re.findall(r"python -m ([\w.]+)", path.read_text(encoding="utf-8")):
        assert importlib.util.find_spec(name), name


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)
def test_every_variable_that_is_named_is_a_settings(path: Path) -> None:
    named = set(re.findall(r"DIGITAPP_[A-Z_]+", path.read_text(encoding="utf-8")))
    assert named <= {row.variable for row in SETTINGS} | {"DIGITAPP_COMPLETE"}  # asks for words


@pytest.mark.parametrize(
    ("extra", "command"), [("desktop", "digitapp"), ("test", "python -m pytest")]
)
def test_both_commands_make_their_own_environment(extra: str, command: str) -> None:
    install = f"python -m pip install '.[{extra}]'"
    assert f"python3 -m venv .venv && . .venv/bin/activate && {install} && {command}\n" in README
    scripts = ".venv\\Scripts\\"
    assert f"py -m venv .venv; {scripts}{install}; {scripts}{command}\n" in README


# --- README.md


def test_the_example_of_the_command_line_is_what_it_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *lines = block(README, "console").splitlines()
    assert command.startswith("$ digitapp ")
    monkeypatch.chdir(ROOT)
    assert main(command.split()[2:]) == 0
    assert [line.replace("\\", "/") for line in capsys.readouterr().out.splitlines()] == lines


def test_the_options_of_recognize_are_all_there() -> None:
    told = {row[0].split()[0] for row in table(CLI, "option")}
    assert told == help_of("-m", "digitapp", "recognize")


def test_the_options_of_batch_are_all_there() -> None:
    told = {row[0].split()[0] for row in table(CLUSTER, "option")}
    assert told == help_of("-m", "digitapp", "batch")


def test_the_columns_of_parquet_are_all_there() -> None:
    told = {name for row in table(CLUSTER, "column") for name in row[0].split(", ")}
    assert told == set(shards.schema().names)


def test_the_file_types_are_those_that_are_read() -> None:
    assert formats.listed().replace(" or ", " and ") in README


def test_the_figures_are_the_shipped_models() -> None:
    _, figures, _ = re.split("<!-- figures(?: end)? -->", README)
    assert table(figures, "what")
    test = json.loads(text("assets/digits.json"))["test"]
    low, high = test["accuracy_95"]
    right = f"{test['accuracy']:.2%} right ({test['misread']} misread; 95 % interval "
    assert f"{right}{low:.2%} to {high:.2%})" in figures


# --- digitapp/README.md


def test_every_part_of_the_program_is_told() -> None:
    packages = {path.parent.name for path in (ROOT / "digitapp").glob("*/__init__.py")}
    assert {row[0].strip("/") for row in table(PROGRAM, "package")} == packages
    modules = {path.name for path in (ROOT / "digitapp").glob("*.py")}
    assert all(f"`{name}`" in PROGRAM for name in modules if not name.startswith("__"))


def test_every_folder_that_a_change_goes_to_is_there() -> None:
    cells = " ".join(" ".join(row[1:]) for row in table(PROGRAM, "to"))
    for named in set(re.findall(r"(?<![\w./-])[\w/]+/(?![\w.])", cells)):
        assert (ROOT / "digitapp" / named).is_dir(), named


# --- digitapp/web/README.md


def test_the_settings_are_the_programs() -> None:
    assert [row[:3] for row in table(WEB, "setting")] == [
        [row.name, IN_WORDS.get(row.name, str(row.default)), row.variable] for row in SETTINGS
    ]


@pytest.mark.parametrize("command", ["serve", "recognize", "batch", "window"])
def test_every_option_is_a_setting_or_told(command: str) -> None:
    told = set(re.findall(r"--[a-z][a-z-]*", README + WEB + CLI + CLUSTER))
    for option in help_of("-m", "digitapp", command):
        assert option[2:].replace("-", "_") in BY_NAME or option in told, option


def test_the_errors_are_the_programs() -> None:
    told = sorted(row[:2] for row in table(WEB, "status"))
    kinds = errors.DigitappError.__subclasses__()
    assert told == sorted([str(kind.status), kind.code] for kind in kinds)
    assert f"not {formats.listed()}" in WEB


def test_the_options_over_http_are_the_programs() -> None:
    assert [row[0] for row in table(WEB, "option")] == [f"{name}=1" for name in FLAGS]


def test_the_limits_are_the_programs() -> None:
    for limit in (
        f"{MAX_BODY // 2**20} MiB",
        f"{MAX_SIDE:,} pixels",
        f"{MAX_JPEG_PIXELS // 10**6} megapixels",
        f"{MAX_PIXELS // 10**6} megapixels",
    ):
        assert limit in WEB


def test_the_limit_of_a_stage_s_picture_is_the_programs() -> None:
    [meaning] = [row[1] for row in table(WEB, "key") if row[0] == "stages"]
    assert f"{visualize.MOST:,} pixels" in meaning


def test_the_example_of_an_answer_has_its_form(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    example = json.loads(block(WEB, "json"))
    assert main(["recognize", example["file"], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert form(example) == form(answer)
    for key in ("text", "width", "height"):
        assert example[key] == answer[key]
    assert example["symbols"][0]["box"] == answer["symbols"][0]["box"]
    assert answer["model"].startswith(example["model"].removesuffix("..."))


def test_every_key_of_an_answer_is_told_and_no_other() -> None:
    example = json.loads(block(WEB, "json"))
    keys = {*example, *example["symbols"][0], "input", "stages"} - {"file"}
    told = {name for row in table(WEB, "key") for name in row[0].split(", ")}
    assert told == keys


def form(value: object) -> object:
    """The keys, the lengths and the types, in order, without the values."""
    if isinstance(value, dict):
        return [(key, form(part)) for key, part in value.items()]
    return [form(part) for part in value] if isinstance(value, list) else type(value)


# --- build/README.md, tests/README.md and CHANGES.md


def test_the_options_of_the_build_are_all_there() -> None:
    assert {row[0] for row in table(BUILD, "option")} == help_of("build/build.py")


def test_every_benchmark_is_told() -> None:
    told = {row[0].split()[2] for row in table(TESTS, "command")}
    scripts = (path for path in (ROOT / "tests" / "benchmarks").glob("*.py"))
    mains = {path.stem for path in scripts if "__main__" in path.read_text(encoding="utf-8")}
    assert mains
    assert {f"tests.benchmarks.{name}" for name in mains} <= told


def test_this_version_is_in_the_changes() -> None:
    released = re.findall(r"^## (\S+)$", text("CHANGES.md"), re.MULTILINE)
    assert released[0] == digitapp.__version__
