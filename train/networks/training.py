"""What both trainings share: the optimizer, and a folder from which an interrupted run goes on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import keras

from train import TrainError


class Pace(Protocol):
    """The settings that say how a network is optimized."""

    @property
    def epochs(self) -> int:
        """Times through the training set."""

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
    """Batches of an epoch of `count` examples; the incomplete last batch is left out."""
    return count // settings.batch


def optimizer(settings: Pace, count: int) -> keras.Optimizer:
    """AdamW for epochs of `count` examples.

    The learning rate rises over the first epoch and then falls along a cosine to 0.2 % of its peak.
    """
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


def claim(run: Path, settings: Any) -> None:
    """Make the folder the run of these settings, a dataclass.

    Raises:
        TrainError: the folder holds a run with other settings.
    """
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(settings), indent=2) + "\n"
    file = run / "settings.json"
    if file.exists() and file.read_text() != text:
        raise TrainError(f"{run} holds a run with other settings. Delete it or name another.")
    file.write_text(text)


def callbacks(folder: Path) -> list[keras.callbacks.Callback]:
    """What keeps a phase's log and state in its folder, so that it can be interrupted."""
    return [
        keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        keras.callbacks.CSVLogger(folder / "history.csv", append=True),
    ]


def finished_epochs(folder: Path) -> int:
    """How many epochs of a phase an interrupted run has finished."""
    history = folder / "history.csv"
    return max(len(history.read_text().splitlines()) - 1, 0) if history.exists() else 0
