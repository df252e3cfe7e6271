"""Pages for the trainer's tests: a bar of writing on a ruled line, in grey on grey."""

import numpy as np

from train.synthesis.ring import SIDE, Bytes


def page(random: np.random.Generator) -> tuple[Bytes, Bytes, Bytes]:
    """A page: its grey picture, where there is writing, where there is ruling."""
    writing, ruling = (np.zeros((SIDE, SIDE), dtype=np.uint8) for _ in range(2))
    x, y, row = random.integers(20, SIDE - 60, 3)
    writing[y : y + 40, x : x + 8] = 1
    ruling[row : row + 2] = 1
    ruling[writing > 0] = 0
    paper, ink = random.integers(160, 250), random.integers(0, 100)
    grey = np.where(writing > 0, ink, np.where(ruling > 0, (ink + paper) // 2, paper))
    return (grey + random.integers(-4, 5, grey.shape)).astype(np.uint8), writing, ruling
