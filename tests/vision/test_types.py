"""Boxes, candidates and ink: where they lie, and that they do not change."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from digitapp.vision.types import (
    Box,
    Candidate,
    Grey,
    Ink,
    LeftOut,
    Mask,
    Scan,
    bounds,
    connect,
    turned,
    turned_scan,
    usual_height,
)


def block(box: Box, level: float = 1) -> Candidate:
    return Candidate(np.full((box.height, box.width), level, dtype=np.float32), box.x, box.y)


def ink(scale: int = 1) -> Ink:
    """Ink of 50 rows and 60 columns; the upright picture is `scale` times as large."""
    return Ink(np.zeros((50, 60), np.uint8), 64, 60 * scale, 50 * scale)


def test_a_box_ends_before_its_right_and_bottom() -> None:
    assert (Box(3, 4, 20, 30).right, Box(3, 4, 20, 30).bottom) == (23, 34)


def test_a_candidate_ends_before_its_right_and_bottom() -> None:
    candidate = block(Box(3, 4, 20, 30))
    assert (candidate.width, candidate.height) == (20, 30)
    assert (candidate.right, candidate.bottom) == (23, 34)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Box(0, 0, 2, 2), Box(5, 7, 1, 1), Box(0, 0, 6, 8)),
        (Box(3, 3, 4, 4), Box(4, 4, 1, 1), Box(3, 3, 4, 4)),
        (Box(9, 0, 1, 9), Box(0, 9, 9, 1), Box(0, 0, 10, 10)),
    ],
)
def test_a_union_holds_the_ink_of_both(one: Box, other: Box, both: Box) -> None:
    for group in ([block(one), block(other, 0.5)], [block(other, 0.5), block(one)]):
        union = Candidate.union(group)
        assert ink().box(union) == both
        expected = np.zeros((50, 60), dtype=np.float32)
        expected[other.y : other.bottom, other.x : other.right] = 0.5
        expected[one.y : one.bottom, one.x : one.right] = 1
        assert np.array_equal(union.ink, expected[both.y : both.bottom, both.x : both.right])


def test_cropping_keeps_the_place() -> None:
    values: Grey = np.zeros((10, 12), dtype=np.float32)
    values[2:9, 3:8] = 0.5
    candidate = Candidate.cropped(values, 20, 30)
    assert (candidate.left, candidate.top, candidate.ink.shape) == (23, 32, (7, 5))
    assert (candidate.ink == 0.5).all()


def test_cropping_brings_bytes_to_one() -> None:
    candidate = Candidate.cropped(np.array([[0, 51, 255, 0]], dtype=np.uint8), 0, 0)
    assert candidate.ink.dtype == np.float32
    assert candidate.ink[0].tolist() == pytest.approx([0.2, 1])


def test_a_candidate_lies_in_the_ink_and_its_box_in_the_upright_picture() -> None:
    assert ink(3).box(block(Box(23, 32, 5, 7))) == Box(69, 96, 15, 21)


def test_a_box_covers_its_candidate_and_stays_in_the_picture() -> None:
    uneven = Ink(np.zeros((50, 60), np.uint8), 64, 179, 149)
    assert uneven.box(block(Box(0, 0, 60, 50))) == Box(0, 0, 179, 149)
    assert uneven.box(block(Box(1, 1, 1, 1))) == Box(2, 2, 4, 4)


def test_bounds_are_the_smallest_box() -> None:
    mask = np.zeros((9, 9), dtype=np.bool_)
    mask[2, 3] = mask[5, 1] = True
    assert bounds(mask) == Box(1, 2, 3, 4)
    assert bounds(np.ones((3, 5), dtype=np.bool_)) == Box(0, 0, 5, 3)


def test_what_touches_at_a_corner_hangs_together() -> None:
    mask = np.zeros((9, 12), dtype=np.bool_)
    mask[2, 3] = mask[3, 4] = mask[5:7, 8:11] = True
    found = connect(mask, 100, 50)
    assert (found.count, found.left, found.top, found.labels.shape) == (2, 103, 52, (5, 8))
    assert found.boxes.tolist() == [[103, 52, 105, 54], [108, 55, 111, 57]]
    assert found.areas.tolist() == [2, 6]
    assert [found.own(index).tolist() for index in (0, 1)] == [
        [[True, False], [False, True]],
        [[True] * 3] * 2,
    ]


@pytest.mark.parametrize("mask", [np.zeros((4, 5), bool), np.zeros((1, 1), bool)])
def test_nothing_hangs_together_where_there_is_no_ink(mask: Mask) -> None:
    assert connect(mask).count == 0


@pytest.mark.parametrize("shape", [(1, 7), (7, 1)])
def test_pieces_in_a_single_row_or_column_have_their_boxes(shape: tuple[int, int]) -> None:
    mask = np.zeros(7, dtype=np.bool_)
    mask[[0, 1, 3, 5, 6]] = True
    sides = connect(mask.reshape(shape)).boxes.reshape(-1, 2, 2)
    assert (sides[:, 1] - sides[:, 0]).max(axis=1).tolist() == [2, 1, 2]


def test_ink_hangs_together_the_same_in_a_known_part_of_the_picture() -> None:
    values = np.zeros((30, 40), np.uint8)
    values[5:9, 6:12] = values[20:22, 30:31] = 200
    values[1, 1] = 63  # no ink
    whole, part = (Ink(values, 64, 40, 30, around=each) for each in (None, Box(5, 1, 30, 28)))
    assert np.array_equal(whole.connected.labels, part.connected.labels)
    assert np.array_equal(whole.connected.boxes, part.connected.boxes)


@pytest.mark.parametrize(
    ("heights", "usual"), [([40], 40), ([40, 40, 40, 6, 6], 40), ([40] * 7 + [200], 40)]
)
def test_neither_dots_nor_a_giant_change_the_usual_height(heights: list[int], usual: int) -> None:
    assert usual_height([block(Box(0, 0, 9, height)) for height in heights]) == usual


@pytest.mark.parametrize(
    "value", [Box(0, 0, 1, 1), block(Box(0, 0, 1, 1)), ink(), Scan(np.ones((1, 1), "u1"), 1, 1)]
)
def test_the_nouns_do_not_change(value: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_box_lies_on_the_same_ink(quarters: int) -> None:
    values = np.zeros((20, 30), np.uint8)
    values[3:8, 11:24] = 255
    left_out = (LeftOut(Box(11, 3, 13, 5), "ruling"),)
    ink = turned(Ink(values, 64, 30, 20, left_out, values > 0), quarters)
    assert (ink.height, ink.width) == ink.values.shape
    assert ink.left_out == (LeftOut(bounds(ink.values > 0), "ruling"),)
    assert ink.ruling is not None
    assert bounds(ink.ruling) == ink.left_out[0].box


def test_four_quarters_change_nothing() -> None:
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    ink = Ink(values, 64, 8, 6, (LeftOut(Box(1, 2, 3, 4), "speck"),))
    back = turned(turned(ink, 1), 3)
    assert np.array_equal(back.values, values)
    assert (back.width, back.height, back.left_out) == (8, 6, ink.left_out)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_is_turned_as_its_ink_is(quarters: int) -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    scan = turned_scan(Scan(grey, 8, 6), quarters)
    ink = turned(Ink(grey, 64, 8, 6), quarters)
    assert np.array_equal(scan.grey, ink.values)
    assert (scan.width, scan.height) == (ink.width, ink.height)
