"""Training of the line network from the digits' network of a finished run, from top to bottom."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from digitapp.recognition.symbols import NO_DIGIT
from train import TrainError
from train.data import mnist
from train.data.mnist import Split, joined
from train.networks import export, fit_digits, lines, training
from train.synthesis import augment, chance, line_images, training_set
from train.synthesis.line_images import Sources

Batch = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Images and targets, as `line_images.batch` gives them."""

STEEPEST = 5.0
"""A weight's gradient is clipped to this length: at first a line image's loss is large."""

DISTORTED = 0.4
"""How much the digits are distorted, as a share of `augment.Strength`."""

CHUNK = 2_048
"""Images that are distorted at a time, so that the memory this takes does not grow with them."""


@dataclass(frozen=True)
class Settings:
    """All that a training depends on besides its data; the names are those of the shipped run."""

    seed: int = 1
    epochs: int = 48
    strips: int = 8_192  # line images of an epoch, composed anew
    pool: int = 16_384  # digits that an epoch's line images are composed of, distorted anew
    batch: int = 16
    peak_rate: float = 1e-3
    weight_decay: float = 0.02
    dropout: float = 0.05
    pens: int = 10_000  # digits by our own pen, beside MNIST's
    hands: int = 8_000  # digits in typefaces, beside MNIST's
    settle: int = 24  # further epochs, in batches of twice the size

    @property
    def settling(self) -> "Settings":
        """The settings of the further epochs."""
        return replace(
            self,
            seed=self.seed + 1_000,
            epochs=self.settle,
            batch=2 * self.batch,
        )


QUICK = Settings(epochs=2, strips=256, pool=512, pens=50, hands=0, settle=1)
"""A training that shows that all works."""


def fit(run: Path, data: Path | None, settings: Settings, faces: Path | None = None) -> None:
    """Train from the run's `digits.keras` into its folder; called again, it goes on.

    Args:
        run: the folder of a finished run; `strings.keras` and `strings.tflite` are the result.
        data: MNIST's file; None: it is fetched.
        settings: all that the result depends on besides.
        faces: the folder of the typefaces' packages; None: they are fetched.

    Raises:
        TrainError: the run is not finished, or this training was begun with other settings.
    """
    export.require(run / export.DIGITS)
    folder = run / "strips"
    training.claim(folder, settings)
    keras.utils.set_random_seed(settings.seed)
    sources = prepare(mnist.load(data).train, run, settings, faces)
    first = keras.saving.load_model(run / export.DIGITS, compile=False)
    network, settled = (lines.begun(first, settings.dropout) for _ in range(2))
    learn(network, sources, settings, folder / "main")
    # A restored network remembers its epoch and would skip those to come: it is built anew.
    settled.set_weights(network.get_weights())
    learn(settled, sources, settings.settling, folder / "settle")
    bare(settled).save(run / export.LINES)
    export.convert(run / export.LINES)


def prepare(digits: Split, run: Path, settings: Settings, faces: Path | None = None) -> Sources:
    """MNIST's digits with some that the run drew, and all that it drew that is no digit."""
    first, every = _drawn(digits, run, faces)
    drawn = every.only(slice(first.mnist, len(first.digits)))
    set_in_type = every.only(slice(len(first.digits), None))
    pens, hands = drawn.labels != NO_DIGIT, set_in_type.labels != NO_DIGIT
    some = drawn.only(pens).head(settings.pens), set_in_type.only(hands).head(settings.hands)
    none = joined([drawn.only(~pens), set_in_type.only(~hands)])
    return Sources(joined([digits, *some]), none)


def _drawn(digits: Split, run: Path, faces: Path | None) -> tuple[training_set.TrainingSet, Split]:
    """The training sets of the run's first and later phases, with these digits for MNIST's."""
    try:
        amounts = fit_digits.Settings(**json.loads((run / "settings.json").read_text()))
    except TypeError:
        raise TrainError(f"{run} was trained by another version. Train it anew.") from None
    first = training_set.prepare(digits, amounts, run / "drawn.npz")
    return first, training_set.enlarge(first, amounts, run / "more.npz", faces).digits


def learn(network: keras.Model, sources: Sources, settings: Settings, folder: Path) -> None:
    """Train the network for one phase, whose log and state are in `folder`."""
    folder.mkdir(exist_ok=True)
    optimizer = training.optimizer(settings, settings.strips)
    optimizer.clipnorm = STEEPEST
    network.compile(optimizer=optimizer, loss=lines.loss, jit_compile=False)
    network.fit(
        batches(sources, settings, training.finished_epochs(folder)),
        epochs=settings.epochs,
        shuffle=False,  # the batches come shuffled
        steps_per_epoch=training.steps(settings.strips, settings),
        callbacks=training.callbacks(folder),
    )


def bare(network: keras.Model) -> keras.Model:
    """The same network without its optimizer; it gives probabilities."""
    result = lines.build()
    result.set_weights(network.get_weights())
    outputs = layers.Softmax(name="probabilities")(result.output)
    return keras.Model(result.input, outputs, name="strings")


def batches(sources: Sources, settings: Settings, done: int = 0) -> tf.data.Dataset:
    """Batches of line images without end, from the epoch after `done` of them."""

    def make() -> Iterator[Batch]:
        for epoch in itertools.count(done):
            yield from _epoch(sources, settings, epoch)

    images = tf.TensorSpec((None, 28, None, 1), tf.float32)
    return tf.data.Dataset.from_generator(
        make, output_signature=(images, tf.TensorSpec((None, None), tf.int64))
    ).prefetch(32)


def _epoch(sources: Sources, settings: Settings, epoch: int) -> Iterator[Batch]:
    random = np.random.default_rng((settings.seed, epoch))
    pools = Sources(*(_distorted(split, settings.pool, random) for split in sources))
    made = list(itertools.islice(line_images.make(pools, random), settings.strips))
    made.sort(key=lambda each: each.ink.shape[1])  # so that a batch is of about the same width
    starts = range(0, len(made), settings.batch)
    for start in random.permutation(starts):
        yield line_images.batch(made[start : start + settings.batch])


def _distorted(split: Split, count: int, random: np.random.Generator) -> Split:
    chosen = random.integers(0, len(split), min(count, len(split)))
    seed = random.integers(0, 2**31 - 1, 2, dtype=np.int32)
    distort = chance.compiled(partial(augment.distort, amount=DISTORTED))
    parts = [
        np.asarray(distort(split.images[some], seed + i))
        for i, some in enumerate(np.array_split(chosen, max(len(chosen) // CHUNK, 1)))
    ]
    return Split(np.concatenate(parts), split.labels[chosen])
