"""Training, from top to bottom: prepare, build, train, calibrate, save, evaluate, export."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from train import augment, blend, calibrate, data, mixture, model
from train.evaluate import evaluate
from train.export import convert
from train.spoil import spoil


@dataclass(frozen=True)
class Settings:
    """All that a run depends on besides its data; saved with it."""

    seed: int = 1
    epochs: int = 26
    batch: int = 128
    styles: int = 24_000  # digits by our own pen, drawn once
    no_digits: int = 40_000  # what is no digit, drawn once
    hands: int = 20_000  # digits in typefaces, drawn once; like the next two for the settlings
    letters: int = 30_000  # letters in typefaces, drawn once
    pieces: int = 40_000  # parts of strings of digits, cut once
    share: float = 0.2  # of all that is drawn or cut, taken anew for each epoch
    spoilt: int = 0  # pictures of a batch that each kind of spoiling takes
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

        They see typefaces and parts of strings besides. The first of them sees MNIST for the most
        part, the others much that is none of its digits and some that is spoilt. The mean of their
        weights is better at all of it than any of them.
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
    no_digits=512,
    hands=0,
    letters=0,
    pieces=512,
    digits=4096,
    settle=1,
    spoilt=0,
)


def fit(run: Path, path: Path | None, settings: Settings) -> None:
    """Train into the folder `run`; called again after an interruption, it goes on.

    Raises:
        ValueError: the folder holds a run with other settings.
    """
    claim(run, settings)
    keras.utils.set_random_seed(settings.seed)
    digits = data.load(path)
    train = mixture.prepare(digits.train.head(settings.digits), settings, run / "drawn.npz")

    network = model.build(settings.dropout)
    learn(network, train, digits.validation, settings, run / "main")
    more = mixture.enlarge(train, settings, run / "more.npz")
    settled = []
    for number, settling in enumerate(settings.settlings, 1):
        # A restored network remembers its epoch, and would skip those to come: it is built anew.
        branch = shipped(network, settling.dropout)
        part = replace(more, share=settling.share)
        learn(branch, part, digits.validation, settling, run / f"settle-{number}")
        settled.append(branch.get_weights())
    network = shipped(network, settling.dropout)
    network.set_weights(blend.mean(settled))
    blend.refresh(network, iter(batches(part, settling)))
    temperature = calibrate.fold_temperature(network, digits.validation)
    (run / "temperature.json").write_text(json.dumps({"temperature": temperature}) + "\n")
    shipped(network).save(run / "digits.keras")
    convert(run / "digits.keras")
    evaluate(run, path)


def learn(
    network: keras.Model,
    train: mixture.Mixture,
    validation: data.Split,
    settings: Settings,
    folder: Path,
) -> None:
    """Train the network for one phase of the run, whose log and state are in `folder`."""
    folder.mkdir(exist_ok=True)
    network.compile(
        optimizer=optimizer(settings, train.epoch),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(
        batches(train, settings, finished_epochs(folder)),
        epochs=settings.epochs,
        shuffle=False,  # the batches come shuffled
        steps_per_epoch=steps(train.epoch, settings),
        validation_data=(validation.images, validation.labels),
        validation_batch_size=512,
        callbacks=callbacks(folder),
    )


def callbacks(folder: Path) -> list[keras.callbacks.Callback]:
    """What keeps a phase's log and state in its folder, so that it can be interrupted."""
    return [
        keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        keras.callbacks.CSVLogger(folder / "history.csv", append=True),
    ]


def claim(run: Path, settings: Any) -> None:
    """Make the folder this run's; see `fit` for what it raises."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(settings), indent=2) + "\n"
    file = run / "settings.json"
    if file.exists() and file.read_text() != text:
        raise ValueError(f"{run} holds a run with other settings. Delete it or name another.")
    file.write_text(text)


def finished_epochs(folder: Path) -> int:
    """How many epochs an interrupted phase has behind it."""
    history = folder / "history.csv"
    return max(len(history.read_text().splitlines()) - 1, 0) if history.exists() else 0


def shipped(network: keras.Model, dropout: float = 0.0) -> keras.Model:
    """The same network without its optimizer, which is twice its size."""
    result = model.build(dropout)
    result.set_weights(network.get_weights())
    return result


class Pace(Protocol):
    """The settings that say how a network is optimized."""

    @property
    def epochs(self) -> int:
        """Times through what there is."""

    @property
    def batch(self) -> int:
        """Examples of one step."""

    @property
    def peak_rate(self) -> float:
        """The highest learning rate."""

    @property
    def weight_decay(self) -> float:
        """Of AdamW."""


def steps(count: int, settings: Pace) -> int:
    """Batches an epoch; what is left over comes in the next one."""
    return count // settings.batch


def optimizer(settings: Pace, count: int) -> keras.Optimizer:
    """AdamW, the rate warmed up over one epoch and let down along a cosine."""
    warmup = steps(count, settings)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.peak_rate / 20,
        decay_steps=warmup * max(settings.epochs - 1, 1),
        alpha=0.002,
        warmup_target=settings.peak_rate,
        warmup_steps=warmup,
    )
    result = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
    result.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return result


def batches(train: mixture.Mixture, settings: Settings, done: int = 0) -> tf.data.Dataset:
    """Shuffled and distorted batches without end, from the epoch after `done` of them."""

    def indices() -> Iterator[NDArray[np.int64]]:
        for epoch in itertools.count(done):
            order = train.order(np.random.default_rng((settings.seed, epoch)))
            for start in range(0, len(order) - settings.batch + 1, settings.batch):
                yield order[start : start + settings.batch]

    images, labels = tf.constant(train.digits.images), tf.constant(train.digits.labels)
    total = settings.epochs * steps(train.epoch, settings)

    def batch(number: tf.Tensor, index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.stack([tf.cast(number, tf.int32), settings.seed])
        left = 1 - tf.cast(number, tf.float32) / total
        amount = settings.least + (1 - settings.least) * tf.minimum(left / settings.calm, 1.0)
        distorted = augment.distort(tf.gather(images, index), seed, amount=amount)
        return spoil(distorted, seed + 1, settings.spoilt), tf.gather(labels, index)

    order = tf.data.Dataset.from_generator(
        indices, output_signature=tf.TensorSpec((settings.batch,), tf.int64)
    )
    first = done * steps(train.epoch, settings)
    return order.enumerate(first).map(batch, num_parallel_calls=2).prefetch(4)
