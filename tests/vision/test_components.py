"""From ink to marks: what belongs together, what is dirt, and in which order it is read."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitapp.vision import components, decode, ink
from digitapp.vision.types import Box, Bytes, Grey, Mark, Picture
from tests.drawings import coverage, draw, encode, write


def picture(ink: Bytes, threshold: int = 64) -> Picture:
    return Picture(ink, threshold, ink.shape[1], ink.shape[0])


def of_image(image: Image.Image) -> Picture:
    """Dark drawings on white as ink."""
    return picture(255 - np.asarray(image))


def sheet(width: int = 200, height: int = 200) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 255)
    return image, ImageDraw.Draw(image)


def marks(image: Image.Image, one_digit: bool = False) -> list[Mark]:
    """All marks in reading order."""
    return [mark for row in components.segment(of_image(image), one_digit) for mark in row]


def counts(image: Image.Image) -> list[int]:
    """Marks in each row."""
    return [len(row) for row in components.segment(of_image(image))]


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("side", [16, 28, 64, 280])
def test_a_digit_is_one_mark_in_its_box(digit: int, side: int) -> None:
    [mark] = marks(draw(digit, side))
    extent = coverage(digit, side).point(lambda value: 255 * (value >= 64)).getbbox()
    assert extent
    left, top, right, bottom = extent
    assert abs(mark.box.x - left) <= 1
    assert abs(mark.box.y - top) <= 1
    assert abs(mark.box.right - right) <= 1
    assert abs(mark.box.bottom - bottom) <= 1
    assert mark.ink.shape == (mark.box.height, mark.box.width)
    assert mark.ink.dtype == np.float32
    assert (mark.ink.min(), mark.ink.max()) == (0, 1)


@pytest.mark.parametrize(
    "rows",
    [
        ("12",),
        ("2024",),
        ("0123456789",),
        ("31", "41"),
        ("1", "2", "3"),
        ("123", "45"),
        ("7 7", " 1 "),
    ],
)
def test_digits_that_stand_apart_are_read_row_by_row(rows: tuple[str, ...]) -> None:
    found = components.segment(of_image(write(*rows)))
    assert [len(row) for row in found] == [len(text.replace(" ", "")) for text in rows]
    for row, text in enumerate(rows):
        places = [column for column, digit in enumerate(text) if digit != " "]
        for mark, column in zip(found[row], places, strict=True):
            assert column * 100 <= mark.box.x < mark.box.right <= column * 100 + 100
            assert row * 100 <= mark.box.y < mark.box.bottom <= row * 100 + 100


def test_dirt_within_a_digit_is_no_ink_of_its() -> None:
    image = draw(0, 200)
    ImageDraw.Draw(image).ellipse([97, 97, 103, 103], fill=0)
    [dirty], [clean] = marks(image), marks(draw(0, 200))
    assert dirty.box == clean.box
    assert np.array_equal(dirty.ink, clean.ink)


@pytest.mark.parametrize("gap", [2, 4])
def test_a_five_with_a_detached_bar_is_one_mark(gap: int) -> None:
    image, pen = sheet()
    pen.line([(75, 40), (70, 95), (110, 85), (135, 120), (100, 160), (65, 150)], fill=0, width=8)
    pen.line([(75, 34 - gap), (130, 32 - gap)], fill=0, width=8)
    assert counts(image) == [1]


@pytest.mark.parametrize("gap", [1, 2])
@pytest.mark.parametrize("place", [45, 70, 100, 150])
def test_a_broken_line_is_one_mark(place: int, gap: int) -> None:
    image, pen = sheet()
    pen.line([(100, 30), (100, place)], fill=0, width=8)
    pen.line([(100, place + 1 + gap), (100, 175)], fill=0, width=8)
    assert counts(image) == [1]


def test_a_four_of_two_strokes_that_do_not_touch_is_one_mark() -> None:
    image, pen = sheet()
    pen.line([(80, 30), (60, 110), (119, 110)], fill=0, width=8)
    pen.line([(130, 50), (126, 180)], fill=0, width=8)
    assert counts(image) == [1]


def test_the_parts_of_a_digit_are_joined_though_dots_lie_about() -> None:
    image = draw(7, 200)
    pen = ImageDraw.Draw(image)
    for x, y in [(10, 10), (190, 20), (15, 180), (60, 190), (180, 120)]:
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=0)
    [mark] = marks(image)
    assert mark.box == marks(draw(7, 200))[0].box


@pytest.mark.parametrize("size", [1, 2, 3])
def test_grain_alone_is_nothing(size: int) -> None:
    image, pen = sheet()
    for x, y in [(10, 10), (190, 20), (15, 180), (100, 100)]:
        pen.rectangle([x, y, x + size - 1, y + size - 1], fill=0)
    assert counts(image) == []


def test_no_ink_is_nothing() -> None:
    blank = picture(np.zeros((50, 50), dtype=np.uint8))
    assert components.segment(blank) == []
    assert components.segment(blank, one_digit=True) == []


@pytest.mark.parametrize("step", [4, 5, 8])
def test_a_texture_is_nothing(step: int) -> None:
    # Every piece is compared with every other: without a bound this would take gigabytes.
    ink = np.zeros((1000, 1000), dtype=np.uint8)
    for shift in np.ndindex(2, 2):
        ink[shift[0] :: step, shift[1] :: step] = 255
    assert components.segment(picture(ink)) == []
    assert components.segment(picture(ink), one_digit=True) == []


def test_many_marks_are_read_up_to_the_bound() -> None:
    ink = np.zeros((900, 900), dtype=np.uint8)
    ink[:900:30, :900:30] = 1
    full = np.kron(ink[::30, ::30], np.pad(np.ones((9, 6), np.uint8), ((10, 11), (12, 12)))) * 255
    assert [len(row) for row in components.segment(picture(full))] == [30] * 30
    assert components.MAX_PIECES >= 900


def test_one_digit_takes_all_ink_as_one_mark() -> None:
    [mark] = marks(write("12", "34"), one_digit=True)
    boxes = [mark.box for mark in marks(write("12", "34"))]
    together = boxes[0].union(boxes[1]).union(boxes[2]).union(boxes[3])
    assert mark.box == together


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
def test_a_frame_around_is_no_mark(text: str, inset: int) -> None:
    image = write(text)
    right, bottom = image.width - 1 - inset, image.height - 1 - inset
    framed = Image.new("L", (image.width + 60, image.height + 60), 255)
    framed.paste(image, (30, 30))
    ImageDraw.Draw(framed).rectangle((inset, inset, right + 60, bottom + 60), outline=0, width=3)
    assert len(marks(framed)) == len(text)


def test_a_rectangle_alone_is_a_mark() -> None:
    image, pen = sheet()
    pen.rectangle((40, 40, 160, 160), outline=0, width=8)
    assert len(marks(image)) == 1


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("text", ["", "7"])
def test_lines_from_edge_to_edge_are_no_marks(text: str, turn: bool) -> None:
    image, pen = sheet()
    for y in (10, 180):
        pen.line([(0, y), (199, y + 3)], fill=0, width=2)
    if text:
        image.paste(draw(7, 120), (40, 30))
    found = marks(image.transpose(Image.Transpose.ROTATE_90) if turn else image)
    assert len(found) == len(text)


def test_a_one_from_edge_to_edge_is_a_mark() -> None:
    image, pen = sheet()
    pen.line([(100, 0), (98, 199)], fill=0, width=3)
    assert len(marks(image)) == 1


def test_a_line_along_the_edge_is_dirt() -> None:
    image = draw(7, 200)
    ImageDraw.Draw(image).line([(1, 0), (1, 199)], fill=0, width=3)
    [mark] = marks(image)
    assert mark.box == marks(draw(7, 200))[0].box


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
def test_boxes_are_in_pixels_of_the_whole_picture(factor: int) -> None:
    ink = 255 - np.asarray(write("12", "34"))
    whole = Picture(ink, 64, ink.shape[1] * factor - factor // 2, ink.shape[0] * factor)
    plain = [mark.box for row in components.segment(picture(ink)) for mark in row]
    for box, small in zip(
        [mark.box for row in components.segment(whole) for mark in row], plain, strict=True
    ):
        assert abs(box.x - small.x * factor) <= factor
        assert abs(box.y - small.y * factor) <= factor
        assert abs(box.right - small.right * factor) <= factor
        assert abs(box.bottom - small.bottom * factor) <= factor


def test_boxes_of_a_reduced_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(write("12", "34", side=200))
    whole = components.segment(ink.find_ink(decode.load(data)))
    monkeypatch.setattr(decode, "WORK_PIXELS", 150 * 150)
    reduced = components.segment(ink.find_ink(decode.load(data)))
    assert [len(row) for row in reduced] == [2, 2]
    for row, small in zip(whole, reduced, strict=True):
        for one, other in zip(row, small, strict=True):
            for attribute in ("x", "y", "right", "bottom"):
                assert abs(getattr(one.box, attribute) - getattr(other.box, attribute)) <= 6


def mark_at(x: int, y: int, width: int = 20, height: int = 40) -> Mark:
    ink: Grey = np.ones((height, width), dtype=np.float32)
    return Mark(Box(x, y, width, height), ink)


@pytest.mark.parametrize(("count", "rows"), [(8, 1), (3, 3)], ids=["a page", "a few marks"])
def test_a_page_is_left_by_edges_and_dashes_that_are_far_from_its_rows(
    count: int, rows: int
) -> None:
    digits = [mark_at(30 * i, 0) for i in range(count)]
    edge, dash = mark_at(400, 60, 20, 160), mark_at(0, 400, 40, 6)
    found = components._on_a_page(components.order([*digits, edge, dash]))
    assert found[0] == digits
    assert len(found) == rows


@pytest.mark.parametrize(
    ("places", "rows"),
    [
        ([(0, 0), (30, 0), (60, 0)], [[0, 1, 2]]),
        ([(60, 3), (0, 0), (30, -4)], [[1, 2, 0]]),
        ([(0, 0), (0, 60)], [[0], [1]]),
        ([(30, 60), (0, 0), (0, 64), (30, 4)], [[1, 3], [2, 0]]),
        ([(0, 0), (30, 8), (60, 16), (90, 24)], [[0, 1, 2, 3]]),
    ],
    ids=["a row", "out of order", "a column", "two rows", "a slope"],
)
def test_the_reading_order(places: list[tuple[int, int]], rows: list[list[int]]) -> None:
    all_marks = [mark_at(x, y) for x, y in places]
    found = components.order(all_marks)
    assert [[all_marks.index(mark) for mark in row] for row in found] == rows


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=12, unique=True))
def test_the_order_keeps_every_mark_once(places: list[tuple[int, int]]) -> None:
    boxes = [mark_at(x, y).box for x, y in places]
    rows = components.order([mark_at(x, y) for x, y in places])
    found = [mark.box for row in rows for mark in row]
    assert sorted(found, key=str) == sorted(boxes, key=str)
    for row in rows:
        assert [mark.box.x for mark in row] == sorted(mark.box.x for mark in row)


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
def test_any_ink_gives_marks_within_the_picture(ink: NDArray[np.uint8], one_digit: bool) -> None:
    for row in components.segment(picture(ink), one_digit):
        assert row
        for mark in row:
            assert 0 <= mark.box.x < mark.box.right <= ink.shape[1]
            assert 0 <= mark.box.y < mark.box.bottom <= ink.shape[0]
            assert mark.ink.shape == (mark.box.height, mark.box.width)
            assert mark.ink[0].any()
            assert mark.ink[-1].any()
            assert mark.ink[:, 0].any()
            assert mark.ink[:, -1].any()
            assert 0 <= mark.ink.min() <= mark.ink.max() <= 1


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.integers(0, 90)] * 2, *[st.integers(1, 30)] * 2), max_size=12))
def test_joining_puts_every_piece_into_one_group(places: list[tuple[int, int, int, int]]) -> None:
    ink = np.zeros((120, 120), dtype=np.bool_)
    for x, y, width, height in places:
        ink[y : y + height, x : x + width] = True
    pieces = components.find_pieces(ink)
    groups = components.join(pieces) if len(pieces.numbers) else []
    assert sorted(number for group in groups for number in group) == list(range(len(pieces.boxes)))


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
    pieces = components.find_pieces(mask)
    between = max(x - 10, y - 10)
    assert components._are_near(pieces, 0, 1, reach) == (between <= reach)
    assert components._are_near(pieces, 1, 0, reach) == (between <= reach)


# --- tilted pages, dots and dashes, where a mark's ink is


def on_a_slope(texts: tuple[int, ...], slope: float) -> list[Mark]:
    """Rows of so many marks, 20 apart and 70 below each other, that fall by `slope`."""
    return [
        mark_at(40 * column, round(70 * row + slope * 40 * column))
        for row, count in enumerate(texts)
        for column in range(count)
    ]


@pytest.mark.parametrize("slope", [-0.14, -0.07, 0.0, 0.07, 0.14])
@pytest.mark.parametrize(
    "texts", [(18, 18), (20, 20, 20), (12, 12), (10, 4, 8), (9,), (6, 3, 3, 6)]
)
def test_rows_of_a_tilted_page(texts: tuple[int, ...], slope: float) -> None:
    all_marks = on_a_slope(texts, slope)
    found = components.order(all_marks[::2] + all_marks[1::2])
    numbers = [[all_marks.index(mark) for mark in row] for row in found]
    assert [len(row) for row in numbers] == list(texts)
    assert [number for row in numbers for number in row] == list(range(sum(texts)))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(5, 10), min_size=2, max_size=5),
    st.floats(-0.08, 0.08),
    st.randoms(use_true_random=False),
)
def test_the_slope_is_that_of_the_rows(texts: list[int], slope: float, random: Random) -> None:
    all_marks = on_a_slope(tuple(texts), slope)
    assert abs(components._slope(all_marks) - slope) <= 0.5 / 20
    shuffled = random.sample(all_marks, len(all_marks))
    assert [len(row) for row in components.order(shuffled)] == texts


def test_few_marks_tell_no_slope() -> None:
    assert components._slope(on_a_slope((components.SEVERAL - 1,), 0.1)) == 0
    assert components._slope(on_a_slope((components.SEVERAL,), 0.1)) == pytest.approx(0.1)
    column = [mark_at(0, 60 * place) for place in range(12)]
    assert components._slope(column) == 0


@pytest.mark.parametrize(
    ("low", "row"),
    [
        ((52, 34, 6, 6), 0),  # a decimal point
        ((52, 104, 6, 6), 1),
        ((52, 18, 16, 5), 0),  # a minus
        ((52, 44, 6, 10), 0),  # a comma, below its row
    ],
)
def test_dots_and_dashes_go_to_the_row_beside_them(
    low: tuple[int, int, int, int], row: int
) -> None:
    digits = [mark_at(x, y) for y in (0, 70) for x in (0, 25, 75, 100)]
    dot = mark_at(*low)
    found = components.order([dot, *digits])
    assert [len(each) for each in found] == ([5, 4] if row == 0 else [4, 5])
    assert found[row][2] is dot


def test_a_dot_far_from_all_rows_stands_alone() -> None:
    digits = [mark_at(x, 0) for x in (0, 25, 50)]
    dot = mark_at(25, 200, 6, 6)
    assert components.order([*digits, dot]) == [digits, [dot]]
    assert components.order([dot]) == [[dot]]


@pytest.mark.parametrize(("y", "count"), [(10, 1), (28, 1), (36, 2), (60, 2)])
def test_a_mark_that_stands_lower_beside_a_row_is_of_it(y: int, count: int) -> None:
    row = [mark_at(0, 0), mark_at(30, 2)]
    assert len(components.order([*row, mark_at(60, y)])) == count


def test_a_mark_below_a_row_is_of_the_next() -> None:
    row = [mark_at(0, 0), mark_at(30, 2)]
    assert len(components.order([*row, mark_at(15, 28)])) == 2


def test_ink_s_place_is_in_the_segmented_picture_and_its_box_in_the_whole() -> None:
    ink: Grey = np.zeros((10, 12), dtype=np.float32)
    ink[2:9, 3:8] = 0.5
    reduced = Picture(np.zeros((50, 60), np.uint8), 64, 180, 150)
    mark = components.mark_at(reduced, ink, 20, 30)
    assert (mark.left, mark.top, mark.ink.shape) == (23, 32, (7, 5))
    assert mark.box == Box(69, 96, 15, 21)
    assert (mark.ink == 0.5).all()


@pytest.mark.parametrize("factor", [1, 3])
def test_every_mark_s_ink_lies_where_it_says(factor: int) -> None:
    ink = 255 - np.asarray(write("12", "34"))
    whole = Picture(ink, 64, ink.shape[1] * factor, ink.shape[0] * factor)
    for mark in [mark for row in components.segment(whole) for mark in row]:
        height, width = mark.ink.shape
        place = ink[mark.top : mark.top + height, mark.left : mark.left + width]
        assert np.array_equal(mark.ink[place >= 64], place[place >= 64].astype(np.float32) / 255)
        assert (mark.box.x, mark.box.y) == (mark.left * factor, mark.top * factor)
