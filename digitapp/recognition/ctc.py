"""What a strip says: the most probable digits, and where each of them is.

The sequence network sees every second column's window of the strip and says for each what has its
middle there: nothing, a digit, or what is none. A digit may be said of several windows in a row, or
shared by two; so the probabilities of all ways to say the same digits are summed (Graves,
Fernandez, Gomez, Schmidhuber, "Connectionist temporal classification", ICML 2006), as prefix beam
search does (Hannun et al., "First-pass large vocabulary continuous speech recognition using
bi-directional recurrent DNNs", 2014).
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from digitapp.engine.batch import Windows
from digitapp.marks import Grey
from digitapp.strip import STRIDE

NOTHING = 0
"""The first of a window's twelve probabilities; the ten digits' and that of "no digit" follow."""

BEAMS = 8
"""Beginnings of a strip that are followed at the same time: the most probable ones."""

LEAST = 0.01
"""What is less probable in a window is not there."""


class Found(NamedTuple):
    """One sign of a strip: `outputs` [11] as the digits' network gives them.

    `column` is where it is the most probable, near its middle, in columns of the strip's ink.
    """

    outputs: Grey
    column: int


class Beam(NamedTuple):
    """A beginning of a strip: its signs, and the window in which each of them was first said.

    `open` is the probability of all ways to say them that end in the last sign, `closed` of those
    that end in nothing after it.
    """

    signs: tuple[int, ...]
    places: tuple[int, ...]
    open: float
    closed: float

    @property
    def score(self) -> float:
        """The probability of all ways to say it."""
        return self.open + self.closed


def find(windows: Windows) -> list[Found]:
    """The signs of a strip from the left, as they are most probable together."""
    best = _best(windows)
    borders = [_border(windows, one, other) for one, other in pairwise(best.places)]
    spans = pairwise([0, *borders, len(windows)])
    return [
        Found(_one(windows[first:end]), (first + _peak(windows[first:end], sign)) * STRIDE)
        for sign, (first, end) in zip(best.signs, spans, strict=False)
    ]


def _border(windows: Windows, one: int, other: int) -> int:
    """The window from which on a sign is said, no longer the one before: where nothing is surest.

    `one` and `other` are where they are said first.
    """
    between = windows[one + 1 : other, NOTHING]
    return one + 1 + int(between.argmax()) if len(between) else other


def _peak(windows: Windows, sign: int) -> int:
    """The window in which a sign is the most probable."""
    return int(windows[:, sign].argmax())


def _best(windows: Windows) -> Beam:
    """The most probable signs."""
    beams = [Beam((), (), 0.0, 1.0)]
    for place, window in enumerate(windows.astype(np.float64).tolist()):
        likely = [sign for sign in range(1, len(window)) if window[sign] >= LEAST]
        longer = (step for beam in beams for step in _steps(beam, place, window, likely))
        beams = sorted(_merged(longer), key=lambda beam: -beam.score)[:BEAMS]
    return beams[0]


def _steps(beam: Beam, place: int, window: list[float], likely: list[int]) -> Iterable[Beam]:
    """What a beginning may be one window later."""
    last = beam.signs[-1] if beam.signs else NOTHING
    again = beam.open * window[last] if last != NOTHING else 0.0
    yield beam._replace(open=again, closed=beam.score * window[NOTHING])
    for sign in likely:
        before = beam.closed if sign == last else beam.score
        if before > 0:
            signs, places = (*beam.signs, sign), (*beam.places, place)
            yield Beam(signs, places, before * window[sign], 0.0)


def _merged(beams: Iterable[Beam]) -> Iterable[Beam]:
    """Those that say the same as one, with the places of the most probable."""
    merged: dict[tuple[int, ...], Beam] = {}
    for beam in beams:
        same = merged.get(beam.signs)
        if same is None:
            merged[beam.signs] = beam
        else:
            places = max(same, beam, key=lambda each: each.score).places
            both = same.open + beam.open, same.closed + beam.closed
            merged[beam.signs] = Beam(beam.signs, places, *both)
    return merged.values()


def _one(windows: Windows) -> Grey:
    """The probabilities that the windows hold one digit and nothing else, or anything else, [11].

    The forward recursion of connectionist temporal classification, for all digits at once.
    """
    before, during, after = 1.0, np.zeros(10), np.zeros(10)
    for window in windows.astype(np.float64):
        nothing, digits = window[NOTHING], window[1:11]
        after = (after + during) * nothing
        during = (before + during) * digits
        before *= nothing
    digits = during + after
    return np.append(digits, max(1 - digits.sum(), 0)).astype(np.float32)
