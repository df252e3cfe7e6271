"""The one layer of the ink network that Keras lacks: it doubles a picture's sides.

Keras's own up-sampling exports to LiteRT and then fails to run with open sizes; this form runs.
The file `ink.keras` names the layer, so whoever loads that file imports this module first.
"""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("digitapp")
class Doubling(keras.layers.Layer):  # type: ignore[misc]  # keras ships no types
    """Repeats each pixel twice across and twice down: [N, H, W, C] to [N, 2 H, 2 W, C]."""

    def call(self, x: Any) -> Any:
        """Double columns, then rows."""
        _, height, width, channels = ops.shape(x)
        x = ops.concatenate([x, x], axis=-1)
        x = ops.reshape(x, (-1, height, 2 * width, channels))  # [N, H, 2 W, C]
        x = ops.concatenate([x, x], axis=2)
        return ops.reshape(x, (-1, 2 * height, 2 * width, channels))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Sides that are open stay open."""
        count, height, width, channels = shape
        return count, height and 2 * height, width and 2 * width, channels
