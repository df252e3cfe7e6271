"""`python -m train [fit | strings | evaluate | export]`: fit by default."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from train.fit import Settings
    from train.sequence import Settings as StripSettings

    T = TypeVar("T", Settings, StripSettings)

RUN = Path("runs/digits")

PROGRAM = Path("runs/program")
"""Where an evaluation of the program's own model goes."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    options = parser().parse_intermixed_args(arguments)
    run = options.run or RUN
    if options.suites or options.corrupted or options.strings:
        report(options)
    elif options.command == "evaluate":
        from train.evaluate import evaluate

        evaluate(run, options.data)
    elif options.command == "export":
        from train.export import install

        install(run, options.to)
    elif options.command == "strings":
        from train import fit_sequence, sequence

        pace = fit_sequence.QUICK if options.quick else sequence.Settings()
        fit_sequence.train(run, options.data, changed(pace, options))
    else:
        from train.fit import QUICK, Settings, fit

        settings = QUICK if options.quick else Settings()
        fit(run, options.data, changed(settings, options))


def changed(settings: "T", options: argparse.Namespace) -> "T":
    """The settings with the seed and the length that are given, where they are."""
    given = {name: getattr(options, name) for name in ("seed", "epochs")}
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def report(options: argparse.Namespace) -> None:
    """Measure the whole program, with its own model or the run's."""
    from train import card, data
    from train.report import load_engine, report_corrupted, report_strings, report_suites

    if options.command != "evaluate":
        raise SystemExit("Suites of pictures are for the command evaluate.")
    engine, out = load_engine(options.run), options.out or options.run or PROGRAM
    # A shell's suites/* brings the table of truth along: it is no suite.
    if folders := [path for path in options.suites if path.name != "truth.csv"]:
        report_suites(folders, engine, out)
    if options.corrupted:
        report_corrupted(data.load(options.data).test, engine, out)
    if options.strings:
        report_strings(data.load(options.data).test, engine, out)
    if out == options.run and (out / "test.json").exists():
        card.write(out)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser("python -m train", description=__doc__)
    commands = ("fit", "strings", "evaluate", "export")
    result.add_argument(
        "command",
        nargs="?",
        choices=commands,
        default="fit",
        help="fit: train; strings: train what reads touching digits, after fit",
    )
    result.add_argument(
        "suites", nargs="*", type=Path, help="evaluate: folders of pictures with a truth.csv"
    )
    result.add_argument(
        "--run",
        type=Path,
        help=f"folder of the run ({RUN}; suites are read by the program's own model without it)",
    )
    result.add_argument("--data", type=Path, help="MNIST as an .npz file; else it is downloaded")
    result.add_argument("--seed", type=int, help="of weights, order and distortion")
    result.add_argument("--epochs", type=int, help="times through the training digits")
    result.add_argument("--quick", action="store_true", help="a minute's run on few digits")
    result.add_argument(
        "--corrupted", action="store_true", help="evaluate: MNIST's test digits in 15 corruptions"
    )
    result.add_argument(
        "--strings", action="store_true", help="evaluate: numbers and pages of MNIST's test digits"
    )
    result.add_argument("--out", type=Path, help="evaluate: where tables and pictures go")
    result.add_argument(
        "--to", type=Path, default=Path("assets"), help="export: where the model goes (%(default)s)"
    )
    return result


if __name__ == "__main__":
    main()
