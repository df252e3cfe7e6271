"""What is no digit: every kind is an image as the network sees it."""

from itertools import pairwise

import numpy as np
import pytest

from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis import non_digits
from train.synthesis.glyphs import THINGS
from train.synthesis.pen import write


@pytest.fixture(scope="module")
def digits() -> Split:
    return stand_in.splits().train.head(100)


def test_the_same_seed_draws_the_same(digits: Split) -> None:
    one, two, other = (non_digits.make(20, seed, digits) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("count", [1, 2, 60])
def test_what_is_no_digit(digits: Split, count: int) -> None:
    stand_in.assert_images(non_digits.make(count, 3, digits), count, empty=0.25)


@pytest.mark.parametrize(
    "name", ["letter", "foreign", "built", "sign", "thing", "scribble", "strange", "blot"]
)
def test_each_kind_is_the_networks_input(name: str) -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        image = getattr(non_digits, name)(random)
        assert image.shape == (28, 28)
        assert image.any()


@pytest.mark.parametrize("name", ["spliced", "turned"])
def test_digits_that_are_none_are_the_networks_input(name: str, digits: Split) -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        image = getattr(non_digits, name)(digits, random)
        assert image.shape == (28, 28)
        assert image.any()


def test_every_thing_is_drawn_by_its_strokes() -> None:
    assert len(set(THINGS)) == len(THINGS)
    for glyph in THINGS:
        image = write(glyph, np.random.default_rng(4))
        assert 20 < np.count_nonzero(image) < 500  # of 784 pixels: neither a dot nor a blot


def test_things_differ_from_one_to_the_next() -> None:
    random = np.random.default_rng(4)
    images = [non_digits.thing(random) for _ in range(10)]
    assert not any(np.array_equal(one, next_) for one, next_ in pairwise(images))
