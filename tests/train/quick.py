"""`python -m tests.train.quick FOLDER [--kill-in-epoch N]`: the trainer on the stand-in for MNIST.

A process of its own, so that it can be killed as a person's would be.
"""

import argparse
import os
from pathlib import Path

import keras
import pytest

from tests.train import stand_in
from train import __main__ as command
from train import sequence
from train.fit import Settings

SETTINGS = Settings(
    epochs=2,
    batch=16,
    styles=60,
    no_digits=60,
    hands=0,
    letters=0,
    pieces=60,
    digits=512,
    settle=1,
)


STRIPS = sequence.Settings(epochs=2, strips=64, pool=128, pens=30, hands=0, settle=1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kill-in-epoch", type=int)
    options = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch:
        path = stand_in.install(options.folder, patch)
        patch.setattr("train.fit.QUICK", SETTINGS)
        if options.kill_in_epoch is not None:
            patch.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", _kill(options.kill_in_epoch))
        patch.setattr("train.fit_sequence.QUICK", STRIPS)
        for name in ("fit", "strings"):
            command.main(
                [name, "--quick", "--run", str(options.folder / "run"), "--data", str(path)]
            )


def _kill(last: int) -> object:
    def on_epoch_begin(_: object, epoch: int, logs: object = None) -> None:
        del logs
        if epoch == last:
            os._exit(9)

    return on_epoch_begin


if __name__ == "__main__":
    main()
