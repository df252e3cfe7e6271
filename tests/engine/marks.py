"""Batches for the engines: drawn digits, and what no hand ever drew."""

import numpy as np
from digitapp.engine.batch import Batch

from digitapp.vision import normalize
from digitapp.vision.normalize import strip
from digitapp.vision.types import Grey
from tests.drawings import coverage, run_together


def drawn(turn: float = 0.0, pen: float = 1 / 12) -> Batch:
    """The ten digits, [10, 28, 28, 1]."""
    return normalize.batch([_ink(digit, turn, pen) for digit in range(10)])


def noise(count: int = 16) -> Batch:
    values = np.random.default_rng(3).random((count, 28, 28, 1))
    return np.asarray(values, dtype=np.float32)


def extremes() -> Batch:
    """No ink at all, nothing but ink, a single pixel."""
    batch = np.zeros((3, 28, 28, 1), dtype=np.float32)
    batch[1] = 1
    batch[2, 14, 14] = 1
    return batch


def strips() -> list[Grey]:
    """What touches, in strips of several widths; then noise, no ink, and nothing but ink."""
    pictures = [np.asarray(run_together(text, 4)) for text in ("57", "2024")]
    written = [strip((1 - picture / 255).astype(np.float32)) for picture in pictures]
    values = np.random.default_rng(3).random((28, 76)).astype(np.float32)
    return [*written, values, np.zeros_like(values), np.ones_like(values)]


def _ink(digit: int, turn: float, pen: float) -> Grey:
    ink = (np.asarray(coverage(digit, 140, pen, turn)) / 255).astype(np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
