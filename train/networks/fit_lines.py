"""Training the sequence network of a finished run, from top to bottom."""

import json
from itertools import islice
from pathlib import Path

import keras
import numpy as np
from keras import layers

from digitapp import sequence as reading
from train import card, data, fit, mixture, sequence, strips
from train.data import Split, joined
from train.evaluate import wilson
from train.export import convert
from train.nodigit import NO_DIGIT
from train.sequence import Settings
from train.strips import Sources, Strip

QUICK = Settings(epochs=2, strips=256, pool=512, pens=50, hands=0, settle=1)

STEEPEST = 5.0
"""A weight's gradient is no longer than this: at first a strip's loss is large."""

HELD_OUT = 2_000
"""Strips of the held-out writers' digits that a training is measured with."""


def train(run: Path, path: Path | None, settings: Settings) -> None:
    """Train from the run's `digits.keras` into its folder; called again, it goes on.

    Raises:
        ValueError: the run is not finished, or this training was begun with other settings.
    """
    if not (run / "digits.keras").exists():
        raise ValueError(f"{run} has no digits.keras. Train it first: python -m train.")
    folder = run / "strips"
    fit.claim(folder, settings)
    keras.utils.set_random_seed(settings.seed)
    digits = data.load(path)
    sources = prepare(digits.train, run, settings)
    first = keras.saving.load_model(run / "digits.keras", compile=False)
    network, settled = (sequence.begun(first, settings.dropout) for _ in range(2))
    learn(network, sources, settings, folder / "main")
    # A restored network remembers its epoch, and would skip those to come: it is built anew.
    settled.set_weights(network.get_weights())
    learn(settled, sources, settings.settling, folder / "settle")
    finished = shipped(settled)
    finished.save(run / "strings.keras")
    convert(run / "strings.keras")
    measure(finished, Sources(digits.validation, sources.none), run)


def prepare(mnist: Split, run: Path, settings: Settings) -> Sources:
    """MNIST's digits with some that the run drew, and all that it drew that is none."""
    amounts = fit.Settings(**json.loads((run / "settings.json").read_text()))
    first = mixture.prepare(mnist, amounts, run / "drawn.npz")
    every = mixture.enlarge(first, amounts, run / "more.npz").digits
    drawn = every.only(slice(first.mnist, len(first.digits)))
    faces = every.only(slice(len(first.digits) + amounts.pieces, None))
    pens, hands = drawn.labels != NO_DIGIT, faces.labels != NO_DIGIT
    some = drawn.only(pens).head(settings.pens), faces.only(hands).head(settings.hands)
    return Sources(joined([mnist, *some]), joined([drawn.only(~pens), faces.only(~hands)]))


def learn(network: keras.Model, sources: Sources, settings: Settings, folder: Path) -> None:
    """Train the network for one phase, whose log and state are in `folder`."""
    folder.mkdir(exist_ok=True)
    optimizer = fit.optimizer(settings, settings.strips)
    optimizer.clipnorm = STEEPEST
    network.compile(optimizer=optimizer, loss=sequence.loss, jit_compile=False)
    network.fit(
        sequence.batches(sources, settings, fit.finished_epochs(folder)),
        epochs=settings.epochs,
        shuffle=False,  # the batches come shuffled
        steps_per_epoch=fit.steps(settings.strips, settings),
        callbacks=fit.callbacks(folder),
    )


def shipped(network: keras.Model) -> keras.Model:
    """The same network without its optimizer; it gives probabilities."""
    result = sequence.build()
    result.set_weights(network.get_weights())
    outputs = layers.Softmax(name="probabilities")(result.output)
    return keras.Model(result.input, outputs, name="strings")


def measure(network: keras.Model, sources: Sources, run: Path) -> None:
    """Count the held-out strips of several digits that are read right: `strings-held-out.json`."""
    made = islice(strips.make(sources, np.random.default_rng(1)), HELD_OUT)
    several = [each for each in made if len(each.labels) > 1 and NO_DIGIT not in each.labels]
    right = sum(_read(network, each) == each.labels for each in several)
    facts = {
        "strips": len(several),
        "right": right / len(several),
        "right_95": [round(end, 4) for end in wilson(right, len(several))],
    }
    (run / card.HELD_OUT).write_text(json.dumps(facts, indent=2) + "\n")
    if (run / "test.json").exists():
        card.write(run)
    print(f"held-out strips: {right} of {len(several)} read right")


def _read(network: keras.Model, strip: Strip) -> tuple[int, ...]:
    windows = np.asarray(network(strip.ink[np.newaxis, ..., np.newaxis], training=False))[0]
    return tuple(int(found.outputs.argmax()) for found in reading.find(windows))
