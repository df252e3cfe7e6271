"""Training of the signs network, from top to bottom: compose rows, train, calibrate, save, export.

It runs on any backend of Keras; the export needs TensorFlow.
"""

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from digitapp.recognition.symbols import A_DIGIT, FIRST_SIGN, PART, SIGNS
from train.data import mnist
from train.networks import calibrate, export, signs, training
from train.synthesis import sign_rows

Examples = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Windows [N, 32, 64, 2] and their classes [N]."""

SHIFTS = {A_DIGIT: 1.0, PART: -0.7} | {
    FIRST_SIGN + place: -2.3 if sign == "/" else -0.35 for place, sign in enumerate(SIGNS)
}
"""Added to the logits of classes that come more and less often in pictures than in the training.

The training keeps a quarter of its digits, and a third of its parts come from groups of candidates
that nobody would take for one symbol. Two rows in three have signs there, and a slash is a fifth of
them. Without the shifts of signs 6 fewer of 400 numbers on ruled paper are right, and 6 more of 300
with signs.
"""

CHUNK = 500
"""Examples that a worker composes at a time."""


@dataclass(frozen=True)
class Settings:
    """All that a run depends on besides its data; saved with it."""

    seed: int = 1
    epochs: int = 24
    examples: int = 200_000  # composed once, of the training writers' digits
    held: int = 10_000  # of the validation writers'
    batch: int = 256
    peak_rate: float = 3e-3
    weight_decay: float = 0.02
    dropout: float = 0.2

    @property
    def further(self) -> "Settings":
        """The settings of a run that goes on from another's network: other rows, smaller steps."""
        return replace(
            self,
            seed=self.seed + 1_000,
            epochs=self.epochs // 2,
            examples=self.examples // 2,
            peak_rate=self.peak_rate / 3,
        )


QUICK = Settings(epochs=2, examples=500, held=500, batch=50)
"""A run that shows that all works."""


def fit(
    run: Path,
    data: Path | None,
    settings: Settings,
    workers: int = 0,
    start: Path | None = None,
) -> None:
    """Train into the folder `run`; called again after an interruption, it goes on.

    Args:
        run: where `signs.keras` and `signs.tflite` go, and what the training needs on its way.
        data: MNIST's file; None: it is fetched.
        settings: all that the result depends on besides.
        workers: processes that compose; 0: as many as there are processors.
        start: the `signs.keras` whose weights it begins with; None: those of chance.

    Raises:
        TrainError: the folder holds a run with other settings, or the data cannot be had.
    """
    folder = run / "signs"
    training.claim(folder, settings)
    keras.utils.set_random_seed(settings.seed)
    train, held = (
        _cached(folder / f"{name}.npz", data, name, count, settings.seed, workers)
        for name, count in (("train", settings.examples), ("validation", settings.held))
    )
    network = signs.build(settings.dropout)
    if start:
        network.set_weights(keras.saving.load_model(start, compile=False).get_weights())
        shift_logits(network, -1)
    learn(network, train, held, settings, folder)
    bare = signs.build()
    bare.set_weights(network.get_weights())
    calibrate.fold_temperature(bare, mnist.Split(_floats(held[0]), held[1]))
    shift_logits(bare)
    bare.save(run / export.SIGNS)
    if keras.backend.backend() == "tensorflow":
        export.convert(run / export.SIGNS)


def learn(
    network: keras.Model, train: Examples, held: Examples, settings: Settings, folder: Path
) -> None:
    """Train the network; its log and state are in `folder`."""
    network.compile(
        optimizer=training.optimizer(settings, len(train[1])),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(
        batches(train, settings, training.finished_epochs(folder)),
        epochs=settings.epochs,
        steps_per_epoch=training.steps(len(train[1]), settings),
        validation_data=(_floats(held[0]), held[1]),
        validation_batch_size=1_000,
        callbacks=training.callbacks(folder),
        shuffle=False,  # the batches come shuffled
        verbose=2,
    )


def shift_logits(network: keras.Model, times: int = 1) -> None:
    """Make digits and whole symbols as probable as they are in pictures, see SHIFTS."""
    layer = network.get_layer("logits")
    kernel, bias = layer.get_weights()
    for number, shift in SHIFTS.items():
        bias[number] += times * shift
    layer.set_weights([kernel, bias])


def batches(
    train: Examples, settings: Settings, done: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Shuffled batches without end, from the epoch after `done` of them."""
    windows, labels = train
    for epoch in itertools.count(done):
        order = np.random.default_rng((settings.seed, epoch)).permutation(len(labels))
        for start in range(0, len(order) - settings.batch + 1, settings.batch):
            chosen = order[start : start + settings.batch]
            yield _floats(windows[chosen]), labels[chosen]


def compose(data: Path | None, split: str, count: int, seed: int, workers: int = 0) -> Examples:
    """So many examples of the digits of a split of MNIST, the same for any number of workers."""
    tasks = [(data, split, (seed, split == "train", chunk)) for chunk in range(-(-count // CHUNK))]
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        chunks = list(pool.map(_chunk, *zip(*tasks, strict=True)))
    windows, labels = (np.concatenate(parts)[:count] for parts in zip(*chunks, strict=True))
    return windows, labels


def _chunk(data: Path | None, split: str, seed: tuple[int, bool, int]) -> Examples:
    """Runs in a worker."""
    return sign_rows.batch(_digits(data, split), CHUNK, np.random.default_rng(seed))


@cache
def _digits(data: Path | None, split: str) -> mnist.Split:
    found: mnist.Split = getattr(mnist.load(data), split)
    return found


def _cached(
    file: Path, data: Path | None, split: str, count: int, seed: int, workers: int
) -> Examples:
    """The examples from a file; they are composed if an earlier start of this run has not."""
    if not file.exists():
        windows, labels = compose(data, split, count, seed, workers)
        part = file.with_suffix(".part.npz")  # an interruption must not leave half a file
        np.savez(part, windows=windows, labels=labels)
        part.replace(file)
    with np.load(file) as found:
        return found["windows"], found["labels"]


def _floats(windows: NDArray[np.uint8]) -> NDArray[np.float32]:
    return windows.astype(np.float32) / np.float32(255)
