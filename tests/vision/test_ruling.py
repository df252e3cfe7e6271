"""What nobody wrote: it sends a drawing to the network, and it is named."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitapp.vision import ruling
from digitapp.vision.ruling import left_out
from digitapp.vision.types import Box, Mask, connect
from tests.drawings import coverage, write

SHAPE = 200, 320

Draw = Callable[[ImageDraw.ImageDraw], None]


def drawing(*draws: Draw) -> Mask:
    image = Image.new("1", SHAPE[::-1])
    for draw in draws:
        draw(ImageDraw.Draw(image))
    return np.array(image)


def is_ruled(mask: Mask) -> bool:
    return ruling.is_ruled(connect(mask), mask.shape)


def line(*points: int, width: int = 2) -> Draw:
    return lambda image: image.line(points, 1, width)


def number(image: ImageDraw.ImageDraw) -> None:
    """Two strokes as of 1s, 60 pixels high."""
    for x in (120, 180):
        image.line((x, 70, x, 130), 1, 8)


LINES = {
    "an underline": line(110, 150, 190, 152),
    "a line across": line(0, 160, 320, 160),
    "a margin": line(60, 10, 62, 190),
    "a line through": line(100, 100, 200, 100),
    "a box": lambda image: image.rectangle((90, 50, 210, 150), outline=1, width=3),
    "a ring": lambda image: image.ellipse((80, 30, 220, 170), outline=1, width=3),
    "boxes": lambda image: [
        image.rectangle((x - 25, 60, x + 25, 140), outline=1, width=2) for x in (120, 180)
    ],
}


@pytest.mark.parametrize("name", LINES)
def test_lines_and_boxes_are_seen(name: str) -> None:
    assert is_ruled(drawing(number, LINES[name]))


def test_strokes_are_no_ruling() -> None:
    assert not is_ruled(drawing(number))


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_no_ruling(digit: int) -> None:
    assert not is_ruled(np.pad(np.asarray(coverage(digit, 160, 1 / 10)) >= 128, 30))


def test_a_number_is_no_ruling() -> None:
    mask = np.asarray(write("305")) < 128
    assert not is_ruled(np.pad(mask, 30))


def test_no_ruling_leaves_nothing_out() -> None:
    assert left_out(np.zeros(SHAPE, bool), 320, 200) == ()


def test_each_line_is_named_once_on_the_whole_picture() -> None:
    found = left_out(drawing(line(0, 20, 319, 20), line(0, 60, 319, 60)), 640, 400)
    assert [each.why for each in found] == ["ruling", "ruling"]
    for each, y in zip(sorted(found, key=lambda one: one.box.y), (40, 120), strict=True):
        assert each.box.x == 0 and each.box.width == 640
        assert abs(each.box.y - y) <= 2 and 2 <= each.box.height <= 6


def test_a_line_that_writing_cuts_is_one() -> None:
    mask = drawing(line(10, 100, 300, 104))
    mask[:, 100:107] = mask[:, 200:206] = False
    [found] = left_out(mask, 320, 200)
    assert found.box.x <= 11 and found.box.right >= 299


def test_a_grid_is_one_and_a_speck_is_none() -> None:
    mask = drawing(line(10, 50, 300, 50), line(10, 100, 300, 100), line(100, 10, 100, 190))
    mask[190:192, 310:312] = True
    assert [each.box for each in left_out(mask, 320, 200)] == [Box(10, 10, 291, 181)]
