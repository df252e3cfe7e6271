"""A real run from the command line, on few digits: everything is written, and it goes on."""

import csv
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

from digitapp.paths import asset
from tests.train import quick, stand_in
from tests.train.quick import LINES, SETTINGS
from train import __main__ as command
from train.networks import export

ROOT = Path(__file__).parents[2]

WRITTEN = {
    "settings.json",
    "drawn.npz",
    "more.npz",
    "temperature.json",
    "digits.keras",
    "digits.tflite",
    "strings.keras",
    "strings.tflite",
    "strings-held-out.json",
    "test.json",
    "curves.png",
    "confusion.png",
    "misread.png",
    "digits.json",
    "model-card.md",
}


def start(folder: Path, *names: str) -> None:
    """Run commands of the trainer in this process, which has loaded TensorFlow already."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="keras")
        quick.start(folder, *names)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick run that was killed after its first epoch, then started again."""
    folder = tmp_path_factory.mktemp("train")
    line = [sys.executable, "-m", "tests.train.quick", str(folder)]
    killed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert killed.returncode == 9, killed.stderr
    assert not (folder / "run" / export.DIGITS).exists()
    start(folder, "fit", "strings")
    return folder / "run"


def epochs(phase: Path) -> list[str]:
    with (phase / "history.csv").open(newline="") as file:
        return [row["epoch"] for row in csv.DictReader(file)]


def test_everything_is_written(run: Path) -> None:
    assert {path.name for path in run.iterdir() if path.is_file()} == WRITTEN


def test_it_went_on_after_the_interruption(run: Path) -> None:
    assert epochs(run / "main") == ["0", "1"]


def test_it_settled(run: Path) -> None:
    for number, settling in enumerate(SETTINGS.settlings, 1):
        assert len(epochs(run / f"settle-{number}")) == settling.epochs


def test_it_learnt_something(run: Path) -> None:
    with (run / "main" / "history.csv").open(newline="") as file:
        first, last = (float(row["accuracy"]) for row in csv.DictReader(file))
    assert last > max(first, 0.25)  # guessing: 0.09
    assert json.loads((run / "test.json").read_text())["digits"] == stand_in.TEST


def test_the_line_network_was_trained_and_measured(run: Path) -> None:
    assert len(epochs(run / "strips" / "main")) == LINES.epochs
    assert len(epochs(run / "strips" / "settle")) == LINES.settling.epochs
    facts = json.loads((run / "strings-held-out.json").read_text())
    assert facts["strips"] > 50
    assert 0 <= facts["right_95"][0] <= facts["right"] <= facts["right_95"][1] <= 1
    assert f"Of {facts['strips']} such line images" in (run / "model-card.md").read_text()


def test_the_export_says_what_the_source_says(run: Path) -> None:
    assert json.loads((run / "test.json").read_text())["keras_litert_difference"] < 1e-4


def test_the_models_are_small(run: Path) -> None:
    assert (run / "digits.tflite").stat().st_size <= 1_300_000
    assert (run / "digits.keras").stat().st_size <= 1_500_000


def test_the_card_knows_the_files_and_the_settings(run: Path) -> None:
    facts = json.loads((run / "digits.json").read_text())
    for name in (name for name in export.NETWORKS if name.startswith(("digits", "strings"))):
        assert facts["files"][name]["bytes"] == (run / name).stat().st_size
    assert facts["settings"]["styles"] == SETTINGS.styles
    assert set(facts["data"]) == {"x_train", "y_train", "x_test", "y_test"}
    assert 0.25 <= facts["temperature"] <= 4
    assert facts["files"]["digits.tflite"]["sha256"] in (run / "model-card.md").read_text()


def test_another_start_changes_no_weight(run: Path) -> None:
    """Nothing is left to train, and what is calibrated is not calibrated again."""
    before = keras.saving.load_model(run / export.DIGITS, compile=False).get_weights()
    start(run.parent, "fit")
    after = keras.saving.load_model(run / export.DIGITS, compile=False).get_weights()
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other).max() < 1e-5


def test_a_finished_run_is_measured_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in.install(run.parent, monkeypatch)
    before = (run / "test.json").read_text()
    (run / "test.json").unlink()
    command.main(["evaluate", "--run", str(run), "--data", str(path)])
    assert (run / "test.json").read_text() == before


def test_a_finished_run_is_installed(run: Path, tmp_path: Path) -> None:
    finished = tmp_path / "run"
    shutil.copytree(run, finished)
    for name in ("ink.keras", "ink.tflite", "signs.keras", "signs.tflite"):  # not trained here
        shutil.copyfile(asset(name), finished / name)
    command.main(["export", "--run", str(finished), "--to", str(tmp_path)])
    for name in export.SHIPPED:
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes()
