"""The parts of the digits' training: its settings, its batches, what is saved."""

import json
from itertools import islice
from typing import Any

import numpy as np
import pytest

from digitapp.paths import asset
from tests.train import stand_in
from train.networks import digits, fit_digits, training
from train.networks.fit_digits import QUICK, Settings
from train.synthesis.training_set import TrainingSet


def test_a_quick_run_is_quick() -> None:
    assert QUICK.epochs <= 2
    assert QUICK.digits is not None
    assert QUICK.digits <= 5_000
    assert QUICK.hands == QUICK.letters == 0  # no typeface is fetched


def test_settling_is_gentler() -> None:
    settings = Settings(seed=3)
    for settling in settings.settlings:
        assert settling.dropout < settings.dropout
        assert settling.least < settings.least
        assert settling.peak_rate < settings.peak_rate
    assert [settling.spoilt for settling in settings.settlings] == [0, 1, 1]
    seeds = [settings.seed, *(settling.seed for settling in settings.settlings)]
    assert len(set(seeds)) == len(seeds)


def test_the_shipped_run_had_the_default_settings() -> None:
    shipped = json.loads(asset("digits.json").read_text())["settings"]
    assert Settings(**shipped) == Settings()


@pytest.fixture(scope="module")
def mixed() -> TrainingSet:
    return TrainingSet(stand_in.splits().train, mnist=500, share=0.5)


def first_batches(mixed: TrainingSet, seed: int, count: int = 4) -> list[Any]:
    made = islice(fit_digits.batches(mixed, Settings(seed=seed, batch=32)), count)
    return [(np.asarray(images), labels) for images, labels in made]


def test_batches_are_shuffled_distorted_and_repeatable(mixed: TrainingSet) -> None:
    batches, again = first_batches(mixed, 1), first_batches(mixed, 1)
    for (images, labels), (same_images, same_labels) in zip(batches, again, strict=True):
        assert images.shape == (32, 28, 28, 1)
        assert labels.shape == (32,)
        assert np.array_equal(images, same_images)
        assert np.array_equal(labels, same_labels)
    assert not np.array_equal(batches[0][0], batches[1][0])
    assert not np.array_equal(batches[0][1], first_batches(mixed, 2)[0][1])


def test_an_interrupted_run_goes_on_with_the_next_epoch(mixed: TrainingSet) -> None:
    settings = Settings(batch=32)
    epoch = training.steps(mixed.epoch, settings)
    straight = list(islice(fit_digits.batches(mixed, settings), epoch, epoch + 2))
    resumed = list(islice(fit_digits.batches(mixed, settings, done=1), 2))
    for (images, _), (same, _) in zip(straight, resumed, strict=True):
        assert np.array_equal(images, same)


def test_an_epoch_is_followed_by_another_without_end(mixed: TrainingSet) -> None:
    settings = Settings(batch=32)
    epoch = training.steps(mixed.epoch, settings)
    assert epoch == mixed.epoch // 32
    made = list(islice(fit_digits.batches(mixed, settings), 2 * epoch + 3))
    assert all(len(labels) == 32 for _, labels in made)
    first, second = (
        np.concatenate([labels for _, labels in made[start : start + epoch]])
        for start in (0, epoch)
    )
    assert not np.array_equal(first, second)


def test_what_is_saved_answers_the_same_without_the_optimizer() -> None:
    network = digits.build()
    images = stand_in.splits().test.images[:5]
    bare = fit_digits.bare(network)
    assert np.array_equal(network(images, training=False), bare(images, training=False))
    assert not getattr(bare, "compiled", False)
