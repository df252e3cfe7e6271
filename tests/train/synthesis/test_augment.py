"""Distortion: the same by the same seed, in range, and nothing at no strength."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from tests.train import stand_in
from train.synthesis import augment
from train.synthesis.augment import Strength

NONE = Strength(rotation=0, shear=0, scale=0, shift=0, elastic=0, width=0, gain=0)
SEED = tf.constant([3, 1])

Images = NDArray[np.float32]


@pytest.fixture(scope="module")
def images() -> Images:
    return (stand_in.arrays()["x_test"][..., np.newaxis] / 255).astype(np.float32)


def binary(images: Images) -> Images:
    return (images > 0.5).astype(np.float32)


def test_shape_and_range_are_kept(images: Images) -> None:
    for number in range(10):
        made = augment.distort(images, tf.constant([number, 1])).numpy()
        assert made.shape == images.shape
        assert made.dtype == np.float32
        assert 0 <= made.min() <= made.max() <= 1
        assert np.isfinite(made).all()


def test_the_same_seed_gives_the_same_pictures(images: Images) -> None:
    one, two = augment.distort(images, SEED), augment.distort(images, SEED)
    assert np.array_equal(one, two)


@pytest.mark.parametrize("seed", [[4, 1], [3, 2]])
def test_another_seed_gives_others(images: Images, seed: list[int]) -> None:
    one, two = augment.distort(images, SEED), augment.distort(images, tf.constant(seed))
    assert np.abs(one - two).mean() > 0.01


def test_each_picture_is_distorted_in_a_way_of_its_own(images: Images) -> None:
    copies = np.repeat(images[:1], 8, axis=0)
    made = augment.distort(copies, SEED).numpy()
    for one, other in zip(made[1:], made[:-1], strict=True):
        assert np.abs(one - other).mean() > 0.005


def test_no_strength_changes_nothing(images: Images) -> None:
    assert np.abs(augment.warp(images, SEED, NONE) - images).max() < 1e-5
    assert np.abs(augment.vary_width(images, SEED, 0) - images).max() < 1e-6
    # greys are still bent by a gamma: black and white are not
    made = augment.distort(binary(images), SEED, NONE)
    assert np.abs(made - binary(images)).max() < 1e-4


def places(matrix: list[list[float]]) -> tf.Tensor:
    """Where each new pixel comes from, by a matrix about the middle, [1, 28, 28, (x, y)]."""
    axis = np.arange(28) - 13.5
    grid = np.stack(np.meshgrid(axis, axis), axis=-1) @ np.array(matrix).T
    return tf.constant(grid[np.newaxis] + 13.5, dtype=tf.float32)


@pytest.mark.parametrize(
    ("matrix", "turned"),
    [
        ([[1, 0], [0, 1]], lambda image: image),
        ([[0, -1], [1, 0]], lambda image: np.rot90(image, 1)),
        ([[0, 1], [-1, 0]], lambda image: np.rot90(image, -1)),
        ([[-1, 0], [0, -1]], lambda image: np.rot90(image, 2)),
        ([[-1, 0], [0, 1]], np.fliplr),
    ],
    ids=["as it is", "left", "right", "upside down", "mirror"],
)
def test_turns_are_numpys(images: Images, matrix: list[list[float]], turned: object) -> None:
    made = augment.sample(images[2:3], places(matrix)).numpy()[0, ..., 0]
    assert callable(turned)
    assert np.abs(made - turned(images[2, ..., 0])).max() < 1e-5


def test_half_a_pixel_is_the_mean_of_two(images: Images) -> None:
    moved = places([[1, 0], [0, 1]]) + tf.constant([0.5, 0.0])
    made = augment.sample(images[:1], moved).numpy()[0, :, :-1, 0]
    assert np.abs(made - (images[0, :, :-1, 0] + images[0, :, 1:, 0]) / 2).max() < 1e-5


def test_outside_is_background() -> None:
    full = np.ones((1, 28, 28, 1), dtype=np.float32)
    far = augment.sample(full, places([[1, 0], [0, 1]]) + 40.0).numpy()
    assert far.max() < 0.01


def test_rotation_keeps_length_and_has_the_spread_asked_for() -> None:
    matrices = augment._matrices(4000, SEED, Strength(rotation=9, shear=0, scale=0)).numpy()
    assert np.abs(matrices @ matrices.transpose(0, 2, 1) - np.eye(2)).max() < 1e-5
    angles = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert angles.std() == pytest.approx(9, rel=0.05)
    assert abs(angles.mean()) < 0.6


def test_scale_stretches_each_axis_on_its_own() -> None:
    matrices = augment._matrices(4000, SEED, Strength(rotation=0, shear=0, scale=0.1)).numpy()
    across, down = np.log(matrices[:, 0, 0]), np.log(matrices[:, 1, 1])
    assert across.std() == pytest.approx(0.1, rel=0.05)
    assert down.std() == pytest.approx(0.1, rel=0.05)
    assert abs(np.corrcoef(across, down)[0, 1]) < 0.05
    assert not matrices[:, [0, 1], [1, 0]].any()


def test_width_and_ink_vary_within_their_bounds(images: Images) -> None:
    ink = binary(images)
    wide = tf.nn.max_pool2d(ink, 3, 1, "SAME").numpy()
    thin = -tf.nn.max_pool2d(-ink, 3, 1, "SAME").numpy()
    changed = augment.vary_width(ink, SEED, 0.75).numpy()
    assert (changed <= wide + 1e-6).all()
    assert (changed >= thin - 1e-6).all()
    assert (changed.sum(axis=(1, 2, 3)) > ink.sum(axis=(1, 2, 3))).any()
    assert (changed.sum(axis=(1, 2, 3)) < ink.sum(axis=(1, 2, 3))).any()
    most = augment.vary_ink(ink, SEED, 0.3).numpy().max(axis=(1, 2, 3))
    assert 0.7 <= most.min() < 0.8
    assert 0.9 < most.max() <= 1


def test_no_amount_bends_nothing() -> None:
    images = tf.constant(np.random.default_rng(3).random((4, 28, 28, 1)), tf.float32)
    assert np.abs(augment.warp(images, SEED, Strength(), 0.0) - images).max() < 1e-5
