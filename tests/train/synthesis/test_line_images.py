"""Line images are composed of whole, connected digits, and say where each of them is."""

from itertools import islice, pairwise

import numpy as np
import pytest

from digitapp.engine import SIDE
from digitapp.recognition.symbols import NO_DIGIT
from digitapp.vision import normalize
from tests.train import stand_in
from train.data import mnist
from train.synthesis import line_images
from train.synthesis.line_images import LineImage, Sources


@pytest.fixture(scope="module")
def sources() -> Sources:
    digits = mnist.split(stand_in.arrays(), stand_in.HELD).train
    blots = np.zeros((4, SIDE, SIDE, 1), dtype=np.float32)
    blots[:3, 6:22, 4:24] = 1  # the last one is empty
    return Sources(digits, mnist.Split(blots, np.full(4, NO_DIGIT, dtype=np.int64)))


def some(sources: Sources, count: int = 200, seed: int = 1) -> list[LineImage]:
    return list(islice(line_images.make(sources, np.random.default_rng(seed)), count))


def test_line_images_are_as_the_program_makes_them(sources: Sources) -> None:
    for each in some(sources):
        assert each.ink.shape[0] == SIDE
        assert (each.ink.shape[1] - SIDE) % normalize.BLOCK == 0
        assert 0 <= each.ink.min() < 0.1 < 0.9 < each.ink.max() <= 1


def test_most_hold_several_digits_and_some_hold_none(sources: Sources) -> None:
    made = some(sources)
    several = [each for each in made if len(each.labels) > 1]
    assert len(several) > 0.6 * len(made)
    assert {label for each in made for label in each.labels} == {*range(10), NO_DIGIT}
    assert max(len(each.labels) for each in made) >= 4


def test_middles_go_from_left_to_right_within_the_ink(sources: Sources) -> None:
    for each in some(sources):
        assert len(each.middles) == len(each.labels)
        assert all(one < other + 3 for one, other in pairwise(each.middles))
        assert all(0 < middle < each.ink.shape[1] - SIDE + 1 for middle in each.middles)


def test_neighbours_that_are_none_count_as_one() -> None:
    found = [(3, 1.0), (NO_DIGIT, 2.0), (NO_DIGIT, 3.0), (3, 4.0), (3, 5.0)]
    assert line_images._merged(found) == [(3, 1.0), (NO_DIGIT, 2.0), (3, 4.0), (3, 5.0)]


def test_the_same_seed_makes_the_same(sources: Sources) -> None:
    one, same, other = (some(sources, 5, seed) for seed in (1, 1, 2))
    assert [each.labels for each in one] == [each.labels for each in same]
    assert all(np.array_equal(a.ink, b.ink) for a, b in zip(one, same, strict=True))
    assert [each.middles for each in one] != [each.middles for each in other]


def test_a_batch_is_as_wide_as_its_widest_and_tells_where_digits_are() -> None:
    narrow = LineImage(np.ones((SIDE, 44), dtype=np.float32), (7,), (8.4,))
    wide = LineImage(np.ones((SIDE, 60), dtype=np.float32), (0, NO_DIGIT), (7.0, 20.9))
    images, windows = line_images.batch([narrow, wide])
    assert images.shape == (2, SIDE, 60, 1)
    assert images[0, :, :44].all() and not images[0, :, 44:].any()
    assert windows.tolist() == [
        [0, 0, 0, -1, 8, -1, *[0] * 11],
        [0, 0, 0, -1, 1, -1, 0, 0, 0, -1, 11, -1, *[0] * 5],
    ]


@pytest.mark.parametrize(
    ("middle", "windows"),
    [(10.0, [0, 0, 0, 0, -1, 2, 2, 2, -1]), (16.0, [0, 0, 0, 0, 0, -1, 2, 2, 2])],
)
def test_no_two_digits_share_a_window(middle: float, windows: list[int]) -> None:
    near = LineImage(
        np.ones((SIDE, 44), dtype=np.float32), (1, 1, 1), (middle, middle, middle + 0.6)
    )
    assert line_images.batch([near])[1].tolist() == [windows]
