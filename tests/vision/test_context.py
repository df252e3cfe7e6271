"""A candidate in its row: scale, place and what may be one symbol."""

import numpy as np
import pytest

from digitapp.vision.context import HEIGHT, SHAPE, Row, height_of, may_be_one
from digitapp.vision.types import Candidate


def block(left: int, top: int, width: int, height: int) -> Candidate:
    """A full rectangle of ink."""
    return Candidate(np.ones((height, width), np.float32), left, top)


def digits(scale: int = 1) -> list[Candidate]:
    """Three of a row, each 20 by 40 pixels."""
    return [block(left * scale, 0, 20 * scale, 40 * scale) for left in (0, 30, 80)]


def test_a_digit_of_the_row_is_drawn_at_the_usual_height_and_in_the_middle() -> None:
    row = digits()
    own = Row(row).around(row[1])[..., 0]
    assert own.shape == SHAPE
    assert own.sum() == pytest.approx(HEIGHT * HEIGHT / 2, rel=0.1)
    down, across = np.nonzero(own > 0.5)
    assert abs(down.mean() + 0.5 - SHAPE[0] / 2) <= 1
    assert abs(across.mean() + 0.5 - SHAPE[1] / 2) <= 1


@pytest.mark.parametrize("scale", [2, 5])
def test_a_larger_picture_gives_the_same_images(scale: int) -> None:
    small, large = digits(), digits(scale)
    same = Row(small).around(small[0]) - Row(large).around(large[0])
    assert np.abs(same).max() < 0.35  # of a pixel at an edge: sides are rounded
    assert np.abs(same).mean() < 0.01


def test_the_others_of_the_row_are_in_the_second_image_alone() -> None:
    row = digits()
    own, others = np.moveaxis(Row(row).around(row[1]), 2, 0)
    assert others.sum() > own.sum() / 2
    assert float((own * others).max()) < 0.3


@pytest.mark.parametrize(("top", "lies_low"), [(34, True), (2, False)])
def test_a_point_keeps_its_place_in_the_row(top: int, lies_low: bool) -> None:
    point = block(60, top, 5, 5)
    own = Row([*digits(), point]).around(point)[..., 0]
    down = np.average(np.arange(SHAPE[0]) + 0.5, weights=own.sum(axis=1))
    assert (down > SHAPE[0] / 2) == lies_low
    assert abs(down - SHAPE[0] / 2) > HEIGHT / 4


def test_what_stands_alone_has_nothing_around_it() -> None:
    alone = block(7, 9, 12, 40)
    own, others = np.moveaxis(Row([alone]).around(alone), 2, 0)
    assert own.max() == 1
    assert others.max() == 0


def test_points_do_not_lower_the_height_of_a_row() -> None:
    assert height_of([block(0, 0, 20, 40), block(30, 36, 4, 4)]) == 40
    assert height_of([*digits(), block(60, 36, 4, 4)]) == 40


def test_a_dash_alone_is_not_as_high_as_a_digit_is() -> None:
    assert height_of([block(0, 0, 50, 4)]) == pytest.approx(20)


def test_two_dots_or_bars_may_be_one() -> None:
    assert may_be_one([block(0, 5, 6, 6), block(0, 25, 6, 6)], 40)
    assert may_be_one([block(0, 10, 25, 4), block(1, 22, 25, 4)], 40)


@pytest.mark.parametrize(
    "group",
    [
        [block(0, 0, 20, 40), block(40, 0, 20, 40)],  # too wide
        [block(0, 0, 6, 6), block(0, 70, 6, 6)],  # too high
        [block(0, 0, 6, 6), block(20, 0, 6, 6)],  # too far apart
    ],
)
def test_neighbours_of_another_size_are_not_one(group: list[Candidate]) -> None:
    assert not may_be_one(group, 40)
