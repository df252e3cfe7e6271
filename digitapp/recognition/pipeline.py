"""The one way from bytes to an answer. Every entry point takes it."""

import time
from functools import partial

from digitapp.config import Options
from digitapp.engine import SIDE, Engine
from digitapp.recognition import again, assemble, classify, lattice
from digitapp.recognition.answer import Reading
from digitapp.recognition.assemble import Found
from digitapp.recognition.classify import flat
from digitapp.vision import components, decode, layout
from digitapp.vision import ink as inks
from digitapp.vision.types import Ink, LeftOut, Scan

DEFAULT = Options()


def recognize(picture: bytes | Scan, engine: Engine, options: Options = DEFAULT) -> Reading:
    """Read a picture: the bytes of a file in one of `formats.FORMATS`, or one that is decoded.

    Raises:
        DigitappError: BadRequest, TooLarge, UnsupportedFormat, UnreadableImage or Busy.
    """
    start, scan = time.perf_counter(), decode.scan(picture)
    found = _read_picture(scan, engine, options.one_digit)
    reads = flat(found.rows)
    return Reading(
        scan,
        found.ink,
        rows=[[each.candidate for each in row] for row in found.rows],
        inputs=[each.pixels for each in reads],
        outputs=[each.outputs for each in reads],
        answer=assemble.answer(found, engine.model, (time.perf_counter() - start) * 1000),
    )


def _read_picture(scan: Scan, engine: Engine, one_digit: bool) -> Found:
    """What a picture says; where it is not clear, other ways to read it are tried."""
    ink, read = inks.find_ink(scan, engine), partial(_read, engine=engine)
    found = _read_each(ink, engine, one_digit)
    if scan.grey.shape == (SIDE, SIDE):
        found = again.as_it_is(found, partial(inks.as_is, scan), engine)
        return found if one_digit else again.as_several(found, ink, read)
    if one_digit:
        return found
    glance = partial(_read_each, engine=engine, at_a_glance=True)
    return again.better(_best(found, engine), scan, again.Ways(read, glance), engine)


def _read(ink: Ink, engine: Engine) -> Found:
    """The rows of ink as they are most probably meant, and what is left out."""
    return _best(_read_each(ink, engine), engine)


def _read_each(
    ink: Ink, engine: Engine, one_digit: bool = False, at_a_glance: bool = False
) -> Found:
    """The same with each candidate by itself; with `one_digit` all ink is one candidate."""
    found = components.find(ink, one_digit)
    candidates, giants = layout.rows(found.candidates)
    more = [LeftOut(ink.box(each), "picture") for each in giants]
    rows = classify.read_rows(candidates, engine, at_a_glance)
    return Found(ink, rows, [*ink.left_out, *found.left_out, *more])


def _best(found: Found, engine: Engine) -> Found:
    rows, specks = lattice.best(found.rows, engine, found.ink.ruling)
    more = [LeftOut(found.ink.box(each), "speck") for each in specks]
    return found._replace(rows=rows, left_out=[*found.left_out, *more])
