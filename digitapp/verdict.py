"""From the CNN's probabilities to a digit that is accepted, doubtful or refused."""

import numpy as np
from numpy.typing import NDArray

from digitapp.marks import Box, Digit, Grey

ACCEPT = 0.35
"""A best digit less probable than this is no digit: the mark is `?` in the text."""

SURE = 0.8
"""A best digit less probable than this is doubtful: it stands in the text with its runner-up."""


def judge(box: Box, pixels: Grey, probabilities: NDArray[np.float32]) -> Digit:
    """What the program says of one mark.

    Args:
        box: where the mark is, in pixels of the upright picture.
        pixels: [28, 28, 1], what the CNN saw, 0 to 1.
        probabilities: [10], calibrated.
    """
    best = float(probabilities.max())
    return Digit(
        probabilities=tuple(float(p) for p in probabilities),
        box=box,
        pixels=np.rint(pixels * 255).astype(np.uint8).tobytes(),
        accepted=best >= ACCEPT,
        doubtful=ACCEPT <= best < SURE,
    )
