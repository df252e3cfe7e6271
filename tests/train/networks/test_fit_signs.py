"""Training of the signs network: its examples, its batches, what it leaves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

import keras
import numpy as np
import pytest

from digitapp.recognition.symbols import SIGN_CLASSES
from digitapp.vision.context import SHAPE
from tests.train import stand_in
from train import TrainError
from train.data import mnist
from train.networks import export, fit_signs, signs
from train.networks.fit_signs import QUICK, SHIFTS, Examples, Settings
from train.synthesis import sign_rows

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")

TINY = Settings(epochs=4, examples=200, held=100, batch=20, peak_rate=1e-2)
"""Enough to learn something; a step takes some 10 ms."""


class Threads(ThreadPoolExecutor):
    """Workers in this process, where the stand-in for MNIST is known."""

    def __init__(self, count: int, _: object) -> None:
        super().__init__(count)


def digits_of(_: Path | None, split: str) -> mnist.Split:
    found: mnist.Split = getattr(stand_in.splits(), split)
    return found


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    """Rows are composed in this process, of digits that are drawn here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit_signs, "ProcessPoolExecutor", Threads)
        patch.setattr(fit_signs, "_digits", digits_of)
        patch.setattr(fit_signs, "CHUNK", 50)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signs")
    fit_signs.fit(folder, None, TINY, workers=1)
    return folder


def history(run: Path) -> list[dict[str, float]]:
    names, *rows = (run / "signs" / "history.csv").read_text().splitlines()
    values = [map(float, row.split(",")) for row in rows]
    return [dict(zip(names.split(","), row, strict=True)) for row in values]


# --- the examples


def test_the_number_of_workers_changes_no_example() -> None:
    one, two = (fit_signs.compose(None, "train", 120, 1, workers) for workers in (1, 2))
    assert one[0].shape == (120, *SHAPE, 2)
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])


def test_seeds_and_splits_have_rows_of_their_own() -> None:
    first, *others = (
        fit_signs.compose(None, split, 50, seed, 1)[0]
        for split, seed in (("train", 1), ("train", 2), ("validation", 1))
    )
    assert not any(np.array_equal(first, other) for other in others)


@pytest.fixture(scope="module")
def examples() -> Examples:
    return sign_rows.batch(stand_in.splits().train, 60, np.random.default_rng(1))


def test_an_epoch_holds_every_example_once(examples: Examples) -> None:
    settings = replace(TINY, batch=20)
    one, other = (list(islice(fit_signs.batches(examples, settings, done), 3)) for done in (0, 1))
    for epoch in (one, other):
        windows = np.concatenate([windows for windows, _ in epoch])
        assert 0 <= windows.min() <= windows.max() <= 1
        labels = np.concatenate([labels for _, labels in epoch])
        assert sorted(labels) == sorted(examples[1])
    assert not np.array_equal(one[0][0], other[0][0])


def test_an_interrupted_run_goes_on_with_the_next_epoch(examples: Examples) -> None:
    straight = islice(fit_signs.batches(examples, TINY, 0), 3, 6)
    resumed = islice(fit_signs.batches(examples, TINY, 1), 3)
    for (windows, labels), (same, same_labels) in zip(straight, resumed, strict=True):
        assert np.array_equal(windows, same)
        assert np.array_equal(labels, same_labels)


# --- the training


def test_it_leaves_the_networks_its_examples_and_a_log(run: Path) -> None:
    assert {each.name for each in run.iterdir()} == {"signs", export.SIGNS, "signs.tflite"}
    for name, count in (("train", TINY.examples), ("validation", TINY.held)):
        with np.load(run / "signs" / f"{name}.npz") as found:
            assert len(found["windows"]) == len(found["labels"]) == count
    assert not list((run / "signs").glob("*.part.npz"))
    assert len(history(run)) == TINY.epochs


def test_it_learns(run: Path) -> None:
    first, *_, last = history(run)
    assert last["loss"] < 0.75 * first["loss"]


def test_its_result_gives_probabilities(run: Path) -> None:
    network = keras.saving.load_model(run / export.SIGNS, compile=False)
    said = np.asarray(network(np.zeros((2, *SHAPE, 2), np.float32)))
    assert said.shape == (2, SIGN_CLASSES)
    assert np.allclose(said.sum(axis=1), 1, atol=1e-5)


def test_another_start_trains_no_more(run: Path) -> None:
    fit_signs.fit(run, None, TINY, workers=1)
    assert len(history(run)) == TINY.epochs


def test_another_recipe_is_refused(run: Path) -> None:
    with pytest.raises(TrainError, match="other settings"):
        fit_signs.fit(run, None, replace(TINY, seed=2), workers=1)


def test_it_goes_on_from_another_runs_network(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins with that network's weights, but for the shifts, which it adds at its end."""
    begun: list[keras.Model] = []
    monkeypatch.setattr(fit_signs, "learn", lambda network, *_: begun.append(network))
    monkeypatch.setattr(export, "convert", lambda _: None)
    fit_signs.fit(tmp_path, None, TINY.further, 1, start=run / export.SIGNS)
    [network] = begun
    fit_signs.shift_logits(network)
    start = keras.saving.load_model(run / export.SIGNS, compile=False)
    for one, other in zip(network.get_weights(), start.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_further_training_is_gentler_and_on_other_rows() -> None:
    settings = Settings(seed=3)
    further = settings.further
    assert further.seed != settings.seed
    assert further.peak_rate < settings.peak_rate
    assert (further.epochs, further.examples) < (settings.epochs, settings.examples)


def test_the_shifts_move_their_classes_alone() -> None:
    network = signs.build()
    layer = network.get_layer("logits")
    before = layer.get_weights()[1]
    fit_signs.shift_logits(network)
    moved = layer.get_weights()[1] - before
    assert np.allclose(moved, [SHIFTS.get(number, 0) for number in range(SIGN_CLASSES)])


def test_a_quick_run_is_quick() -> None:
    assert QUICK.epochs <= 2
    assert QUICK.examples + QUICK.held <= 1_000
