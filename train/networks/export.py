"""The trained networks as LiteRT files, and a finished run into the program's assets."""

import shutil
from pathlib import Path

import keras

from digitapp.engine import doubling  # noqa: F401 (`ink.keras` names its layer)
from train import TrainError

DIGITS, LINES, INK, SIGNS = "digits.keras", "strings.keras", "ink.keras", "signs.keras"
"""Each network's file in the folder of a run."""

NETWORKS = tuple(
    file
    for name in ("digits", "strings", "ink", "signs")
    for file in (f"{name}.keras", f"{name}.tflite")
)
"""All networks' files, as Keras saves them and as the program runs them."""

SHIPPED = (*NETWORKS, "digits.json", "model-card.md")
"""What a finished run gives to the program."""

COMMANDS = {name: f"python -m train {name}" for name in ("strings", "ink", "signs")}
"""What trains a network, by its name; the others come with `python -m train` alone."""


def convert(source: Path) -> None:
    """Write `NAME.tflite` beside `NAME.keras`; it takes TensorFlow as Keras's backend."""
    network = keras.saving.load_model(source, compile=False)
    network.export(source.with_suffix(".tflite"), format="litert", verbose=False)


def require(network: Path) -> None:
    """Make sure that a run has a network's file.

    Raises:
        TrainError: it does not; the sentence says how to make it.
    """
    if not network.exists():
        command = COMMANDS.get(network.stem, "python -m train")
        raise TrainError(f"{network.parent} has no {network.name}. Make it with: {command}")


def install(run: Path, assets: Path) -> None:
    """Copy a finished run's networks and cards to where the program finds them.

    Raises:
        TrainError: the run does not have all of them.
    """
    for name in NETWORKS:
        if name.endswith(".tflite") and not (run / name).exists():
            convert(run / name.replace(".tflite", ".keras"))  # trained without TensorFlow
        require(run / name)
    if missing := [name for name in SHIPPED if not (run / name).exists()]:
        raise TrainError(f"{run} has no {missing[0]}. Make it with: python -m train evaluate")
    for name in SHIPPED:
        shutil.copyfile(run / name, assets / name)
        print(f"{assets / name}: {(assets / name).stat().st_size:,} bytes")
