"""How good a run's line network is: measured on line images of the held-out writers' digits."""

import json
from itertools import islice
from pathlib import Path

import keras
import numpy as np

from digitapp.recognition import ctc
from digitapp.recognition.symbols import NO_DIGIT
from train.data import mnist
from train.evaluation import metrics, model_card
from train.networks import export, fit_lines
from train.synthesis import line_images
from train.synthesis.line_images import LineImage, Sources

HELD_OUT = 2_000
"""Line images that are composed; those of several digits and nothing else are counted."""


def evaluate(run: Path, data: Path | None, settings: fit_lines.Settings) -> None:
    """Count the held-out line images that are read right: `strings-held-out.json` in the run.

    Args:
        run: the folder of a finished run, with its line network.
        data: MNIST's file; None: it is fetched.
        settings: of the line network's training.
    """
    splits = mnist.load(data)
    network = keras.saving.load_model(run / export.LINES, compile=False)
    none = fit_lines.prepare(splits.train, run, settings).none
    made = islice(
        line_images.make(Sources(splits.validation, none), np.random.default_rng(1)), HELD_OUT
    )
    several = [each for each in made if len(each.labels) > 1 and NO_DIGIT not in each.labels]
    right = sum(_read(network, each) == each.labels for each in several)
    facts = {
        "strips": len(several),
        "right": right / len(several),
        "right_95": [round(end, 4) for end in metrics.wilson(right, len(several))],
    }
    (run / model_card.HELD_OUT).write_text(json.dumps(facts, indent=2) + "\n")
    if (run / "test.json").exists():
        model_card.write(run)
    print(f"held-out line images: {right} of {len(several)} read right")


def _read(network: keras.Model, line: LineImage) -> tuple[int, ...]:
    windows = np.asarray(network(line.ink[np.newaxis, ..., np.newaxis], training=False))[0]
    return tuple(int(found.outputs.argmax()) for found in ctc.find(windows))
