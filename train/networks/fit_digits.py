"""Training of the digits' network, from top to bottom: prepare, train, calibrate, save, export."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from train.data import mnist
from train.networks import average, calibrate, digits, export, training
from train.synthesis import augment, chance, training_set
from train.synthesis.chance import Tensor
from train.synthesis.degrade import degrade
from train.synthesis.training_set import TrainingSet


@dataclass(frozen=True)
class Settings:
    """All that a run depends on besides its data; saved with it.

    The names are those in the record of the shipped run, `assets/digits.json`.
    """

    seed: int = 1
    drawn: int = 1  # the seed of all that is drawn, the same for every run
    epochs: int = 26
    batch: int = 128
    styles: int = 30_000  # digits by our own pen, drawn once
    slashed: int = 4_000  # MNIST's zeros with a slash or a bar, drawn once
    no_digits: int = 54_000  # what is no digit, drawn once
    hands: int = 20_000  # digits in typefaces, drawn once for the settlings, like the letters
    letters: int = 30_000  # letters in typefaces
    share: float = 0.2  # of all that is drawn, taken anew for each epoch
    spoilt: int = 0  # images of a batch that each kind of degradation takes
    calm: float = 0.35  # last part of the epochs, in which distortion abates
    least: float = 0.5  # what it abates to, as a share of its strength
    peak_rate: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.4
    digits: int | None = None  # train on the first so many only
    settle: int = 10  # further epochs of each of the settlings

    @property
    def settlings(self) -> "tuple[Settings, ...]":
        """The settings of further epochs, each from the end of the first: little distorted.

        They see typefaces besides. The first of them sees mostly MNIST, the others much that is no
        digit and some that is degraded. The mean of their weights is better at all of it than any
        of them.
        """
        calm = replace(
            self,
            seed=self.seed + 1_000,
            epochs=(self.settle + 1) // 2,
            share=self.share / 2,
            calm=1e9,
            least=0.35,
            dropout=0.25,
            peak_rate=0.2 * self.peak_rate,
        )
        harsh = replace(calm, epochs=self.settle, share=1.1 * self.share, spoilt=1)
        return (
            calm,
            replace(harsh, seed=self.seed + 2_000, peak_rate=0.4 * self.peak_rate),
            replace(harsh, seed=self.seed + 3_000),
        )


QUICK = Settings(
    epochs=2,
    batch=32,
    styles=512,
    slashed=64,
    no_digits=512,
    hands=0,
    letters=0,
    digits=4096,
    settle=1,
)
"""A run that shows that all works: it needs no typefaces."""


def fit(run: Path, data: Path | None, settings: Settings, faces: Path | None = None) -> None:
    """Train into the folder `run`; called again after an interruption, it goes on.

    Args:
        run: where all that the run writes goes; `digits.keras` and `digits.tflite` are its result.
        data: MNIST's file; None: it is fetched.
        settings: all that the result depends on besides.
        faces: the folder of the typefaces' packages; None: they are fetched.

    Raises:
        TrainError: the folder holds a run with other settings, or the data cannot be had.
    """
    training.claim(run, settings)
    keras.utils.set_random_seed(settings.seed)
    splits = mnist.load(data)
    drawn = run / "drawn.npz"
    first = training_set.prepare(splits.train.head(settings.digits), settings, drawn)

    network = digits.build(settings.dropout)
    learn(network, first, splits.validation, settings, run / "main")
    more = training_set.enlarge(first, settings, run / "more.npz", faces)
    network = settle(network, more, splits.validation, settings, run)
    temperature = calibrate.fold_temperature(network, splits.validation)
    (run / "temperature.json").write_text(json.dumps({"temperature": temperature}) + "\n")
    bare(network).save(run / export.DIGITS)
    if keras.backend.backend() == "tensorflow":
        export.convert(run / export.DIGITS)


def settle(
    network: keras.Model,
    more: TrainingSet,
    validation: mnist.Split,
    settings: Settings,
    run: Path,
) -> keras.Model:
    """Train on from the network in each of the settlings; the mean of their weights."""
    settled = []
    for number, settling in enumerate(settings.settlings, 1):
        # A restored network remembers its epoch and would skip those to come: it is built anew.
        branch = bare(network, settling.dropout)
        part = replace(more, share=settling.share)
        learn(branch, part, validation, settling, run / f"settle-{number}")
        settled.append(branch.get_weights())
    result = bare(network, settling.dropout)
    result.set_weights(average.mean(settled))
    average.refresh(result, iter(batches(part, settling)))
    return result


def learn(
    network: keras.Model,
    train: TrainingSet,
    validation: mnist.Split,
    settings: Settings,
    folder: Path,
) -> None:
    """Train the network for one phase of the run, whose log and state are in `folder`."""
    folder.mkdir(exist_ok=True)
    network.compile(
        optimizer=training.optimizer(settings, train.epoch),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(
        batches(train, settings, training.finished_epochs(folder)),
        epochs=settings.epochs,
        shuffle=False,  # the batches come shuffled
        steps_per_epoch=training.steps(train.epoch, settings),
        validation_data=(validation.images, validation.labels),
        validation_batch_size=512,
        callbacks=training.callbacks(folder),
        verbose=2,
    )


def bare(network: keras.Model, dropout: float = 0.0) -> keras.Model:
    """The same network without its optimizer, which is twice its size."""
    result = digits.build(dropout)
    result.set_weights(network.get_weights())
    return result


def batches(
    train: TrainingSet, settings: Settings, done: int = 0
) -> Iterator[tuple[Tensor, NDArray[np.int64]]]:
    """Shuffled and distorted batches without end, from the epoch after `done` of them."""
    prepare = chance.compiled(partial(_spoilt, settings.spoilt))
    steps = training.steps(train.epoch, settings)
    for epoch in itertools.count(done):
        order = train.order(np.random.default_rng((settings.seed, epoch)))
        for number, index in enumerate(np.split(order[: steps * settings.batch], steps)):
            step = epoch * steps + number
            left = 1 - step / (settings.epochs * steps)
            amount = settings.least + (1 - settings.least) * min(left / settings.calm, 1.0)
            seed = np.array([step, settings.seed], dtype=np.int32)
            images = prepare(train.digits.images[index], seed, np.float32(amount))
            yield images, train.digits.labels[index]


def _spoilt(each: int, images: Tensor, seed: Tensor, amount: Tensor) -> Tensor:
    """Images that are distorted, and some of them degraded in each of the ways."""
    return degrade(augment.distort(images, seed, amount=amount), seed + 1, each)
