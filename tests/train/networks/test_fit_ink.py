"""Training of the ink network: it learns, can be interrupted, and gives what is shipped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.train.plain_pages import page
from train import TrainError
from train.networks import export, fit_ink, ink
from train.networks.fit_ink import QUICK, Deadline, Settings

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """A U-Net of the same layers with three levels: the real one takes ten times as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ink, "LEVELS", (8, 12, 16))
        patch.setattr(ink, "BOTTOM", 1)
        yield


def history(run: Path) -> list[str]:
    return (run / "ink" / "history.csv").read_text().splitlines()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ink")
    fit_ink.fit(folder, QUICK, page, page)
    return folder


def test_it_leaves_the_networks_and_a_log(run: Path) -> None:
    assert {each.name for each in run.iterdir()} == {"ink", export.INK, "ink.tflite"}
    first, *rows = history(run)
    assert set(first.split(",")) >= {"epoch", "loss", "val_loss", "val_writing", "val_ruling"}
    assert len(rows) == QUICK.epochs


def test_another_recipe_is_refused(run: Path) -> None:
    with pytest.raises(TrainError, match="other settings"):
        fit_ink.fit(run, replace(QUICK, seed=2), page, page)


def test_an_interrupted_run_goes_on_and_ends_alike(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(deadline: Deadline, epoch: int, logs: object = None) -> None:
        deadline.model.stop_training = True

    monkeypatch.setattr(export, "convert", lambda _: None)
    with monkeypatch.context() as patch:
        patch.setattr(Deadline, "on_epoch_end", stop)
        fit_ink.fit(tmp_path, QUICK, page, page)
    assert len(history(tmp_path)) == 2
    fit_ink.fit(tmp_path, QUICK, page, page)
    assert len(history(tmp_path)) == len(history(run))
    straight, resumed = (
        keras.saving.load_model(each / export.INK, compile=False).get_weights()
        for each in (run, tmp_path)
    )
    for one, other in zip(straight, resumed, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def test_it_stops_at_its_deadline_and_saves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "convert", lambda _: None)
    settings = replace(QUICK, steps=1_000_000, every=50_000)
    fit_ink.fit(tmp_path, settings, page, page, minutes=1e-9)
    assert (tmp_path / export.INK).stat().st_size > 10_000


def test_it_learns(tmp_path: Path) -> None:
    """Sixty small steps tell a bar from a line better than chance does."""
    settings = Settings(
        steps=60, batch=4, size=32, first=16, fresh=1, every=30, held=8, peak_rate=1e-2
    )
    keras.utils.set_random_seed(1)
    network = ink.build()
    held = fit_ink.held_out(settings, page)
    fit_ink.learn(network, settings, tmp_path, page, held, Deadline(0))
    names, *rows = (line.split(",") for line in (tmp_path / "history.csv").read_text().split())
    first, last = (dict(zip(names, map(float, row), strict=True)) for row in rows)
    assert last["loss"] < 0.9 * first["loss"]
    assert last["val_writing"] > 0.4  # all of it called writing: 0.01
