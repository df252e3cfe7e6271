"""The trained network as LiteRT, and into the program's assets."""

import shutil
from pathlib import Path

import keras

NETWORKS = ("digits.keras", "digits.tflite", "strings.keras", "strings.tflite")

SHIPPED = (*NETWORKS, "digits.json", "model-card.md")


def convert(source: Path) -> None:
    """Write `NAME.tflite` beside `NAME.keras`."""
    network = keras.saving.load_model(source, compile=False)
    network.export(source.with_suffix(".tflite"), format="litert", verbose=False)


def install(run: Path, assets: Path) -> None:
    """Copy a finished run's models and card to where the program finds them.

    Raises:
        SystemExit: the run has not all of them; the sentence tells what to do.
    """
    if missing := [name for name in SHIPPED if not (run / name).exists()]:
        raise SystemExit(
            f"{run} has no {missing[0]}. Train with python -m train, then python -m train strings."
        )
    for name in SHIPPED:
        shutil.copyfile(run / name, assets / name)
        print(f"{assets / name}: {(assets / name).stat().st_size:,} bytes")
