"""The command line: what is asked for, and how it ends when that cannot be done."""

import argparse
import re
from pathlib import Path

import pytest

import train
from train import __main__ as command
from train.networks.fit_digits import Settings


@pytest.mark.parametrize(
    ("seed", "epochs", "expected"),
    [(None, None, (1, 24)), (7, None, (7, 24)), (None, 3, (1, 3)), (0, 1, (0, 1))],
)
def test_settings_are_changed_if_asked(
    seed: int | None, epochs: int | None, expected: tuple[int, int]
) -> None:
    given = argparse.Namespace(seed=seed, epochs=epochs, steps=None)
    changed = command.changed(Settings(seed=1, epochs=24), given)
    assert (changed.seed, changed.epochs) == expected


def test_a_setting_that_the_command_lacks_is_refused() -> None:
    given = argparse.Namespace(command="fit", seed=None, epochs=None, steps=5)
    with pytest.raises(SystemExit, match="fit has no --steps"):
        command.changed(Settings(), given)


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ([], "command", "fit"),
        (["strings"], "command", "strings"),
        (["evaluate"], "command", "evaluate"),
        (["export"], "to", Path("assets")),
        (["--quick"], "quick", True),
        (["--seed", "0"], "seed", 0),
        (["--data", "mnist.npz"], "data", Path("mnist.npz")),
        (["--typefaces", "fonts"], "typefaces", Path("fonts")),
        (["evaluate", "--other-seeds", "a", "b"], "other_seeds", [Path("a"), Path("b")]),
        (["evaluate", "--corrupted", "a", "b"], "suites", [Path("a"), Path("b")]),
    ],
)
def test_the_command_line(arguments: list[str], name: str, value: object) -> None:
    assert getattr(command.parser().parse_intermixed_args(arguments), name) == value


def test_every_command_has_its_function() -> None:
    assert list(command.COMMANDS) == ["fit", "strings", "ink", "signs", "evaluate", "export"]


@pytest.mark.parametrize("name", ["fit", "strings", "ink", "signs", "export"])
def test_suites_are_for_evaluate_alone(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="evaluate"):
        command.main([name, str(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "none.npz"], "There is no file none.npz"),
        (["strings"], "has no digits.keras"),
        (["export"], "has no digits.keras. Make it with: python -m train"),
        (["evaluate"], "has no digits.keras"),
        (["evaluate", "suite"], "has no digits.tflite"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([*arguments, "--run", str(tmp_path / "run")])
    assert words in str(ended.value)


def test_readme_tells_every_option_and_no_other() -> None:
    readme = (Path(train.__file__).parent / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"--[a-z][a-z-]*", readme))
    assert told == set(re.findall(r"--[a-z][a-z-]*", command.parser().format_help())) - {"--help"}
