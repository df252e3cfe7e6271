"""A mark of several digits is parted where the sequence network sees them."""

import numpy as np
import pytest
from digitapp.engine.batch import Batch, Windows

from digitapp.engine import Engine
from digitapp.recognition import split
from digitapp.recognition.classify import Read
from digitapp.vision import components
from digitapp.vision.normalize import HIGH, STRIDE
from digitapp.vision.types import Grey, Mark, Picture
from tests.inks import bridged

HEIGHT = 48


class Seer:
    """Sees digits with their middles in these columns of the strip's ink."""

    model = "seer"

    def __init__(self, *columns: float) -> None:
        self.columns = columns
        self.asked = 0

    def probabilities(self, batch: Batch) -> Batch:
        raise AssertionError(batch)

    def windows(self, strip: Grey) -> Windows:
        self.asked += 1
        result = np.zeros(((strip.shape[1] - 28) // STRIDE + 1, 12), dtype=np.float32)
        result[:, 0] = 1
        for digit, column in enumerate(self.columns):
            result[round(column / STRIDE), [0, digit + 1]] = 0.1, 0.9
        return result


def mark(*widths: int) -> tuple[Mark, Picture, list[float]]:
    """Blocks that hang together, with a margin of 10 pixels, and their middles in a strip."""
    ink, middles = bridged(*widths, height=HEIGHT)
    picture = Picture(np.pad((ink * 255).astype(np.uint8), 10), 64, ink.shape[1] + 20, HEIGHT + 20)
    return (
        components.mark_at(picture, ink, 10, 10),
        picture,
        [each * HIGH / HEIGHT for each in middles],
    )


def both(reader: split.Parting, whole: Mark) -> list[Read]:
    """What is found, and cut."""
    return reader.cut(whole, reader.find(whole))


@pytest.mark.parametrize("widths", [(30, 30), (20, 40, 24), (30, 30, 30, 30)])
def test_each_digit_gets_its_part(widths: tuple[int, ...]) -> None:
    whole, picture, middles = mark(*widths)
    parts = both(split.Parting(picture, Seer(*middles)), whole)
    assert [int(part.outputs.argmax()) for part in parts] == list(range(len(widths)))
    left = 10
    for part, width in zip(parts, widths, strict=True):
        box = part.mark.box
        assert box.x <= left <= left + width <= box.right
        assert box.width <= width + 12  # both bridges
        assert part.pixels.shape == (28, 28, 1)
        left += width + 6
    assert sum(part.mark.ink.sum() for part in parts) == whole.ink.sum()


def test_where_nothing_is_seen_there_are_no_parts() -> None:
    whole, picture, _ = mark(30, 30)
    assert split.Parting(picture, Seer()).find(whole) == []


def test_digits_that_no_cut_can_part_stay_together() -> None:
    whole, picture, _ = mark(30)
    seer = Seer(4, 6, 8, 10)
    parts = both(split.Parting(picture, seer), whole)
    assert seer.asked == 1
    assert parts == [] or sum(part.mark.ink.sum() for part in parts) == whole.ink.sum()


def test_what_is_too_long_is_not_read() -> None:
    whole, picture, middles = mark(*[30] * 20)
    seer = Seer(*middles)
    assert split.Parting(picture, seer).find(whole) == []
    assert seer.asked == 0


def test_strips_of_a_picture_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "MOST", 2 * (33 + 28) + 10)
    whole, picture, middles = mark(30, 30)  # 33 columns, and the window's 28
    reader = split.Parting(picture, Seer(*middles))
    assert [len(reader.find(whole)) for _ in range(3)] == [2, 2, 0]


def test_the_real_network_says_as_much_as_it_should(engine: Engine) -> None:
    whole, picture, _ = mark(30, 30)
    for part in both(split.Parting(picture, engine), whole):
        assert part.outputs.shape == (11,)
        assert part.outputs.sum() == pytest.approx(1, abs=1e-5)
