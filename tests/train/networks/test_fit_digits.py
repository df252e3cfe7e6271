"""A real run from the command line, on few digits: everything is written, and it goes on."""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.train import stand_in
from tests.train.quick import SETTINGS
from train import __main__ as command
from train import data, export, fit, mixture, model
from train.fit import QUICK, Settings

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


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tests.train.quick", str(folder), *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick run that was killed after its first epoch, then started again."""
    folder = tmp_path_factory.mktemp("train")
    killed = start(folder, "--kill-in-epoch", "1")
    assert killed.returncode == 9, killed.stderr
    assert not (folder / "run" / "digits.keras").exists()
    finished = start(folder)
    assert finished.returncode == 0, finished.stderr
    return folder / "run"


def test_everything_is_written(run: Path) -> None:
    assert {path.name for path in run.iterdir() if path.is_file()} == WRITTEN


def test_it_went_on_after_the_interruption(run: Path) -> None:
    with (run / "main" / "history.csv").open(newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1"]


def test_it_settled(run: Path) -> None:
    for number, settling in enumerate(SETTINGS.settlings, 1):
        with (run / f"settle-{number}" / "history.csv").open(newline="") as file:
            assert len(list(csv.DictReader(file))) == settling.epochs


def test_settling_is_gentler() -> None:
    settings = Settings(seed=3)
    for settling in settings.settlings:
        assert settling.dropout < settings.dropout
        assert settling.least < settings.least
        assert settling.peak_rate < settings.peak_rate
    assert [settling.spoilt for settling in settings.settlings] == [0, 1, 1]
    seeds = [settings.seed, *(settling.seed for settling in settings.settlings)]
    assert len(set(seeds)) == len(seeds)


def test_it_learnt_something(run: Path) -> None:
    with (run / "main" / "history.csv").open(newline="") as file:
        first, last = (float(row["accuracy"]) for row in csv.DictReader(file))
    assert last > max(first, 0.25)  # guessing: 0.09
    assert json.loads((run / "test.json").read_text())["digits"] == stand_in.TEST


def test_the_export_says_what_the_source_says(run: Path) -> None:
    assert json.loads((run / "test.json").read_text())["keras_litert_difference"] < 1e-4


def test_the_models_are_small(run: Path) -> None:
    assert (run / "digits.tflite").stat().st_size <= 1_300_000
    assert (run / "digits.keras").stat().st_size <= 1_500_000


def test_the_card_knows_the_files_and_the_settings(run: Path) -> None:
    facts = json.loads((run / "digits.json").read_text())
    for name in ("digits.keras", "digits.tflite"):
        assert facts["files"][name]["bytes"] == (run / name).stat().st_size
    assert facts["settings"]["styles"] == 60
    assert set(facts["data"]) == {"x_train", "y_train", "x_test", "y_test"}
    assert 0.25 <= facts["temperature"] <= 4
    assert facts["files"]["digits.tflite"]["sha256"] in (run / "model-card.md").read_text()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")
def test_another_start_changes_no_weight(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left to train, and what is calibrated is not calibrated again."""
    before = keras.saving.load_model(run / "digits.keras", compile=False).get_weights()
    fit.fit(run, stand_in.install(run.parent, monkeypatch), SETTINGS)
    after = keras.saving.load_model(run / "digits.keras", compile=False).get_weights()
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other).max() < 1e-5


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")
def test_a_finished_run_is_measured_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in.install(run.parent, monkeypatch)
    before = (run / "test.json").read_text()
    (run / "test.json").unlink()
    command.main(["evaluate", "--run", str(run), "--data", str(path)])
    assert (run / "test.json").read_text() == before


def test_a_finished_run_is_installed(run: Path, tmp_path: Path) -> None:
    command.main(["export", "--run", str(run), "--to", str(tmp_path)])
    for name in export.SHIPPED:
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes()


# --- the parts of a run


@pytest.mark.parametrize(
    ("seed", "epochs", "expected"),
    [(None, None, (1, 24)), (7, None, (7, 24)), (None, 3, (1, 3)), (0, 1, (0, 1))],
)
def test_settings_are_changed_where_asked(
    seed: int | None, epochs: int | None, expected: tuple[int, int]
) -> None:
    given = argparse.Namespace(seed=seed, epochs=epochs)
    changed = command.changed(Settings(seed=1, epochs=24), given)
    assert (changed.seed, changed.epochs) == expected


def test_a_quick_run_is_quick() -> None:
    assert QUICK.epochs <= 2
    assert QUICK.digits is not None
    assert QUICK.digits <= 5_000


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ([], "command", "fit"),
        (["evaluate"], "command", "evaluate"),
        (["export"], "to", Path("assets")),
        (["--quick"], "quick", True),
        (["--seed", "0"], "seed", 0),
        (["--data", "mnist.npz"], "data", Path("mnist.npz")),
    ],
)
def test_the_command_line(arguments: list[str], name: str, value: object) -> None:
    assert getattr(command.parser().parse_args(arguments), name) == value


def test_the_rate_warms_up_and_comes_down() -> None:
    settings = Settings(epochs=10, batch=100, peak_rate=1e-2)
    rate = fit.optimizer(settings, 2_000)._learning_rate  # 20 steps an epoch
    rates = [float(rate(step)) for step in range(0, 201, 5)]
    assert rates[0] == pytest.approx(5e-4)
    assert rates[4] == pytest.approx(1e-2)
    assert rates[:5] == sorted(rates[:5])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(2e-5, rel=0.01)


@pytest.fixture(scope="module")
def mixed() -> mixture.Mixture:
    return mixture.Mixture(data.split(stand_in.arrays(), stand_in.HELD).train, mnist=500, share=0.5)


def first_batches(mixed: mixture.Mixture, seed: int, count: int = 4) -> list[Any]:
    made = fit.batches(mixed, Settings(seed=seed, batch=32)).take(count)
    return [(images.numpy(), labels.numpy()) for images, labels in made]


def test_batches_are_shuffled_distorted_and_repeatable(mixed: mixture.Mixture) -> None:
    batches, again = first_batches(mixed, 1), first_batches(mixed, 1)
    for (images, labels), (same_images, same_labels) in zip(batches, again, strict=True):
        assert images.shape == (32, 28, 28, 1)
        assert labels.shape == (32,)
        assert np.array_equal(images, same_images)
        assert np.array_equal(labels, same_labels)
    assert not np.array_equal(batches[0][0], batches[1][0])
    assert not np.array_equal(batches[0][1], first_batches(mixed, 2)[0][1])


def test_an_interrupted_run_goes_on_with_the_next_epoch(mixed: mixture.Mixture) -> None:
    settings = Settings(batch=32)
    epoch = fit.steps(mixed.epoch, settings)
    straight = list(fit.batches(mixed, settings).skip(epoch).take(2))
    resumed = list(fit.batches(mixed, settings, done=1).take(2))
    for (images, _), (same, _) in zip(straight, resumed, strict=True):
        assert np.array_equal(images, same)


def test_a_folder_holds_one_run(tmp_path: Path) -> None:
    fit.claim(tmp_path, Settings(seed=1))
    fit.claim(tmp_path, Settings(seed=1))
    with pytest.raises(ValueError, match="other settings"):
        fit.claim(tmp_path, Settings(seed=2))


def test_an_epoch_is_followed_by_another_without_end(mixed: mixture.Mixture) -> None:
    settings = Settings(batch=32)
    epoch = fit.steps(mixed.epoch, settings)
    assert epoch == mixed.epoch // 32
    made = fit.batches(mixed, settings)
    assert isinstance(made, tf.data.Dataset)
    assert sum(1 for _ in made.take(2 * epoch + 3)) == 2 * epoch + 3


def test_what_is_shipped_answers_the_same_without_the_optimizer() -> None:
    network = model.build()
    images = data.split(stand_in.arrays(), stand_in.HELD).test.images[:5]
    shipped = fit.shipped(network)
    assert np.array_equal(network(images, training=False), shipped(images, training=False))
    assert not getattr(shipped, "compiled", False)
