"""From rows as they are read to the answer: symbols, numbers, and whether there is doubt."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from digitapp.recognition.answer import MAY_BE_WRITING, Answer, Symbol
from digitapp.recognition.classify import Row
from digitapp.vision import numbers
from digitapp.vision.types import Ink, LeftOut


class Found(NamedTuple):
    """The ink of a picture, its rows as they are read, and what is left out.

    `turned` is by how many quarters of a circle the ink was turned, counterclockwise.
    """

    ink: Ink
    rows: Sequence[Row]
    left_out: Sequence[LeftOut]
    turned: int = 0


def answer(found: Found, model: str, elapsed_ms: float) -> Answer:
    """The answer for people and programs."""
    symbols = tuple(_symbols(found))
    unread = any(each.why in MAY_BE_WRITING for each in found.left_out)
    return Answer(
        symbols=symbols,
        left_out=tuple(found.left_out),
        doubt=unread or any(symbol.needs_a_look for symbol in symbols),
        turned=(360 - 90 * found.turned) % 360,
        width=found.ink.width,
        height=found.ink.height,
        model=model,
        elapsed_ms=elapsed_ms,
    )


def _symbols(found: Found) -> Iterator[Symbol]:
    """The symbols in reading order, each with its row and number."""
    ruling = found.ink.ruling
    walls = [numbers.walls([each.candidate for each in row], ruling) for row in found.rows]
    is_form = numbers.is_form(walls)
    before = 0
    for number, (row, cells) in enumerate(zip(found.rows, walls, strict=True)):
        boxes = [found.ink.box(each.candidate) for each in row]
        texts = [each.text for each in row]
        within = numbers.split_form(boxes) if is_form else numbers.split(boxes, texts, cells)
        for each, box, place in zip(row, boxes, within, strict=True):
            yield each.symbol(box, number, before + place)
        before += within[-1] + 1
