"""A stand-in for MNIST: few digits, drawn here, in the form of its file."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from digitapp.vision.normalize import normalize
from tests.drawings import coverage
from train import data

TRAIN, TEST = 700, 60
HELD = np.arange(5, TRAIN, 7)
"""Indices of the training digits that are held out."""

Arrays = dict[str, NDArray[np.uint8]]


def arrays() -> Arrays:
    """Arrays named, shaped and typed as MNIST's."""
    images, labels = _digits(TRAIN + TEST)
    return {
        "x_train": images[:TRAIN],
        "y_train": labels[:TRAIN],
        "x_test": images[TRAIN:],
        "y_test": labels[TRAIN:],
    }


def _digits(count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = [_image(int(label), number // 10) for number, label in enumerate(labels)]
    return np.stack(images), labels


def _image(digit: int, variant: int) -> NDArray[np.uint8]:
    """A digit with a turn and a pen of its own."""
    pen, turn = (1 / 10, 1 / 14, 1 / 7)[variant % 3], (variant % 11 - 5) * 3
    ink = (np.asarray(coverage(digit, 60, pen, turn)) / 255).astype(np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    image = normalize(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(np.rint(image * 255), dtype=np.uint8)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the file and let the trainer take it for MNIST; returns its path."""
    content = arrays()
    for name, array in content.items():
        monkeypatch.setitem(data.HASHES, name, hashlib.sha256(array.tobytes()).hexdigest())
    monkeypatch.setattr(data, "held_out", lambda: HELD)
    path = folder / "mnist.npz"
    np.savez(path, **content)  # type: ignore[arg-type]
    return path
