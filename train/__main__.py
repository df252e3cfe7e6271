"""`python -m train [fit | evaluate | export]`: fit by default."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

RUN = Path("runs/digits")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    options = parser().parse_args(arguments)
    if options.command == "evaluate":
        from train.evaluate import evaluate

        evaluate(options.run, options.data)
    elif options.command == "export":
        from train.export import install

        install(options.run, options.to)
    else:
        from train.fit import QUICK, Settings, fit

        settings = QUICK if options.quick else Settings()
        fit(options.run, options.data, settings.changed(options.seed, options.epochs))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser("python -m train", description=__doc__)
    commands = ("fit", "evaluate", "export")
    result.add_argument("command", nargs="?", choices=commands, default="fit", help="fit: train")
    result.add_argument("--run", type=Path, default=RUN, help="folder of the run (%(default)s)")
    result.add_argument("--data", type=Path, help="MNIST as an .npz file; else it is downloaded")
    result.add_argument("--seed", type=int, help="of weights, order and distortion")
    result.add_argument("--epochs", type=int, help="times through the training digits")
    result.add_argument("--quick", action="store_true", help="a minute's run on few digits")
    result.add_argument(
        "--to", type=Path, default=Path("assets"), help="export: where the model goes (%(default)s)"
    )
    return result


if __name__ == "__main__":
    main()
