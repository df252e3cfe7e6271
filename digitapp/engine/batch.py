"""What engines are asked, and what they say."""

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.float32]
"""Normalised marks, [N, 28, 28, 1], 0 = ground, 1 = ink."""

Windows = NDArray[np.float32]
"""What is in the middle of each window of a strip, from the left, [T, 12].

The probabilities of nothing, of the ten digits, and of "no digit"; each row sums to 1.
"""
