"""The one way from bytes to an answer; every door takes it."""

import time
from dataclasses import dataclass

from digitapp import ground, imaging, search, segment
from digitapp.engine import Engine
from digitapp.marks import Answer, Stages
from digitapp.normalize import SIDE
from digitapp.reading import as_it_is, flat, read_rows


@dataclass(frozen=True, slots=True)
class Options:
    """What the asker wants: `one_digit` takes all ink of the picture as one mark."""

    one_digit: bool = False


def recognize(data: bytes, engine: Engine, options: Options | None = None) -> Answer:
    """Read the picture in `data`, the bytes of a PNG, JPEG, GIF, BMP or WebP file.

    Raises:
        DigitappError: BadRequest, TooLarge, UnsupportedFormat or UnreadableImage for the picture;
            Busy when no slot of the engine came free in time.
    """
    return stages(data, engine, options).answer


def stages(data: bytes, engine: Engine, options: Options | None = None) -> Stages:
    """`recognize`, with what each step made of the picture; raises the same."""
    start = time.perf_counter()
    options = options or Options()
    scan = imaging.load(data)
    picture = ground.find_ink(scan)
    rows = read_rows(segment.segment(picture, options.one_digit), engine)
    if scan.grey.shape == (SIDE, SIDE):
        picture, rows = as_it_is(scan, picture, rows, engine)
    elif not options.one_digit:
        rows = search.best(rows, picture, engine)
    digits = tuple(tuple(each.digit for each in row) for row in rows)
    elapsed_ms = (time.perf_counter() - start) * 1000
    answer = Answer(digits, picture.width, picture.height, engine.model, elapsed_ms)
    marks = [[each.mark for each in row] for row in rows]
    reads = flat(rows)
    inputs, outputs = [each.pixels for each in reads], [each.outputs for each in reads]
    return Stages(scan, picture, marks, inputs, outputs, answer)
