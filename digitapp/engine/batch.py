"""What engines are asked."""

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.float32]
"""Normalised marks, [N, 28, 28, 1], 0 = ground, 1 = ink."""
