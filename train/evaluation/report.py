"""Measurements of the whole program: each writes its figures, tables, charts and sheets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitapp import engine as engines
from digitapp.engine import MODELS, Engine
from digitapp.engine.litert import LiteRTEngine
from digitapp.recognition import pipeline
from digitapp.recognition.classify import REJECT
from digitapp.recognition.symbols import DIGITS, SIGNS
from train.data.mnist import Labels, Split
from train.evaluation import contact_sheets, metrics, mnist_c, plots, suites, tables
from train.evaluation.suites import Reading
from train.networks import export
from train.synthesis import compose

READ_AS = (*map(str, range(DIGITS)), "?", "sign", "none", "more")
"""Columns of the confusion matrix. Its rows are the ten digits and, last, none."""

STRINGS, PAGES = 1_000, 50
"""Composed numbers of each kind, and pages."""

SAMPLE = 1_000
"""Test digits of each kind of corruption that the whole program reads."""


def load_engine(run: Path | None) -> Engine:
    """The run's networks in the program's engine; the program's own networks without a run.

    Raises:
        TrainError: the run is not finished.
    """
    if run is None:
        return engines.load("litert")
    export.require(run / MODELS[0])
    own = [run / name for name in MODELS]
    for path in (path for path in own if not path.exists()):
        print(f"{run} has no {path.name}: the program's own is measured in its place.")
    return LiteRTEngine(*(path if path.exists() else None for path in own))


def report_suites(folders: Sequence[Path], engine: Engine, out: Path) -> None:
    """Read every picture of the suites and write how well they were read.

    Raises:
        TrainError: a folder has no table of truth.
    """
    out.mkdir(parents=True, exist_ok=True)
    every = list(suites.readings(folders, engine))
    by_suite = suites.by_suite(every)
    facts: dict[str, Any] = {
        "model": engine.model,
        "no_digit": REJECT,
        "suites": {name: suites.figures(suite) for name, suite in by_suite.items()},
        "rejection": {name: suites.rejection(suite) for name, suite in by_suite.items()},
        "reliability": [one._asdict() for one in suites.reliability(every)],
        "misses": [_miss(reading) for reading in every if not reading.right],
    }
    shares, thresholds = tables.suites(facts["suites"]), tables.rejection(facts["rejection"])
    _write(out / "suites", facts, f"Model: `{engine.model}`\n\n{shares}\n{thresholds}")
    plots.matrix(confusion(every), (*range(DIGITS), "none"), READ_AS, out / "suites-confusion.png")
    plots.reliability(suites.reliability(every), out / "suites-reliability.png")
    plots.rejection(facts["rejection"], out / "suites-rejection.png")
    contact_sheets.misses([reading for reading in every if not reading.right], out)


def report_corrupted(test: Split, engine: Engine, out: Path) -> None:
    """Read MNIST's test digits in each kind of corruption and write the errors."""
    out.mkdir(parents=True, exist_ok=True)
    clean = test.images[..., 0]
    rows = {"clean": _errors(clean, test.labels, engine)}
    for kind in mnist_c.KINDS:
        rows[kind] = _errors(mnist_c.corrupt(kind, clean), test.labels, engine)
    mean = {
        key: float(np.mean([rows[kind][key] for kind in mnist_c.KINDS])) for key in rows["clean"]
    }
    facts = {"model": engine.model, "digits": len(test), "sample": min(SAMPLE, len(test))}
    rows["mean of the 15"] = mean
    _write(out / "corrupted", facts | {"kinds": rows}, tables.corruptions(facts, rows))
    first = clean[:16]
    shown = [first, *(mnist_c.corrupt(kind, first) for kind in mnist_c.KINDS)]
    contact_sheets.grid(shown, ("clean", *mnist_c.KINDS), out / "corrupted.png")


def report_strings(test: Split, engine: Engine, out: Path) -> None:
    """Read numbers and pages composed of MNIST's test digits and write how many are right."""
    out.mkdir(parents=True, exist_ok=True)
    rows = {
        kind: _read_composed(compose.strings(kind, test, STRINGS), engine) for kind in compose.GAPS
    }
    rows["pages"] = _read_composed(compose.pages(test, PAGES), engine)
    facts = {"model": engine.model, "kinds": rows}
    _write(out / "strings", facts, tables.composed(engine.model, rows))


def confusion(every: Sequence[Reading]) -> NDArray[np.int64]:
    """How often a digit, or none, was read as one of READ_AS, [11, 14].

    Pictures of numbers and of signs are left out.
    """
    counts = np.zeros((DIGITS + 1, len(READ_AS)), dtype=np.int64)
    for label, said in ((reading.truth.label, reading.text) for reading in every):
        if label in ("", *READ_AS[:DIGITS]):
            counts[int(label or DIGITS), READ_AS.index(_read_as(said or "none"))] += 1
    return counts


def _read_as(said: str) -> str:
    """The column of what was read."""
    if said in READ_AS:
        return said
    return "sign" if said in tuple(SIGNS) else "more"


def _read_composed(pictures: Iterable[compose.Composed], engine: Engine) -> dict[str, Any]:
    """Shares of pictures read right, of digits read right, of pictures with the right number.

    Spaces are not counted: the gaps between the digits are of any width.
    """
    texts = (
        (each.label, pipeline.recognize(each.picture, engine).answer.text) for each in pictures
    )
    read = [(label, said.replace(" ", "")) for label, said in texts]
    wrong = sum(metrics.distance(said, label) for label, said in read)
    right = sum(said == label for label, said in read)
    return {
        "pictures": len(read),
        "exact": right / len(read),
        "exact_95": list(metrics.wilson(right, len(read))),
        "digits": 1 - wrong / sum(len(label) for label, _ in read),
        "count": sum(len(said) == len(label) for label, said in read) / len(read),
    }


def _errors(images: mnist_c.Images, labels: Labels, engine: Engine) -> dict[str, float]:
    """Shares misread by the network alone and by the program, and the share it refused."""
    outputs = engine.probabilities(images[..., np.newaxis])
    read = [suites.read_pixels(image, engine) for image in images[:SAMPLE]]
    wanted = [str(label) for label in labels[:SAMPLE]]
    return {
        "alone": float((outputs[:, :DIGITS].argmax(axis=1) != labels).mean()),
        "program": float(np.mean([said != want for said, want in zip(read, wanted, strict=True)])),
        "refused": float(np.mean([not said or "?" in said for said in read])),
    }


def _miss(reading: Reading) -> dict[str, Any]:
    return {
        "file": f"{reading.truth.path.parent.name}/{reading.truth.path.name}",
        "source": reading.truth.source,
        "is": reading.truth.label,
        "read": reading.text,
        "best": reading.best,
        "confidence": round(reading.confidence, 4),
        "no_digit": round(reading.most, 4),
        "reason": reading.reason,
    }


def _write(path: Path, facts: Mapping[str, Any], text: str) -> None:
    """Write the figures and the table, and print the table."""
    path.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)
