"""`python -m tests.train.quick FOLDER`: the trainer on stand-ins, killed in its second epoch.

A process of its own, because a killed one cannot test what it left.
"""

import os
import sys
from pathlib import Path

import keras
import pytest

from tests.train import stand_in
from train import __main__ as command
from train.evaluation import lines
from train.networks import average, fit_digits, fit_lines

SETTINGS = fit_digits.Settings(
    epochs=2,
    batch=16,
    styles=60,
    slashed=30,
    no_digits=60,
    hands=40,
    letters=30,
    digits=512,
    settle=1,
)

LINES = fit_lines.Settings(epochs=2, strips=64, pool=128, pens=30, hands=20, settle=1)


def start(folder: Path, *names: str) -> None:
    """Run commands of the trainer in the run `folder`/run: on few digits, measured on few."""
    with pytest.MonkeyPatch.context() as patch:
        data = stand_in.install(folder, patch)
        faces = stand_in.install_typeface(folder, patch)
        patch.setattr(fit_digits, "QUICK", SETTINGS)
        patch.setattr(fit_lines, "QUICK", LINES)
        patch.setattr(average, "BATCHES", 20)
        patch.setattr(lines, "HELD_OUT", 100)
        given = ("--run", folder / "run", "--data", data, "--typefaces", faces)
        for name in names:
            command.main([name, "--quick", *map(str, given)])


def kill(_: object, epoch: int, logs: object = None) -> None:
    """End the process in its second epoch, as a person might."""
    del logs
    if epoch == 1:
        os._exit(9)


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", kill)
        start(Path(sys.argv[1]), "fit")
