"""Random numbers from a seed, on TensorFlow and on JAX: the same seed gives the same numbers.

A seed is two integers, [2], and may be an array inside a compiled function, which Keras' own random
numbers do not allow.
"""

from collections.abc import Sequence
from typing import Any

import keras

Tensor = Any
"""An array of Keras' backend, or of NumPy."""

if keras.backend.backend() == "jax":
    import jax
    import jax.numpy as jnp

    def split(seed: Tensor, count: int) -> Sequence[Tensor]:
        """As many seeds from one."""
        found: Sequence[Tensor] = jax.random.split(_key(seed), count)
        return found

    def normal(shape: Sequence[int], seed: Tensor) -> Tensor:
        """Numbers with mean 0 and standard deviation 1."""
        return jax.random.normal(_key(seed), tuple(shape))

    def uniform(
        shape: Sequence[int], seed: Tensor, low: Tensor = 0.0, high: Tensor = 1.0
    ) -> Tensor:
        """Numbers from `low` to `high`."""
        return jax.random.uniform(_key(seed), tuple(shape), minval=low, maxval=high)

    def compiled(function: Any) -> Any:
        """The function, compiled."""
        return jax.jit(function)

    def _key(seed: Tensor) -> Tensor:
        return jnp.asarray(seed).astype(jnp.uint32)

else:
    import tensorflow as tf

    def split(seed: Tensor, count: int) -> Sequence[Tensor]:
        """As many seeds from one."""
        return list(tf.unstack(tf.random.split(seed, count)))

    def normal(shape: Sequence[int], seed: Tensor) -> Tensor:
        """Numbers with mean 0 and standard deviation 1."""
        return tf.random.stateless_normal(shape, seed)

    def uniform(
        shape: Sequence[int], seed: Tensor, low: Tensor = 0.0, high: Tensor = 1.0
    ) -> Tensor:
        """Numbers from `low` to `high`."""
        return tf.random.stateless_uniform(shape, seed, low, high)

    def compiled(function: Any) -> Any:
        """The function, compiled."""
        return tf.function(function)
