"""The one way from bytes to an answer. Every entry point takes it."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from digitapp.config import Options
from digitapp.engine import SIDE, Engine
from digitapp.recognition import classify, lattice
from digitapp.recognition.answer import MAY_BE_WRITING, Answer, Reading, Symbol
from digitapp.recognition.classify import Row, flat
from digitapp.vision import components, decode, layout
from digitapp.vision import ink as inks
from digitapp.vision.types import Candidate, Ink, LeftOut, Scan, as_grey, turned

DEFAULT = Options()

FEWEST, MOST = 2, 400
"""Only a picture of so many symbols is turned: a lone one has no other to compare with, and time
has a bound.
"""

POOR, CLEAR, CLEARER = 0.75, 0.8, 0.15
"""A picture is turned if its clarity is less than the first, when turned at least the second, and
higher by the third.
"""


def recognize(data: bytes, engine: Engine, options: Options = DEFAULT) -> Reading:
    """Read the picture in `data`, the bytes of a file in one of `formats.FORMATS`.

    Raises:
        DigitappError: BadRequest, TooLarge, UnsupportedFormat or UnreadableImage for the picture.
    """
    start = time.perf_counter()
    scan = decode.decode(data)
    found = _read(scan, engine, options)
    answer = _answer(found, engine.model, start)
    reads = flat(found.rows)
    return Reading(
        scan,
        found.ink,
        rows=[[each.candidate for each in row] for row in found.rows],
        inputs=[each.pixels for each in reads],
        outputs=[each.outputs for each in reads],
        answer=answer,
    )


class _Found(NamedTuple):
    """The ink of a picture, its rows as they are read, and what is left out.

    `turned` is how many quarters the ink was turned counterclockwise.
    """

    ink: Ink
    rows: Sequence[Row]
    left_out: Sequence[LeftOut]
    turned: int = 0


def _read(scan: Scan, engine: Engine, options: Options) -> _Found:
    ink = inks.find_ink(scan, engine)
    found = _read_ink(ink, engine, options.one_digit)
    if scan.grey.shape == (SIDE, SIDE):
        ink, rows = _better_as_is(scan, ink, found.rows, engine)
        return found._replace(ink=ink, rows=rows)
    return found if options.one_digit else _better_turned(found, engine)


def _read_ink(ink: Ink, engine: Engine, one_digit: bool = False) -> _Found:
    found = components.find(ink, one_digit)
    laid_out, others = layout.rows(found.candidates)
    left_out = [*ink.left_out, *found.left_out]
    left_out += [LeftOut(ink.box(each), "picture") for each in others]
    rows: Sequence[Row] = classify.read_rows(laid_out, engine)
    if not one_digit:
        rows, specks = lattice.best(rows, engine)
        left_out += [LeftOut(ink.box(each), "speck") for each in specks]
    return _Found(ink, rows, left_out)


def _better_turned(found: _Found, engine: Engine) -> _Found:
    """The reading, or that of the turned picture if the first is poor and the other is clear."""
    count = len(flat(found.rows))
    if not FEWEST <= count <= MOST or classify.clarity(found.rows) >= POOR:
        return found
    others = [
        _read_ink(turned(found.ink, quarters), engine)._replace(turned=quarters)
        for quarters in (1, 2, 3)
    ]
    best = max(others, key=lambda each: classify.clarity(each.rows))
    is_clear = classify.clarity(best.rows) >= max(CLEAR, classify.clarity(found.rows) + CLEARER)
    return best if is_clear and len(flat(best.rows)) >= FEWEST else found


def _better_as_is(
    scan: Scan, ink: Ink, rows: Sequence[Row], engine: Engine
) -> tuple[Ink, Sequence[Row]]:
    """A picture of the network's own size, in which no sure digit was found, is read as it is too.

    In so few pixels a line or a splash cannot be told from strokes, but the network has learned to
    read with them. The surer reading counts.
    """
    if not rows or classify.certainty(rows) >= classify.SURE:
        return ink, rows
    whole = inks.as_is(scan)
    if whole is None:
        return ink, rows
    again = [[classify.read_as_is(Candidate(as_grey(whole.values), 0, 0), engine)]]
    return (whole, again) if classify.certainty(again) > classify.certainty(rows) else (ink, rows)


def _answer(found: _Found, model: str, start: float) -> Answer:
    symbols: list[Symbol] = []
    numbers = 0
    walls = [layout.walls([e.candidate for e in row], found.ink.ruling) for row in found.rows]
    is_form = layout.is_form(walls)
    for number, row in enumerate(found.rows):
        boxes = [found.ink.box(each.candidate) for each in row]
        cells = () if is_form else walls[number]
        of_row = layout.numbers(boxes, [each.text for each in row], cells)
        for each, box, within in zip(row, boxes, of_row, strict=True):
            symbols.append(each.symbol(box, number, numbers + within))
        numbers += of_row[-1] + 1
    unread = any(each.why in MAY_BE_WRITING for each in found.left_out)
    return Answer(
        symbols=tuple(symbols),
        left_out=tuple(found.left_out),
        doubt=unread or any(symbol.needs_a_look for symbol in symbols),
        turned=(360 - 90 * found.turned) % 360,
        width=found.ink.width,
        height=found.ink.height,
        model=model,
        elapsed_ms=(time.perf_counter() - start) * 1000,
    )
