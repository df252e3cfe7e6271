"""What the shipped networks make of whole sheets: signs, numbers, and that nothing is lost."""

import cc3d
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitapp.engine import Engine
from digitapp.recognition.answer import Answer
from digitapp.recognition.pipeline import recognize
from tests.drawings import encode, write
from tests.sheets import PAPERS, form, lines, put, scribble, table

SPECK = 6
"""Ink whose longer side has fewer pixels is a speck here: digits are at least 60 pixels high."""

EDGE = 3
"""Pixels by which ink may reach over its box: soft edges, and copies that are smaller."""

QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
"""Pictures that lie so, turned against the clock, are turned back clockwise by so many degrees."""


def read(engine: Engine, image: Image.Image) -> Answer:
    return recognize(encode(image), engine).answer


def numbers(answer: Answer) -> list[list[str]]:
    """The numbers, row by row."""
    found: dict[int, list[str]] = {}
    for number in answer.numbers:
        found.setdefault(number.row, []).append(number.text)
    return [found[row] for row in sorted(found)]


# --- signs


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(
    "text", ["3.14", "12:30", "-5", "7+5=12", "3/4", "1,50", "10-20", "+7", "0.5"]
)
def test_a_sign_is_read_beside_digits(engine: Engine, text: str, paper: str) -> None:
    answer = read(engine, PAPERS[paper](lines(text)))
    assert answer.text == text
    assert [number.text for number in answer.numbers] == [text]
    assert [each.text for each in answer.symbols if each.probabilities] == [
        each for each in text if each.isdigit()
    ]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("sign", [".", ":", "-", "+", "="])
def test_a_sign_alone_is_not_read_and_needs_a_look(engine: Engine, sign: str, paper: str) -> None:
    answer = read(engine, PAPERS[paper](lines(f" {sign} ")))
    assert set(answer.text.split()) == {"?"}
    assert answer.doubt


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("sign", [",", "/"])
def test_a_leaning_stroke_alone_may_be_a_1_but_no_sign(
    engine: Engine, sign: str, paper: str
) -> None:
    assert read(engine, PAPERS[paper](lines(f" {sign} "))).text == "1"


def test_signs_in_several_rows_belong_to_their_rows(engine: Engine) -> None:
    assert read(engine, lines("7+5=12", "3.14", "-5")).text == "7+5=12\n3.14\n-5"


# --- numbers


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(
    "rows", [["12 34"], ["2.5 3"], ["407 81 6"], ["12 345", "678 90"], ["-5 7+5=12"]]
)
def test_gaps_part_numbers(engine: Engine, rows: list[str], paper: str) -> None:
    answer = read(engine, PAPERS[paper](lines(*rows)))
    assert numbers(answer) == [row.split() for row in rows]


TABLES = [
    (("12", "345"), ("67", "89"), ("10", "2")),
    (("12", "34", "56"), ("7", "80", "93"), ("4", "25", "61")),
]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("rows", TABLES)
def test_ruled_lines_part_numbers(
    engine: Engine, rows: tuple[tuple[str, ...], ...], paper: str
) -> None:
    answer = read(engine, PAPERS[paper](table(*rows)))
    assert numbers(answer) == [list(row) for row in rows]
    assert "ruling" in {each.why for each in answer.left_out}


def test_lines_part_numbers_where_no_gap_does(engine: Engine) -> None:
    rows = ("123", "456"), ("780", "931"), ("425", "610")
    answer = read(engine, table(*rows, cell=(150, 120), tone=120))
    assert numbers(answer) == [list(row) for row in rows]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("cell", "tone"), [(60, 150), (90, 100), (90, 180), (120, 150)])
@pytest.mark.parametrize("text", ["4071", "90210", "58", "1711"])
def test_the_boxes_of_a_form_hold_one_number(
    engine: Engine, text: str, cell: int, tone: int, paper: str
) -> None:
    answer = read(engine, PAPERS[paper](form(text, cell, tone)))
    assert [number.text for number in answer.numbers] == [text]
    assert "ruling" in {each.why for each in answer.left_out}


# --- nothing is lost


def with_scribble(image: Image.Image, x: int, y: int) -> Image.Image:
    scribble(image, x, y, 90)
    return image


def with_letters() -> Image.Image:
    """A number between words."""
    image = lines("      ", "  407 ", "      ")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(70)
    pen.text((60, 40), "Room", 0, font)
    pen.text((60, 370), "Floor x (b)", 0, font)
    return image


def with_dirt(largest: int, seed: int = 7) -> Image.Image:
    """Numbers among 60 specks and crumbs of up to so many pixels."""
    image, random = lines("12 34", "56 78"), np.random.default_rng(seed)
    pen = ImageDraw.Draw(image)
    for number in range(60):
        x, y = random.uniform(20, image.width - 30), random.uniform(20, image.height - 30)
        size = number % largest
        pen.ellipse((x, y, x + size, y + size), fill=0)
    return image


def texture() -> Image.Image:
    """More dots than symbols are read in a picture."""
    image = Image.new("L", (800, 600), 255)
    pen = ImageDraw.Draw(image)
    for place in range(40 * 30):
        x, y = 10 + 19 * (place % 40), 10 + 19 * (place // 40)
        pen.ellipse((x, y, x + 8, y + 8), fill=0)
    return image


def crossed_by_a_line() -> Image.Image:
    """Numbers that a line is drawn through."""
    image = lines("12 34", "56 78")
    ImageDraw.Draw(image).line([(0, 20), (image.width, image.height - 20)], fill=0, width=4)
    return image


def in_a_frame() -> Image.Image:
    """A number beside a small one in a frame."""
    image = Image.new("L", (640, 240), 255)
    ImageDraw.Draw(image).rectangle((10, 10, 629, 229), outline=0, width=4)
    put(image, "407", 60, 60, 100)
    put(image, "12", 400, 90, 60)
    return image


SHEETS = {
    "sums": lines("7+5=12", "3.14 -5", "12:30"),
    "table": table(*TABLES[0]),
    "form": form("4071"),
    "letters": with_letters(),
    "dirt": with_dirt(9),
    "texture": texture(),
    "scribble": with_scribble(lines("12 34", "56 78", "        "), 60, 340),
    "lone scribble": with_scribble(Image.new("L", (200, 200), 255), 50, 50),
    "crossed": crossed_by_a_line(),
    "frame": in_a_frame(),
    "giant": with_scribble(lines("1234567", "8901234"), 300, 10).resize((900, 600)),
}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("seed", range(3))
def test_dust_is_not_read(engine: Engine, seed: int, paper: str) -> None:
    answer = read(engine, PAPERS[paper](with_dirt(3, seed)))
    assert answer.text == "12 34\n56 78"
    assert not answer.doubt


def lost(picture: Image.Image, answer: Answer) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) of dark ink larger than a speck that the answer omits."""
    labels = cc3d.connected_components((np.asarray(picture) < 128).view(np.uint8), connectivity=8)
    covered = np.zeros(labels.shape, dtype=np.bool_)
    told = [each.box for each in answer.symbols] + [each.box for each in answer.left_out]
    for box in told:
        top, left = max(box.y - EDGE, 0), max(box.x - EDGE, 0)
        covered[top : box.bottom + EDGE, left : box.right + EDGE] = True
    found = []
    for number in range(1, int(labels.max()) + 1):
        rows, columns = np.nonzero(labels == number)
        bounds = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        size = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
        if size >= SPECK and not covered[rows, columns].all():
            found.append((int(bounds[0]), int(bounds[1]), int(bounds[2]), int(bounds[3])))
    return found


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", SHEETS)
def test_no_ink_is_lost(engine: Engine, name: str, paper: str) -> None:
    answer = read(engine, PAPERS[paper](SHEETS[name]))
    assert answer.turned == 0
    assert lost(SHEETS[name], answer) == []


def test_what_is_not_told_is_lost() -> None:
    """The helper itself."""
    sheet = lines("12")
    empty = Answer((), (), False, 0, sheet.width, sheet.height, "none", 1.0)
    assert len(lost(sheet, empty)) == 2


# --- turned pages


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("turned", QUARTERS)
@pytest.mark.parametrize("rows", [("2024",), ("3141", "5926", "5358"), ("407 12", "358 96")])
def test_a_turned_page_reads_the_same(
    engine: Engine, rows: tuple[str, ...], turned: int, paper: str
) -> None:
    page = PAPERS[paper](write(*rows) if " " not in rows[0] else lines(*rows))
    plain = read(engine, page)
    answer = read(engine, page.transpose(QUARTERS[turned]))
    assert answer.text == plain.text == "\n".join(rows)
    assert (plain.turned, answer.turned) == (0, turned)
    assert (answer.width, answer.height) == (plain.width, plain.height) == page.size
    for one, other in zip(answer.symbols, plain.symbols, strict=True):
        for side in ("x", "y", "right", "bottom"):
            assert abs(getattr(one.box, side) - getattr(other.box, side)) <= EDGE


@pytest.mark.parametrize("text", ["5", "7+5=12", "4071"])
def test_a_page_that_stands_upright_is_not_turned(engine: Engine, text: str) -> None:
    assert read(engine, lines(text)).turned == 0
