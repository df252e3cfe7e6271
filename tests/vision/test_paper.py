"""Sheets on a table, frames, ruled lines: what paper adds is no ink."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from digitapp.vision.levels import Foreground
from digitapp.vision.paper import inside_frame
from tests.drawings import coverage, draw
from tests.inks import SIDE, drawn, ink_of, likeness


@pytest.mark.parametrize(("paper", "around"), [(240, 40), (30, 220), (250, 120)])
def test_a_sheet_within_the_picture_is_background(paper: int, around: int) -> None:
    scene = Image.new("L", (300, 260), around)
    scene.paste(draw(7, 180, ink=255 - paper, background=paper), (60, 40))
    found = ink_of(scene)
    assert likeness(found[40:220, 60:240], drawn(7, 180)) > 0.8
    found[40:220, 60:240] = False
    assert not found.any()


def test_a_filled_square_is_ink_and_no_sheet() -> None:
    image = Image.new("L", (100, 100), 255)
    image.paste(0, (30, 30, 70, 70))
    assert ink_of(image)[30:70, 30:70].all()


@pytest.mark.parametrize("pen", [1 / 8, 1 / 6, 1 / 5, 1 / 4])
@pytest.mark.parametrize("digit", range(10))
def test_a_digit_of_a_broad_brush_is_no_sheet(digit: int, pen: float) -> None:
    shape = np.asarray(coverage(digit, SIDE, pen)) >= 128
    assert likeness(ink_of(draw(digit, SIDE, pen=pen)), shape) > 0.9


def lined(tone: int, down: bool, slope: float = 0.0) -> Image.Image:
    """Printed lines on white, across and, if asked, down; `slope`: rise as a share of the width."""
    sheet = Image.new("L", (240, 240), 255)
    pen = ImageDraw.Draw(sheet)
    for place in range(20, 240, 40):
        pen.line([(0, place), (239, place - 240 * slope)], fill=tone, width=2)
        if down:
            pen.line([(place, 0), (place + 240 * slope, 239)], fill=tone, width=2)
    return sheet


def darker_of(one: Image.Image, other: Image.Image) -> Image.Image:
    return Image.fromarray(np.minimum(np.asarray(one), np.asarray(other)))


@pytest.mark.parametrize("slope", [0.0, 0.03])
@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("tone", [150, 190, 220])
def test_printed_lines_paler_than_the_ink_are_no_ink(tone: int, down: bool, slope: float) -> None:
    found = ink_of(darker_of(lined(tone, down, slope), draw(7, 240, ink=20)))
    assert likeness(found, drawn(7, 240)) > 0.9


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("tone", [20, 120])
def test_straight_lines_as_dark_as_the_ink_go_and_the_ink_stays(tone: int, down: bool) -> None:
    found = ink_of(darker_of(lined(tone, down), draw(7, 240, ink=20)))
    assert found[drawn(7, 240)].mean() > 0.97
    assert likeness(found, drawn(7, 240)) > 0.9


def test_bars_from_edge_to_edge_are_no_ruling_unless_there_are_three() -> None:
    image = Image.new("L", (120, 120), 255)
    image.paste(0, (0, 0, 120, 10))
    image.paste(0, (0, 110, 120, 120))
    ImageDraw.Draw(image).line([(115, 5), (5, 115)], fill=0, width=12)  # a Z cut out tightly
    found = ink_of(image)
    assert found[:10].all()
    assert found[110:].all()


@pytest.mark.parametrize("blur", [0, 1, 2])
def test_a_tight_crop_has_no_printed_lines(blur: int) -> None:
    image = draw(7, 240).crop(draw(7, 240).point(lambda value: 255 - value).getbbox())
    shape = np.asarray(image) < 128
    found = ink_of(image.filter(ImageFilter.GaussianBlur(blur)))
    assert likeness(found, shape) > 0.75


@pytest.mark.parametrize("side", [48, 240, 600])
@pytest.mark.parametrize("tone", [0, 90])
@pytest.mark.parametrize("ink", [60, 200])
def test_a_frame_hides_no_pale_ink(side: int, tone: int, ink: int) -> None:
    image = draw(7, side, ink=ink)
    gap, width = side // 20, max(side // 60, 1)
    frame = (gap, gap, side - 1 - gap, side - 1 - gap)
    ImageDraw.Draw(image).rectangle(frame, outline=tone, width=width)
    inside = np.zeros((side, side), dtype=np.bool_)
    inside[gap + 2 * width : -gap - 2 * width, gap + 2 * width : -gap - 2 * width] = True
    assert likeness(ink_of(image) & inside, drawn(7, side)) > 0.75


def test_a_frame_around_nothing_is_ink() -> None:
    image = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(image).rectangle((60, 40, 140, 160), outline=0, width=8)
    assert ink_of(image)[40:48, 60:141].all()


@pytest.mark.parametrize("shape", [(40, 30), (1, 30), (30, 1)])
def test_a_line_at_the_top_is_no_frame(shape: tuple[int, int]) -> None:
    ink = np.zeros(shape, dtype=np.uint8)
    ink[0] = 255
    assert inside_frame(Foreground(ink, 128)) is None
