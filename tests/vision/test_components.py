"""From ink to candidates: what belongs together, and what is dirt."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitapp.recognition.pipeline import recognize
from digitapp.vision import components
from digitapp.vision.types import Box, Candidate, Ink, connect
from tests.drawings import coverage, draw, encode, write
from tests.inks import as_ink, engine, rows


def sheet(width: int = 200, height: int = 200) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 255)
    return image, ImageDraw.Draw(image)


def ink_of(image: Image.Image) -> Ink:
    """Dark drawings on white as ink."""
    return as_ink(255 - np.asarray(image))


def candidates(image: Image.Image, one_digit: bool = False) -> list[Candidate]:
    return components.find(ink_of(image), one_digit).candidates


def boxes(image: Image.Image) -> list[Box]:
    return [ink_of(image).box(each) for each in candidates(image)]


def counts(image: Image.Image) -> list[int]:
    """Candidates in each row."""
    return [len(row) for row in rows(ink_of(image))]


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("side", [16, 28, 64, 280])
def test_a_digit_is_one_candidate_in_its_box(digit: int, side: int) -> None:
    [candidate], [box] = candidates(draw(digit, side)), boxes(draw(digit, side))
    extent = coverage(digit, side).point(lambda value: 255 * (value >= 64)).getbbox()
    assert extent
    left, top, right, bottom = extent
    assert abs(box.x - left) <= 1
    assert abs(box.y - top) <= 1
    assert abs(box.right - right) <= 1
    assert abs(box.bottom - bottom) <= 1
    assert candidate.ink.shape == (box.height, box.width)
    assert candidate.ink.dtype == np.float32
    assert (candidate.ink.min(), candidate.ink.max()) == (0, 1)


def test_a_dot_within_a_zero_belongs_to_it() -> None:
    image = draw(0, 200)
    ImageDraw.Draw(image).ellipse([97, 97, 103, 103], fill=0)
    [dotted] = candidates(image)
    assert boxes(image) == boxes(draw(0, 200))
    assert recognize(encode(image), engine()).answer.text == "0"
    assert dotted.ink.sum() > candidates(draw(0, 200))[0].ink.sum()


@pytest.mark.parametrize("gap", [2, 4])
def test_a_five_with_a_detached_bar_is_one_candidate(gap: int) -> None:
    image, pen = sheet()
    pen.line([(75, 40), (70, 95), (110, 85), (135, 120), (100, 160), (65, 150)], fill=0, width=8)
    pen.line([(75, 34 - gap), (130, 32 - gap)], fill=0, width=8)
    assert counts(image) == [1]


@pytest.mark.parametrize("gap", [1, 2])
@pytest.mark.parametrize("place", [45, 70, 100, 150])
def test_a_broken_line_is_one_candidate(place: int, gap: int) -> None:
    image, pen = sheet()
    pen.line([(100, 30), (100, place)], fill=0, width=8)
    pen.line([(100, place + 1 + gap), (100, 175)], fill=0, width=8)
    assert counts(image) == [1]


def test_a_four_of_two_strokes_that_do_not_touch_is_one_candidate() -> None:
    image, pen = sheet()
    pen.line([(80, 30), (60, 110), (119, 110)], fill=0, width=8)
    pen.line([(130, 50), (126, 180)], fill=0, width=8)
    assert counts(image) == [1]


def test_the_strokes_of_a_digit_are_joined_though_dots_lie_about() -> None:
    image = draw(7, 200)
    pen = ImageDraw.Draw(image)
    for x, y in [(10, 10), (190, 20), (15, 180), (60, 190), (180, 120)]:
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=0)
    assert max(boxes(image), key=lambda box: box.height) == boxes(draw(7, 200))[0]
    answer = recognize(encode(image), engine()).answer
    assert (answer.text, len(answer.symbols)) == ("7", 1)
    assert all(each.why == "speck" for each in answer.left_out)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_grain_alone_is_nothing(size: int) -> None:
    image, pen = sheet()
    for x, y in [(10, 10), (190, 20), (15, 180), (100, 100)]:
        pen.rectangle([x, y, x + size - 1, y + size - 1], fill=0)
    assert counts(image) == []


@pytest.mark.parametrize(("size", "count"), [(1, 0), (3, 1)])
def test_small_grain_beside_small_digits_may_be_a_point(size: int, count: int) -> None:
    image, pen = sheet()
    for x in (50, 70):
        pen.line([(x, 90), (x, 112)], fill=0, width=3)
    pen.rectangle([60, 110, 60 + size - 1, 110 + size - 1], fill=0)
    assert len(boxes(image)) == 2 + count


def test_no_ink_is_nothing() -> None:
    blank = as_ink(np.zeros((50, 50), dtype=np.uint8))
    assert components.find(blank).candidates == []
    assert components.find(blank, one_digit=True).candidates == []


@pytest.mark.parametrize("step", [4, 5, 8])
def test_a_texture_is_nothing(step: int) -> None:
    # Every component is compared with every other: without a bound this would take gigabytes.
    ink = np.zeros((1000, 1000), dtype=np.uint8)
    for shift in np.ndindex(2, 2):
        ink[shift[0] :: step, shift[1] :: step] = 255
    assert components.find(as_ink(ink)).candidates == []
    assert components.find(as_ink(ink), one_digit=True).candidates == []


def test_many_components_are_read_up_to_the_bound() -> None:
    ink = np.zeros((900, 900), dtype=np.uint8)
    ink[:900:30, :900:30] = 1
    full = np.kron(ink[::30, ::30], np.pad(np.ones((9, 6), np.uint8), ((10, 11), (12, 12)))) * 255
    assert [len(row) for row in rows(as_ink(full))] == [30] * 30
    assert components.MAX_COMPONENTS >= 900


def test_one_digit_takes_all_ink_as_one_candidate() -> None:
    image = write("12", "34")
    [whole] = candidates(image, one_digit=True)
    assert len(candidates(image)) == 4
    assert ink_of(image).box(whole) == ink_of(image).box(Candidate.union(candidates(image)))


@pytest.mark.parametrize("text", ["17", "71", "1", "101", "11"])
@pytest.mark.parametrize("pen", [1 / 30, 1 / 12])
def test_a_tight_crop_loses_no_one_at_its_edges(text: str, pen: float) -> None:
    image = Image.new("L", (100 * len(text), 100), 255)
    for column, digit in enumerate(text):
        image.paste(draw(int(digit), 100, pen=pen), (100 * column, 0))
    ink = image.point(lambda value: 255 - value)
    assert counts(image.crop(ink.getbbox())) == [len(text)]


@pytest.mark.parametrize("inset", [2, 10, 20])
@pytest.mark.parametrize("text", ["5", "0", "42"])
def test_a_frame_around_is_no_candidate(text: str, inset: int) -> None:
    image = write(text)
    right, bottom = image.width - 1 - inset, image.height - 1 - inset
    framed = Image.new("L", (image.width + 60, image.height + 60), 255)
    framed.paste(image, (30, 30))
    ImageDraw.Draw(framed).rectangle((inset, inset, right + 60, bottom + 60), outline=0, width=3)
    assert len(candidates(framed)) == len(text)


def test_a_rectangle_alone_is_a_candidate() -> None:
    image, pen = sheet()
    pen.rectangle((40, 40, 160, 160), outline=0, width=8)
    assert len(candidates(image)) == 1


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("text", ["", "7"])
def test_lines_from_edge_to_edge_are_no_candidates(text: str, turn: bool) -> None:
    image, pen = sheet()
    for y in (10, 180):
        pen.line([(0, y), (199, y + 3)], fill=0, width=2)
    if text:
        image.paste(draw(7, 120), (40, 30))
    found = candidates(image.transpose(Image.Transpose.ROTATE_90) if turn else image)
    assert len(found) == len(text)


def test_a_one_from_edge_to_edge_is_a_candidate() -> None:
    image, pen = sheet()
    pen.line([(100, 0), (98, 199)], fill=0, width=3)
    assert len(candidates(image)) == 1


def test_ones_from_edge_to_edge_are_candidates() -> None:
    image, pen = sheet()
    for x in (60, 120):
        pen.line([(x, 0), (x, 199)], fill=0, width=16)
    assert len(candidates(image)) == 2


def test_a_line_along_the_edge_is_dirt() -> None:
    image = draw(7, 200)
    ImageDraw.Draw(image).line([(1, 0), (1, 199)], fill=0, width=3)
    assert len(boxes(image)) == 1
    assert boxes(image) == boxes(draw(7, 200))


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
def test_boxes_are_in_pixels_of_the_whole_picture(factor: int) -> None:
    values = 255 - np.asarray(write("12", "34"))
    plain = as_ink(values)
    whole = Ink(values, 64, values.shape[1] * factor - factor // 2, values.shape[0] * factor)
    found = components.find(plain).candidates
    assert len(found) == 4
    for candidate in found:
        box, small = whole.box(candidate), plain.box(candidate)
        assert abs(box.x - small.x * factor) <= factor
        assert abs(box.y - small.y * factor) <= factor
        assert abs(box.right - small.right * factor) <= factor
        assert abs(box.bottom - small.bottom * factor) <= factor


@settings(deadline=None, max_examples=150)
@given(
    arrays(
        np.uint8,
        array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.sampled_from([0, 0, 0, 40, 128, 255]),
        fill=st.just(0),
    ),
    st.booleans(),
)
def test_any_ink_gives_candidates_within_it(values: NDArray[np.uint8], one_digit: bool) -> None:
    ink = as_ink(values)
    for row in rows(ink, one_digit):
        assert row
        for candidate in row:
            box = ink.box(candidate)
            assert 0 <= box.x < box.right <= values.shape[1]
            assert 0 <= box.y < box.bottom <= values.shape[0]
            assert candidate.ink.shape == (box.height, box.width)
            assert candidate.ink[0].any()
            assert candidate.ink[-1].any()
            assert candidate.ink[:, 0].any()
            assert candidate.ink[:, -1].any()
            assert 0 <= candidate.ink.min() <= candidate.ink.max() <= 1


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.integers(0, 90)] * 2, *[st.integers(1, 30)] * 2), max_size=12))
def test_joining_puts_every_component_into_a_group(places: list[tuple[int, int, int, int]]) -> None:
    mask = np.zeros((120, 120), dtype=np.bool_)
    for x, y, width, height in places:
        mask[y : y + height, x : x + width] = True
    found = components.find_components(connect(mask), mask.shape)[0]
    groups = components.join(found) if len(found.numbers) else []
    assert sorted(number for group in groups for number in group) == list(range(len(found.boxes)))


@pytest.mark.parametrize("slant", [0, 5, 10])
@pytest.mark.parametrize("gap", [14, 20])
def test_slanted_digits_whose_boxes_overlap_are_apart(slant: int, gap: int) -> None:
    image, pen = sheet(300)
    for x in range(100, 100 + 3 * (gap + 8), gap + 8):
        pen.line([(x + slant, 40), (x - slant, 160)], fill=0, width=8)
    assert counts(image) == [3]


def test_a_digit_in_the_bend_of_its_neighbour_is_apart() -> None:
    image, pen = sheet()
    pen.line([(40, 20), (120, 20), (70, 180)], fill=0, width=8)  # a 7
    pen.line([(150, 60), (120, 170)], fill=0, width=8)  # a 1 beneath its bar
    assert counts(image) == [2]


@pytest.mark.parametrize("reach", [0, 1, 2, 5])
@pytest.mark.parametrize("place", [(14, 4), (14, 14), (3, 14), (12, 18)])
def test_nearness_is_told_by_the_pixels_between(reach: int, place: tuple[int, int]) -> None:
    mask = np.zeros((30, 30), dtype=np.bool_)
    mask[5:10, 5:10] = True
    x, y = place
    mask[y : y + 6, x : x + 6] = True
    found = components.find_components(connect(mask), mask.shape)[0]
    between = max(x - 10, y - 10)
    assert components._are_near(found, 0, 1, reach) == (between <= reach)
    assert components._are_near(found, 1, 0, reach) == (between <= reach)


@pytest.mark.parametrize("factor", [1, 3])
def test_every_candidate_s_ink_lies_where_it_says(factor: int) -> None:
    values = 255 - np.asarray(write("12", "34"))
    ink = as_ink(values, factor)
    found = components.find(ink).candidates
    assert len(found) == 4
    for each in found:
        place = values[each.top : each.bottom, each.left : each.right]
        strong = place >= 64
        assert np.array_equal(each.ink[strong], place[strong].astype(np.float32) / 255)
        assert (ink.box(each).x, ink.box(each).y) == (each.left * factor, each.top * factor)
