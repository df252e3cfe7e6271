"""Changes that must not change an answer: the share of pictures whose answer stays, per change."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitapp.engine import Engine
from digitapp.recognition.answer import Answer
from digitapp.recognition.pipeline import recognize
from tests.changes import CHANGES, Change
from tests.drawings import draw, encode, write

SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "samples"

SIDE = 120
"""Of the drawings here, in pixels."""

BARS = dict.fromkeys(CHANGES, 0.98) | {
    "hard shadow": 0.95,  # its edge crosses a wide picture where digits are narrow beside it
    "to the edge": 0.95,  # a 1 cut to its ink is a block without a background
}
"""Share of answers that stay; of 52 pictures, 0.98 lets one go."""

EMPTY = ["soft shadow", "hard shadow", "vignette", "grain", "ruled paper", "squared paper"]
"""What must not be read on empty paper either."""


@cache
def pictures() -> list[tuple[str, Image.Image]]:
    """What is changed, each with what it says: digits as people draw them, samples, numbers."""
    drawn = [
        (str(digit), draw(digit, SIDE, pen=pen, turn=turn))
        for digit in range(10)
        for pen, turn in [(1 / 12, 0), (1 / 12, -8), (1 / 30, 0), (1 / 8, 0)]
    ]
    samples = [(str(digit), Image.open(SAMPLES / f"{digit}.png")) for digit in range(10)]
    numbers = [("4071", Image.open(SAMPLES / "number.png")), ("2024", write("2024"))]
    return [(text, image.convert("RGB")) for text, image in drawn + samples + numbers]


def read(data: bytes, with_engine: Engine) -> Answer:
    return recognize(data, with_engine).answer


def share_that_stays(change: Change, with_engine: Engine) -> float:
    stay = [read(change(image), with_engine).text == text for text, image in pictures()]
    return float(np.mean(stay))


def test_the_pictures_are_read_as_they_are(engine: Engine) -> None:
    assert share_that_stays(encode, engine) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_leaves_the_answers(name: str, engine: Engine) -> None:
    assert share_that_stays(CHANGES[name], engine) >= BARS[name]


@pytest.mark.parametrize("pen", [1 / 280, 1 / 140, 1 / 5, 1 / 4])
def test_a_pen_of_one_pixel_and_a_brush_that_fills_the_frame(pen: float, engine: Engine) -> None:
    texts = [read(encode(draw(digit, 280, pen=pen)), engine).text for digit in range(10)]
    assert texts == [str(digit) for digit in range(10)]


@pytest.mark.parametrize("name", EMPTY)
def test_a_change_makes_no_digit_of_empty_paper(name: str, engine: Engine) -> None:
    paper = Image.new("RGB", (280, 280), (235, 235, 235))
    assert not any(each.text != "?" for each in read(CHANGES[name](paper), engine).symbols)


def test_every_change_has_its_bar() -> None:
    assert set(BARS) == set(CHANGES)
    assert min(BARS.values()) >= 0.9
