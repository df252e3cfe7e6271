"""Levels of grey: histograms, the background's noise, two tones."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitapp.vision.levels import (
    commonest_tone,
    histogram,
    noise_floor,
    two_tones,
    varied,
)
from digitapp.vision.types import Box
from tests.inks import ink_of


@pytest.mark.parametrize("tones", [(0, 255), (30, 240), (255, 0)], ids=str)
def test_a_tight_crop_of_a_thick_pen_is_ink_for_the_most_part(tones: tuple[int, int]) -> None:
    # 57 % of it is ink: the noise must be taken from the rest.
    image = Image.new("L", (14, 60), tones[1])
    ImageDraw.Draw(image).rounded_rectangle([2, 2, 11, 57], 4, fill=tones[0])
    found = ink_of(image)
    assert found[5:55, 3:11].all()
    assert not found[:, :2].any()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.19, 0.21, 1.0])
@pytest.mark.parametrize("corner", [0, 7, 255])
def test_every_pixel_is_counted_whichever_way(share: float, corner: int) -> None:
    dice = np.random.default_rng(5)
    picture = np.full((40, 50), corner, dtype=np.uint8)
    is_other = dice.random(picture.shape) < share
    picture[is_other] = dice.integers(0, 256, np.count_nonzero(is_other))
    picture[0, 0] = corner
    assert histogram(picture).tolist() == [np.count_nonzero(picture == n) for n in range(256)]


def test_two_tones_are_split_between_them() -> None:
    counts = np.zeros(256, dtype=np.int64)
    counts[[20, 40, 200, 220]] = 30, 10, 500, 100
    assert 40 <= two_tones(counts) < 200


def test_the_commonest_tone_is_that_of_its_neighbourhood() -> None:
    counts = np.zeros(256, dtype=np.int64)
    counts[[50, 198, 200, 202]] = 30, 20, 25, 20  # no single grey near 200 is as common as 50
    assert commonest_tone(counts) == (200, 65 / 95)


@pytest.mark.parametrize(("deviation", "least", "most"), [(0, 15, 15), (2, 15, 15), (6, 20, 28)])
def test_more_noise_hides_more(deviation: float, least: int, most: int) -> None:
    noise = np.random.default_rng(2).normal(0, deviation, 100_000).round().astype(np.int64)
    assert least <= noise_floor(np.bincount(noise + 255, minlength=511)) <= most


@pytest.mark.parametrize("share", [0.001, 0.1])
def test_a_part_that_holds_what_differs_has_the_same_histogram(share: float) -> None:
    dice = np.random.default_rng(6)
    picture = np.full((60, 80), 250, dtype=np.uint8)
    inside = picture[20:50, 30:60]
    inside[dice.random(inside.shape) < share * 4] = 7
    assert np.array_equal(histogram(picture, varied(picture)), histogram(picture))


def test_what_varies_has_one_more_pixel_on_each_side() -> None:
    picture = np.full((20, 30), 9, dtype=np.uint8)
    picture[4:7, 10:25] = 200
    assert varied(picture) == Box(9, 3, 17, 5)


def test_what_varies_ends_where_the_picture_does() -> None:
    picture = np.zeros((20, 30), dtype=np.uint8)
    assert varied(picture) == Box(0, 0, 30, 20)  # of one tone: nothing is known to be empty
    picture[0, 1] = picture[19, 29] = 1
    assert varied(picture) == Box(0, 0, 30, 20)
