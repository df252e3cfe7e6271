"""Batches and line images for the engines: drawn digits, and what no hand ever drew."""

import numpy as np
from numpy.typing import NDArray

from digitapp.vision import normalize
from digitapp.vision.types import Candidate, Grey
from tests.drawings import coverage, run_together

Batch = NDArray[np.float32]
"""[N, 28, 28, 1], see `Engine.probabilities`."""


def drawn(turn: float = 0.0, pen: float = 1 / 12) -> Batch:
    """The ten digits, [10, 28, 28, 1]."""
    pictures = [np.asarray(coverage(digit, 140, pen, turn)) for digit in range(10)]
    return normalize.batch([Candidate.cropped(picture, 0, 0).ink for picture in pictures])


def noise(count: int = 16) -> Batch:
    values = np.random.default_rng(3).random((count, 28, 28, 1))
    return np.asarray(values, dtype=np.float32)


def extremes() -> Batch:
    """No ink at all, nothing but ink, a single pixel."""
    batch = np.zeros((3, 28, 28, 1), dtype=np.float32)
    batch[1] = 1
    batch[2, 14, 14] = 1
    return batch


def line_images() -> list[Grey]:
    """Digits that touch, in several widths; then noise, no ink, and nothing but ink."""
    pictures = [np.asarray(run_together(text, 4)) for text in ("57", "2024")]
    written = [normalize.line_image((1 - picture / 255).astype(np.float32)) for picture in pictures]
    values = np.random.default_rng(3).random((28, 76)).astype(np.float32)
    return [*written, values, np.zeros_like(values), np.ones_like(values)]


def pages() -> list[Grey]:
    """A number on a ruled line, of two sizes; then noise, and nothing on white and on black."""
    written = np.asarray(run_together("2024", 8))
    ruled = np.full((96, 256), 230, dtype=np.uint8)
    ruled[70:72] = 90
    height, width = (min(pair) for pair in zip(ruled.shape, written.shape, strict=True))
    ruled[:height, :width] = np.minimum(ruled[:height, :width], written[:height, :width])
    values = np.random.default_rng(3).random((64, 96)).astype(np.float32)
    pictures = (ruled / np.float32(255)).astype(np.float32)
    return [pictures, pictures[:64, :128], values, np.ones_like(values), np.zeros_like(values)]


def digits_alone(batch: Batch) -> Batch:
    """What a network for signs says that takes every candidate for a digit."""
    return np.eye(1, 11, dtype=np.float32).repeat(len(batch), axis=0)
