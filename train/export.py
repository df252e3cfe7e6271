"""The trained network as LiteRT, and into the program's assets."""

import shutil
from pathlib import Path

import keras

SHIPPED = ("digits.keras", "digits.tflite", "digits.json", "model-card.md")


def convert(run: Path) -> None:
    """Write `digits.tflite` beside `digits.keras` in the folder `run`."""
    network = keras.saving.load_model(run / "digits.keras", compile=False)
    network.export(run / "digits.tflite", format="litert", verbose=False)


def install(run: Path, assets: Path) -> None:
    """Copy a finished run's model and card to where the program finds them."""
    for name in SHIPPED:
        shutil.copyfile(run / name, assets / name)
        print(f"{assets / name}: {(assets / name).stat().st_size:,} bytes")
