"""The parts of the line network's training: its sources and its batches."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from digitapp.paths import asset
from digitapp.recognition.symbols import NO_DIGIT
from tests.train import stand_in
from train import TrainError
from train.data.mnist import Split
from train.networks import fit_lines
from train.networks.fit_lines import Settings
from train.synthesis.line_images import Sources


def test_the_shipped_run_had_the_default_settings() -> None:
    shipped = json.loads(asset("digits.json").read_text())["strings"]["settings"]
    assert Settings(**shipped) == Settings()


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"has no digits\.keras.*python -m train"):
        fit_lines.fit(tmp_path, None, Settings())


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"pieces": 40000}')
    with pytest.raises(TrainError, match="another version"):
        fit_lines.prepare(stand_in.splits().train, tmp_path, Settings())


@pytest.fixture(scope="module")
def sources() -> Sources:
    every = stand_in.splits().train
    return Sources(every, Split(every.images[:40], np.full(40, NO_DIGIT, dtype=np.int64)))


SMALL = Settings(strips=64, pool=200, batch=16)


def test_batches_are_repeatable_and_differ(sources: Sources) -> None:
    one, same = (list(fit_lines.batches(sources, SMALL).take(8)) for _ in range(2))
    for (images, targets), (same_images, same_targets) in zip(one, same, strict=True):
        assert np.array_equal(images, same_images) and np.array_equal(targets, same_targets)
        assert images.shape[:2] == (16, 28)
        assert targets.shape == (16, (images.shape[2] - 28) // 2 + 1)
    labels = [targets.numpy().tolist() for _, targets in one]
    assert labels[:4] != labels[4:]


def test_an_interrupted_training_goes_on_with_the_next_epoch(sources: Sources) -> None:
    straight = list(islice(fit_lines.batches(sources, SMALL), 8))[4:]
    resumed = list(islice(fit_lines.batches(sources, SMALL, done=1), 4))
    for (_, targets), (_, same) in zip(straight, resumed, strict=True):
        assert np.array_equal(targets, same)
