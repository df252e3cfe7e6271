"""The program as it is installed: what the archives hold, and that it finds its model."""

import email
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from PIL import Image, ImageChops

import digitapp
from tests.web.client import TOKEN, ask

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "assets" / "samples"
MANUAL = ROOT / "assets" / "man"

TREE = ["digitapp", "assets", "build", "tests", "train"]
TEXTS = ["README.md", "CHANGES.md", "SECURITY.md", "LICENSE"]
FILES = ["setup.cfg", "pyproject.toml", "MANIFEST.in", ".dockerignore", *TEXTS]
UNSHIPPED = {"__pycache__", "node_modules"}
IGNORED = shutil.ignore_patterns(*UNSHIPPED, "*.egg-info")

NETWORKS = {
    f"{name}.{kind}"
    for name in ("digits", "strings", "ink", "signs")
    for kind in ("keras", "tflite")
}
SHIPPED = NETWORKS | {"digits.json", "model-card.md", "icon.ico", "icon.png"}
"""The assets that the wheel holds, as far as they are there."""

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
"""The window has tests of its own."""

PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"
WHERE = "import digitapp.paths; print(digitapp.paths.asset('digits.tflite'))"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, which building may litter."""
    folder = tmp_path_factory.mktemp("clone")
    for name in TREE:
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def archives(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive and the wheel that is made from it."""
    folder = tmp_path_factory.mktemp("archives")
    python(clone, "-m", "build", "--no-isolation", "--outdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def installed(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with nothing but the wheel."""
    return environment(tmp_path_factory.mktemp("installed"), str(wheel(archives)))


def environment(folder: Path, *what: str) -> Path:
    """Make an environment and install into it, with this one's pip and build tools, offline."""
    venv.create(folder, with_pip=False)
    pip = ["-m", "pip", "--python", str(executable(folder)), "install", "--quiet"]
    alone = ["--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed"]
    python(folder, *pip, *alone, *what, PYTHONPATH=packages())
    return folder


def executable(folder: Path, name: str = "python") -> Path:
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / name


def packages() -> str:
    """Where this environment's packages lie, as a PYTHONPATH."""
    return os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))


def behind(folder: Path) -> str:
    """A PYTHONPATH of an environment's own packages, and then of this one's, which it needs."""
    own = output(folder, str(executable(folder)), "-c", PURELIB)
    return os.pathsep.join([own, packages()])


def wheel(archives: Path) -> Path:
    [path] = archives.glob("*.whl")
    return path


def python(folder: Path, *arguments: str, **variables: str) -> str:
    """What this environment's Python prints, run in `folder`."""
    return output(folder, sys.executable, *arguments, **variables)


def output(folder: Path, *command: str, **variables: str) -> str:
    """What a command prints, run in `folder` without our own PYTHONPATH.

    Raises:
        AssertionError: it fails; the message is all that it said.
    """
    around = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        command,
        cwd=folder,
        env={**around, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def program_files() -> set[str]:
    """Every file of the program, as the wheel names it; what is written about it stays out."""
    files = {path for path in (ROOT / "digitapp").rglob("*") if path.is_file()}
    files = {path for path in files if "__pycache__" not in path.parts and path.suffix != ".md"}
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_holds_the_program_alone(archives: Path) -> None:
    with zipfile.ZipFile(wheel(archives)) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    manual = {name for name in names if "/data/share/man/man1/" in name}
    assert {Path(name).name for name in manual} == {path.name for path in MANUAL.iterdir()}
    assets = {f"digitapp/assets/{name}" for name in SHIPPED if (ROOT / "assets" / name).exists()}
    assert {f"digitapp/assets/{name}" for name in NETWORKS} <= assets
    assert names - manual == program_files() | assets


def contents(path: Path) -> dict[str, bytes]:
    """What a wheel holds, by name."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_the_wheel_says_whose_it_is_and_what_it_needs(archives: Path) -> None:
    files = contents(wheel(archives))
    [about] = [name for name in files if name.endswith(".dist-info/METADATA")]
    folder = about.rpartition("/")[0]
    assert files[f"{folder}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert files[f"{folder}/top_level.txt"] == b"digitapp\n"
    assert b"digitapp = digitapp.cli.start:main" in files[f"{folder}/entry_points.txt"]
    assert "digitapp/py.typed" in files
    told = email.message_from_bytes(files[about])
    assert (told["Name"], told["Version"]) == ("digitapp", digitapp.__version__)
    assert told["Requires-Python"] == ">=3.11"
    needed = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert len(needed) == len(asked("options", "install_requires"))
    assert {*told.get_all("Provides-Extra", [])} == {*extras()}


def extras() -> list[str]:
    """The names of all extras."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config.options("options.extras_require")


def asked(section: str, name: str) -> list[str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return [line for line in config[section][name].splitlines() if line]


def test_the_tree_and_the_source_archive_make_the_same_wheel(
    clone: Path, archives: Path, tmp_path: Path
) -> None:
    """`python -m build` makes the wheel of the source archive; `pip install .` makes the other."""
    python(clone, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path))
    assert contents(wheel(tmp_path)) == contents(wheel(archives))


def test_the_source_archive_holds_the_repository_and_nothing_else(
    clone: Path, archives: Path
) -> None:
    [path] = archives.glob("*.tar.gz")
    with tarfile.open(path) as file:
        names = {entry.name.partition("/")[2] for entry in file if entry.isfile()}
    made = {name for name in names if name.startswith("digitapp.egg-info/")} | {"PKG-INFO"}
    files = {path for name in TREE for path in (clone / name).rglob("*") if path.is_file()}
    ours = {path.relative_to(clone).as_posix() for path in files}
    assert names - made == {*ours, *FILES}


def test_the_source_archive_holds_the_tests_and_the_trainer(archives: Path) -> None:
    [path] = archives.glob("*.tar.gz")
    with tarfile.open(path) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    for name in ("tests/conftest.py", "train/__main__.py", "build/digitapp.spec", *TEXTS):
        assert name in names
    readmes = {path.relative_to(ROOT).as_posix() for path in (ROOT / "digitapp").rglob("*.md")}
    assert readmes
    assert readmes <= names


def test_building_uses_no_folder_of_ours_as_scratch(clone: Path, archives: Path) -> None:
    assert archives.is_dir()
    for name in TREE:
        before = {path.relative_to(ROOT) for path in (ROOT / name).rglob("*")}
        after = {path.relative_to(clone) for path in (clone / name).rglob("*")}
        assert after == {path for path in before if UNSHIPPED.isdisjoint(path.parts)}


def test_an_installed_program_needs_click_alone_to_say_its_version(
    installed: Path, tmp_path: Path
) -> None:
    shutil.copytree(Path(click.__file__).parent, tmp_path / "click")
    said = output(
        installed, str(executable(installed, "digitapp")), "--version", PYTHONPATH=str(tmp_path)
    )
    assert said == f"digitapp {digitapp.__version__}"


def test_an_installed_program_finds_its_model(installed: Path) -> None:
    path = Path(output(installed, str(executable(installed)), "-c", WHERE))
    assert installed in path.parents
    assert path.parent.parent.name == "digitapp"


def test_an_installed_program_reads(installed: Path) -> None:
    program = str(executable(installed, "digitapp"))
    said = output(
        installed, program, "recognize", str(SAMPLES / "7.png"), PYTHONPATH=behind(installed)
    )
    assert said.endswith("7.png: 7")


def test_an_installed_program_passes_its_own_test(installed: Path) -> None:
    program = str(executable(installed, "digitapp"))
    said = output(installed, program, "--selftest", PYTHONPATH=behind(installed), **NO_DISPLAY)
    assert said.endswith("All is well.")


def test_an_installed_program_serves_its_page_and_reads(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(TOKEN)
    program = str(executable(installed, "digitapp"))
    command = [program, "serve", "--port", "0", "--token-file", str(file)]
    around = os.environ | {"PYTHONPATH": behind(installed)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=around, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            url = re.findall(r"http://[\d.:]+/", server.stdout.readline())[0]
            page = ask(url, "GET", "/").body.decode()
            files = re.findall(r'(?:href|src)="(static/[^"?]+)', page)
            assert files
            for name in files:
                assert ask(url, "GET", f"/{name}").status == 200, name
            seven = (SAMPLES / "7.png").read_bytes()
            assert ask(url, "POST", "/api/recognize", seven).json["text"] == "7"
        finally:
            server.kill()


def test_a_checkout_finds_its_model(clone: Path) -> None:
    assert Path(python(clone, "-c", WHERE)) == clone / "assets" / "digits.tflite"


def test_a_checkout_finds_its_model_beside_an_installed_program(
    clone: Path, installed: Path
) -> None:
    path = Path(output(clone, str(executable(installed)), "-c", WHERE))
    assert path == clone / "assets" / "digits.tflite"


def test_an_editable_installation_finds_its_model(clone: Path, tmp_path: Path) -> None:
    folder = environment(tmp_path / "environment", "--editable", str(clone))
    path = Path(output(folder, str(executable(folder)), "-c", WHERE))
    assert path == clone / "assets" / "digits.tflite"


@pytest.mark.parametrize("digit", range(10))
def test_the_samples_are_read_as_they_are_named(
    digit: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from digitapp.cli.main import main

    path = SAMPLES / f"{digit}.png"
    assert main(["recognize", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: {digit}\n"


@pytest.mark.parametrize(
    ("script", "drawn"), [("make_icon.py", ROOT / "assets"), ("make_samples.py", SAMPLES)]
)
def test_the_pictures_are_what_their_scripts_draw(script: str, drawn: Path, tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "build" / script))["main"](tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in drawn.iterdir()} & names
    for name in names:
        with Image.open(tmp_path / name) as fresh, Image.open(drawn / name) as kept:
            assert difference(fresh, kept) <= 2


def test_the_manual_is_what_the_commands_say(tmp_path: Path) -> None:
    """After a change of the command line, run `python build/make_man.py`."""
    runpy.run_path(str(ROOT / "build" / "make_man.py"))["main"](tmp_path)
    texts = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert texts == {path.name: path.read_text(encoding="utf-8") for path in MANUAL.iterdir()}


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two pictures in any channel, of 255."""
    assert one.size == other.size
    bands = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).getextrema()
    return max(int(high) for _, high in bands)  # type: ignore[misc]
