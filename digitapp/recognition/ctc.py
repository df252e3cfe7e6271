"""What a line image says: the most probable digits, and where each of them is.

The line network sees a window at every second column of the line image and says what has its middle
there: nothing, a digit, or something else. It may say a digit of several windows in a row, or share
it between two. So the probabilities of all ways to say the same digits are summed (Graves,
Fernandez, Gomez, Schmidhuber, "Connectionist temporal classification", ICML 2006), as prefix beam
search does (Hannun et al., "First-pass large vocabulary continuous speech recognition using
bi-directional recurrent DNNs", 2014).
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitapp.recognition.symbols import BLANK, DIGITS, to_line
from digitapp.vision.normalize import STRIDE
from digitapp.vision.types import Grey

Windows = NDArray[np.float32]
"""[T, 12], see `Engine.windows`."""

BEAMS = 8
"""Beginnings of a line image that are followed at the same time: the most probable ones."""

LEAST = 0.01
"""A class that is less probable in a window is left out of it."""


class Found(NamedTuple):
    """One symbol of a line image: `outputs` [11] as the network for single candidates gives them.

    `column` is where it is the most probable, near its middle, in columns of the line image's ink.
    """

    outputs: Grey
    column: int


class Beam(NamedTuple):
    """A beginning of a line image: its symbols, and the window in which each was first said.

    `open` is the probability of all ways to say them that end in the last symbol, `closed` of those
    that end in nothing after it.
    """

    symbols: tuple[int, ...]
    places: tuple[int, ...]
    open: float
    closed: float

    @property
    def score(self) -> float:
        """The probability of all ways to say it."""
        return self.open + self.closed


def find(windows: Windows) -> list[Found]:
    """The symbols of a line image from the left, as they are most probable together."""
    best = _best(windows)
    borders = [_border(windows, one, other) for one, other in pairwise(best.places)]
    spans = pairwise([0, *borders, len(windows)])
    return [
        Found(_one(windows[first:end]), (first + _peak(windows[first:end], symbol)) * STRIDE)
        for symbol, (first, end) in zip(best.symbols, spans, strict=False)
    ]


def _border(windows: Windows, one: int, other: int) -> int:
    """The window from which on a symbol is said, no longer the one before: where nothing is surest.

    `one` and `other` are where they are said first.
    """
    between = windows[one + 1 : other, BLANK]
    return one + 1 + int(between.argmax()) if len(between) else other


def _peak(windows: Windows, symbol: int) -> int:
    """The window in which a symbol is the most probable."""
    return int(windows[:, symbol].argmax())


def _best(windows: Windows) -> Beam:
    """The most probable symbols."""
    beams = [Beam((), (), 0.0, 1.0)]
    for place, window in enumerate(windows.astype(np.float64).tolist()):
        likely = [symbol for symbol in range(1, len(window)) if window[symbol] >= LEAST]
        longer = (step for beam in beams for step in _steps(beam, place, window, likely))
        beams = sorted(_merged(longer), key=lambda beam: -beam.score)[:BEAMS]
    return beams[0]


def _steps(beam: Beam, place: int, window: list[float], likely: list[int]) -> Iterable[Beam]:
    """What a beginning may be one window later."""
    last = beam.symbols[-1] if beam.symbols else BLANK
    again = beam.open * window[last] if last != BLANK else 0.0
    yield beam._replace(open=again, closed=beam.score * window[BLANK])
    for symbol in likely:
        before = beam.closed if symbol == last else beam.score
        if before > 0:
            symbols, places = (*beam.symbols, symbol), (*beam.places, place)
            yield Beam(symbols, places, before * window[symbol], 0.0)


def _merged(beams: Iterable[Beam]) -> Iterable[Beam]:
    """Those that say the same as one, with the places of the most probable."""
    merged: dict[tuple[int, ...], Beam] = {}
    for beam in beams:
        same = merged.get(beam.symbols)
        if same is None:
            merged[beam.symbols] = beam
        else:
            places = max(same, beam, key=lambda each: each.score).places
            both = same.open + beam.open, same.closed + beam.closed
            merged[beam.symbols] = Beam(beam.symbols, places, *both)
    return merged.values()


def _one(windows: Windows) -> Grey:
    """The probabilities that the windows hold one digit and nothing else, or anything else, [11].

    The forward recursion of connectionist temporal classification, for all digits at once.
    """
    before, during, after = 1.0, np.zeros(DIGITS), np.zeros(DIGITS)
    for window in windows.astype(np.float64):
        nothing, digits = window[BLANK], window[to_line(0) : to_line(DIGITS)]
        after = (after + during) * nothing
        during = (before + during) * digits
        before *= nothing
    digits = during + after
    return np.append(digits, max(1 - digits.sum(), 0)).astype(np.float32)
