"""The one way from bytes to an answer. Every entry point takes it."""

import time
from collections.abc import Sequence
from functools import partial

from digitapp.config import Options
from digitapp.engine import SIDE, Engine
from digitapp.recognition import again, assemble, classify, lattice
from digitapp.recognition.answer import Reading
from digitapp.recognition.assemble import Found
from digitapp.recognition.classify import Row, flat
from digitapp.vision import components, decode, layout
from digitapp.vision import ink as inks
from digitapp.vision.types import Ink, LeftOut

DEFAULT = Options()


def recognize(data: bytes, engine: Engine, options: Options = DEFAULT) -> Reading:
    """Read the picture in `data`, the bytes of a file in one of `formats.FORMATS`.

    Raises:
        DigitappError: BadRequest, TooLarge, UnsupportedFormat or UnreadableImage for the picture.
    """
    start = time.perf_counter()
    scan = decode.decode(data)
    read = partial(_read, engine=engine, one_digit=options.one_digit)
    found = read(inks.find_ink(scan, engine))
    if scan.grey.shape == (SIDE, SIDE):
        found = again.as_it_is(found, partial(inks.as_is, scan), engine)
    elif not options.one_digit:
        found = again.with_other_ink(found, partial(inks.others, scan, found.ink), read)
        found = again.turned_round(found, read)
    reads = flat(found.rows)
    return Reading(
        scan,
        found.ink,
        rows=[[each.candidate for each in row] for row in found.rows],
        inputs=[each.pixels for each in reads],
        outputs=[each.outputs for each in reads],
        answer=assemble.answer(found, engine.model, (time.perf_counter() - start) * 1000),
    )


def _read(ink: Ink, engine: Engine, one_digit: bool) -> Found:
    """The rows of ink as they are read, and what is left out."""
    found = components.find(ink, one_digit)
    candidates, others = layout.rows(found.candidates)
    left_out = [*ink.left_out, *found.left_out]
    left_out += [LeftOut(ink.box(each), "picture") for each in others]
    rows: Sequence[Row] = classify.read_rows(candidates, engine)
    if not one_digit:
        rows, specks = lattice.best(rows, engine)
        left_out += [LeftOut(ink.box(each), "speck") for each in specks]
    return Found(ink, rows, left_out)
