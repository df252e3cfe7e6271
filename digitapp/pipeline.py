"""The one way from bytes to an answer; every door takes it."""

import time
from dataclasses import dataclass

import numpy as np

from digitapp import ground, imaging, normalize, segment
from digitapp.engine import Engine
from digitapp.marks import Answer, Stages
from digitapp.normalize import SIDE
from digitapp.verdict import SURE, certainty, judge


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
    rows = segment.segment(picture, options.one_digit)
    batch = normalize.batch([mark.ink for row in rows for mark in row])
    outputs = engine.probabilities(batch)
    whole = ground.as_it_is(scan) if rows and scan.grey.shape == (SIDE, SIDE) else None
    if whole and certainty(outputs) < SURE:
        # In the CNN's own few pixels a line or a splash cannot be told from strokes, but the CNN
        # has learned to read with them: it sees the picture as it is, and the surer reading counts.
        mark = segment.whole(whole)
        again = mark.ink[np.newaxis, ..., np.newaxis]
        said = engine.probabilities(again)
        if certainty(said) > certainty(outputs):
            picture, rows, batch, outputs = whole, [[mark]], again, said
    judged = iter(zip(batch, outputs, strict=True))
    digits = tuple(tuple(judge(mark.box, *next(judged)) for mark in row) for row in rows)
    elapsed_ms = (time.perf_counter() - start) * 1000
    answer = Answer(digits, picture.width, picture.height, engine.model, elapsed_ms)
    return Stages(scan, picture, rows, batch, answer)
