"""The one way from bytes to an answer. Every entry point takes it."""

import time
from collections.abc import Sequence

from digitapp.config import Options
from digitapp.engine import SIDE, Engine
from digitapp.recognition import classify, lattice
from digitapp.recognition.answer import Answer, Reading
from digitapp.recognition.classify import Row, flat
from digitapp.vision import components, decode, layout
from digitapp.vision import ink as inks
from digitapp.vision.types import Candidate, Ink, Scan, as_grey

DEFAULT = Options()


def recognize(data: bytes, engine: Engine, options: Options = DEFAULT) -> Reading:
    """Read the picture in `data`, the bytes of a file in one of `formats.FORMATS`.

    Raises:
        DigitappError: BadRequest, TooLarge, UnsupportedFormat or UnreadableImage for the picture.
    """
    start = time.perf_counter()
    scan = decode.decode(data)
    ink = inks.find_ink(scan, engine)
    candidates = layout.rows(components.candidates(ink, options.one_digit))
    rows: Sequence[Row] = classify.read_rows(candidates, engine)
    if scan.grey.shape == (SIDE, SIDE):
        ink, rows = _better_as_is(scan, ink, rows, engine)
    elif not options.one_digit:
        rows = lattice.best(rows, engine)
    return _reading(scan, ink, rows, engine.model, start)


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


def _reading(scan: Scan, ink: Ink, rows: Sequence[Row], model: str, start: float) -> Reading:
    digits = tuple(tuple(each.digit(ink.box(each.candidate)) for each in row) for row in rows)
    elapsed_ms = (time.perf_counter() - start) * 1000
    return Reading(
        scan,
        ink,
        rows=[[each.candidate for each in row] for row in rows],
        inputs=[each.pixels for each in flat(rows)],
        outputs=[each.outputs for each in flat(rows)],
        answer=Answer(digits, ink.width, ink.height, model, elapsed_ms),
    )
