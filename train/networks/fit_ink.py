"""Training of the ink network, from top to bottom: compose pages, train, measure, save, export.

It runs on any backend of Keras; the export needs TensorFlow.
"""

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from train.networks import export, ink, training
from train.synthesis.ring import CHUNK, Bytes, Compose, Ring

HELD_SEED = 2**32
"""Of the pages that measure: no run's seed is as large."""


@dataclass(frozen=True)
class Settings:
    """All that a run depends on; saved with it."""

    seed: int = 1
    steps: int = 7_000
    batch: int = 64
    size: int = 8_192  # pages in the ring
    first: int = 1_024  # pages that are composed before the first step
    fresh: int = 20  # new pages a step
    peak_rate: float = 3e-3
    weight_decay: float = 0.01
    every: int = 100  # steps from one entry of the log, and one checkpoint, to the next
    held: int = 512  # pages that measure

    @property
    def further(self) -> "Settings":
        """The settings of a run that goes on from another's network: other pages, smaller steps."""
        return replace(self, seed=self.seed + 1_000, peak_rate=self.peak_rate / 2)

    @property
    def epochs(self) -> int:
        """Entries of the log."""
        return self.steps // self.every

    def pages(self, step: int) -> int:
        """How many pages have been in the ring at a step, the first of which is 0."""
        return self.first + self.fresh * step


QUICK = Settings(steps=4, batch=4, size=64, first=16, fresh=4, every=2, held=8)
"""A run that shows that all works."""


def fit(
    run: Path,
    settings: Settings,
    make: Compose,
    measure: Compose,
    minutes: float = 0,
    workers: int = 0,
    start: Path | None = None,
) -> None:
    """Train into the folder `run`: `ink.keras`, and `ink.tflite` where there is TensorFlow.

    Called again, it goes on from the last entry of the log.

    Args:
        run: the folder.
        settings: all that the result depends on, besides `make`.
        make: composes a page to learn from; workers get it pickled.
        measure: composes a page that measures.
        minutes: the training stops early after so many; 0: never.
        workers: processes that compose; 0: as many as there are processors, but one.
        start: the `ink.keras` whose weights it begins with; None: those of chance.

    Raises:
        TrainError: the folder holds a run with other settings.
    """
    folder, deadline = run / "ink", Deadline(minutes)
    training.claim(folder, settings)
    keras.utils.set_random_seed(settings.seed)
    network = ink.build()
    if start:
        network.set_weights(keras.saving.load_model(start, compile=False).get_weights())
    held = held_out(settings, measure, workers)
    learn(network, settings, folder, make, held, deadline, workers)
    ink.with_probabilities(network).save(run / export.INK)
    if keras.backend.backend() == "tensorflow":
        export.convert(run / export.INK)


def learn(
    network: keras.Model,
    settings: Settings,
    folder: Path,
    make: Compose,
    held: tuple[Bytes, Bytes],
    deadline: "Deadline",
    workers: int = 0,
) -> None:
    """Train the network; its log and state are in `folder`."""
    model = ink.for_training(network)
    model.compile(
        optimizer=training.optimizer(settings, settings.every * settings.batch),
        loss=ink.loss,
        metrics=[Dice()],
        # TensorFlow compiles for a minute on a processor, and is no faster then.
        jit_compile=keras.backend.backend() != "tensorflow",
    )
    done = training.finished_epochs(folder) * settings.every
    first = max(settings.pages(done) - settings.size, 0) // CHUNK * CHUNK
    with Ring(make, settings.seed, settings.size, workers, first) as pages:
        model.fit(
            batches(pages, settings, done),
            epochs=settings.epochs,
            steps_per_epoch=settings.every,
            validation_data=held,
            validation_batch_size=settings.batch,
            callbacks=[*training.callbacks(folder), deadline],
            shuffle=False,  # the pages are drawn by chance
            verbose=2,
        )


def batches(pages: Ring, settings: Settings, done: int) -> Iterator[tuple[Bytes, Bytes]]:
    """The batches of the steps after the first `done`, without end."""
    for step in itertools.count(done):
        pages.advance(settings.pages(step))
        yield pages.draw(np.random.default_rng((settings.seed, 1, step)), settings.batch)


def held_out(settings: Settings, measure: Compose, workers: int = 0) -> tuple[Bytes, Bytes]:
    """The pages that measure, and their masks; the same for all runs."""
    with Ring(measure, HELD_SEED, settings.held, workers) as pages:
        pages.advance(settings.held)
        return pages.latest(settings.held)


@keras.saving.register_keras_serializable("train")
class Dice(keras.metrics.Metric):  # type: ignore[misc]  # keras ships no types
    """The Dice coefficients of writing and of ruling over all pixels so far, at a half."""

    def __init__(self) -> None:
        super().__init__(name="dice")
        self._both, self._either = (
            self.add_variable((2,), "zeros", name=name) for name in ("both", "either")
        )

    def update_state(self, masks: Any, logits: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        del sample_weight  # all pages weigh the same
        wanted, found = ink.truth(masks), ops.cast(logits > 0, "float32")
        self._both.assign_add(ink.per_class(wanted * found))
        self._either.assign_add(ink.per_class(wanted + found))

    def result(self) -> dict[str, Any]:
        """Both figures by their names."""
        figures = (2 * self._both + 1) / (self._either + 1)
        return {"writing": figures[0], "ruling": figures[1]}


class Deadline(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Ends the training after some minutes, none if they are 0."""

    def __init__(self, minutes: float) -> None:
        super().__init__()
        self._end = time.monotonic() + 60 * minutes if minutes else math.inf

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Look at the clock."""
        del batch, logs
        if time.monotonic() > self._end:
            self.model.stop_training = True
