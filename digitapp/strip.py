"""A mark becomes a strip: the picture in which the sequence network finds several digits.

Its ink is as high as a digit that touches another is in MNIST's scale, and the network's window of
28x28 pixels slides along it from end to end.
"""

import numpy as np

from digitapp.marks import Grey
from digitapp.normalize import SIDE, reduced

HIGH = 24
"""Height of the ink in pixels; a window's other rows are ground."""

STRIDE = 2
"""Columns from one window to the next."""

BLOCK = 16
"""A strip's ink has room for a multiple of so many columns: few widths are prepared for."""

LONGEST = 12 * HIGH
"""Most columns of ink. What is longer, in heights, is no number that somebody writes in one go."""


def strip(ink: Grey) -> Grey:
    """Bring a mark's ink to the sequence network's input.

    Args:
        ink: [height, width] of at least 1x1, 0 = ground, 1 = ink, already cropped to its box.

    Returns:
        [28, 28 + BLOCK * n] float32 from 0 to 1. The window that begins at column x has its middle
        on the ink's column x.
    """
    small = reduced(ink, max(HIGH, columns(ink)))
    height, width = small.shape
    room = -(-width // BLOCK) * BLOCK
    result = np.zeros((SIDE, SIDE + room), dtype=np.float32)
    top, left = (SIDE - height) // 2, SIDE // 2
    result[top : top + height, left : left + width] = small
    return result


def columns(ink: Grey) -> int:
    """How many columns of a strip a mark's ink takes."""
    height, width = ink.shape
    scaled: int = round(width * HIGH / height)
    return max(scaled, 1)
