"""What both trainings share: the learning rate, and the folder of a run."""

from pathlib import Path

import pytest

from train import TrainError
from train.networks import training
from train.networks.fit_digits import Settings


def test_the_rate_warms_up_and_comes_down() -> None:
    settings = Settings(epochs=10, batch=100, peak_rate=1e-2)
    rate = training.optimizer(settings, 2_000)._learning_rate  # 20 steps an epoch
    rates = [float(rate(step)) for step in range(0, 201, 5)]
    assert rates[0] == pytest.approx(5e-4)
    assert rates[4] == pytest.approx(1e-2)
    assert rates[:5] == sorted(rates[:5])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(2e-5, rel=0.01)


def test_a_folder_holds_one_run(tmp_path: Path) -> None:
    training.claim(tmp_path, Settings(seed=1))
    training.claim(tmp_path, Settings(seed=1))
    with pytest.raises(TrainError, match="other settings"):
        training.claim(tmp_path, Settings(seed=2))


def test_the_log_tells_how_many_epochs_are_finished(tmp_path: Path) -> None:
    assert training.finished_epochs(tmp_path) == 0
    (tmp_path / "history.csv").write_text("epoch,loss\n0,1.5\n1,0.5\n")
    assert training.finished_epochs(tmp_path) == 2
