"""From the CNN's outputs to a digit that is accepted, doubtful or refused."""

import numpy as np
from numpy.typing import NDArray

from digitapp.marks import Box, Digit, Grey

NO_DIGIT = 0.5
"""A mark that is no digit with at least this probability is `?` in the text."""

SURE = 0.8
"""A best digit less probable than this is doubtful: it stands in the text with its runner-up."""


def certainty(outputs: NDArray[np.float32]) -> float:
    """How sure it is that a picture holds one digit, and which; 0 to 1.

    `outputs` is [N, 11], a row for each of its marks; with several or none it is 0.
    """
    if len(outputs) != 1 or outputs[0, 10] >= NO_DIGIT:
        return 0.0
    return float(outputs[0, :10].max())


def judge(box: Box, pixels: Grey, outputs: NDArray[np.float32]) -> Digit:
    """What the program says of one mark.

    Args:
        box: where the mark is, in pixels of the upright picture.
        pixels: [28, 28, 1], what the CNN saw, 0 to 1.
        outputs: [11], calibrated probabilities of the ten digits and of "no digit".
    """
    # At a sure "no digit" the ten may all be zero: they are never divided by a sum of zero.
    digits = outputs[:10].astype(np.float64) + 1e-12
    accepted = float(outputs[10]) < NO_DIGIT
    probabilities = digits / digits.sum()
    return Digit(
        probabilities=tuple(probabilities.tolist()),
        box=box,
        pixels=np.rint(pixels * 255).astype(np.uint8).tobytes(),
        accepted=accepted,
        doubtful=accepted and float(outputs[:10].max()) < SURE,
    )
