"""What paper, light and scanners do to digits, as the trainer imitates it."""

import numpy as np
import pytest
import tensorflow as tf

from tests.train import stand_in
from train.synthesis import degrade

SEED = tf.constant([1, 2])

STAYING = [kind for kind in degrade.KINDS if kind is not degrade.displace]
"""The kinds that leave the digit where it is."""


@pytest.fixture(scope="module")
def digits() -> tf.Tensor:
    images = stand_in.arrays()["x_train"][:56, ..., np.newaxis] / 255
    return tf.constant(images.astype(np.float32))


@pytest.mark.parametrize("kind", degrade.KINDS, ids=lambda kind: str(kind.__name__))
def test_each_kind_changes_every_picture(kind: degrade.Kind, digits: tf.Tensor) -> None:
    degraded = kind(digits, SEED).numpy()
    assert degraded.shape == digits.shape
    assert np.isfinite(degraded).all()
    changed = np.abs(degraded - digits.numpy()).max(axis=(1, 2, 3)) > 0.01
    # Where a gap or a drop falls is chance: it may miss the ink.
    assert changed.mean() > 0.5


@pytest.mark.parametrize("kind", STAYING, ids=lambda kind: str(kind.__name__))
def test_a_digit_is_left_of_it(kind: degrade.Kind, digits: tf.Tensor) -> None:
    """What is degraded is still like its own digit, more than like the next one."""
    degraded = np.clip(kind(digits, SEED).numpy(), 0, 1).reshape(len(digits), -1)
    clean = digits.numpy().reshape(len(digits), -1)
    likeness = np.corrcoef(degraded, clean)[: len(clean), len(clean) :]
    others = likeness[~np.eye(len(clean), dtype=bool)]
    assert likeness.diagonal().mean() > others.mean() + 0.1


def test_a_batch_is_degraded_in_part(digits: tf.Tensor) -> None:
    degraded = degrade.degrade(digits, SEED, each=2).numpy()
    touched = 2 * len(degrade.KINDS)
    assert degraded.shape == digits.shape
    assert 0 <= degraded.min() <= degraded.max() <= 1
    assert np.array_equal(degraded[touched:], digits.numpy()[touched:])
    assert not np.array_equal(degraded[:touched], digits.numpy()[:touched])


def test_none_is_degraded(digits: tf.Tensor) -> None:
    assert np.array_equal(degrade.degrade(digits, SEED, each=0), digits)


def test_the_same_seed_degrades_alike(digits: tf.Tensor) -> None:
    first, again = (degrade.degrade(digits, SEED, each=2).numpy() for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, degrade.degrade(digits, SEED + 1, each=2).numpy())


def test_clouds_reach_from_nothing_to_full(digits: tf.Tensor) -> None:
    fields = degrade.clouds(digits, SEED).numpy()
    assert fields.shape == digits.shape
    assert fields.min(axis=(1, 2, 3)) == pytest.approx(0, abs=1e-5)
    assert fields.max(axis=(1, 2, 3)) == pytest.approx(1, abs=1e-5)
