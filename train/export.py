"""The trained network as LiteRT, and into the program's assets."""

import shutil
from pathlib import Path

import keras

SHIPPED = (
    "digits.keras",
    "digits.tflite",
    "strings.keras",
    "strings.tflite",
    "digits.json",
    "model-card.md",
)


def convert(source: Path) -> None:
    """Write `NAME.tflite` beside `NAME.keras`."""
    network = keras.saving.load_model(source, compile=False)
    network.export(source.with_suffix(".tflite"), format="litert", verbose=False)


def install(run: Path, assets: Path) -> None:
    """Copy a finished run's model and card to where the program finds them."""
    for name in SHIPPED:
        shutil.copyfile(run / name, assets / name)
        print(f"{assets / name}: {(assets / name).stat().st_size:,} bytes")
