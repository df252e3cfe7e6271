"""What the evaluation writes: tables for people and programs, charts and sheets beside them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digitapp import engine as engines
from digitapp import pipeline
from digitapp.engine import Engine
from digitapp.engine.litert import LiteRTEngine
from digitapp.verdict import NO_DIGIT
from train import corrupt, data, plots, sheets, strings, suites
from train.evaluate import wilson
from train.suites import Reading

Facts = Mapping[str, Any]

READ_AS = (*"0123456789", "?", "none", "more")
"""Columns of the confusion matrix; its rows are the ten digits and none."""

STRINGS, PAGES = 1_000, 50
"""Composed numbers of each kind, and pages."""

SAMPLE = 1_000
"""Test digits of each kind of corruption that take the whole way through the program."""


def load_engine(run: Path | None) -> Engine:
    """The run's models in the program's engine, or the program's own where it has none."""
    if run is None:
        return engines.load("litert")
    strings: Path | None = run / "strings.tflite"
    if strings and not strings.exists():
        print(f"{run} has no strings.tflite: the program's own reads digits that touch.")
        strings = None
    return LiteRTEngine(path=run / "digits.tflite", strings=strings)


def report_suites(folders: Sequence[Path], engine: Engine, out: Path) -> None:
    """Read every picture of the suites and write how well they were read.

    Raises:
        ValueError: a folder has no table of truth.
    """
    out.mkdir(parents=True, exist_ok=True)
    every = list(suites.readings(folders, engine))
    by_suite = suites.by_suite(every)
    facts: dict[str, Any] = {
        "model": engine.model,
        "no_digit": NO_DIGIT,
        "suites": {name: suites.figures(suite) for name, suite in by_suite.items()},
        "rejection": {name: suites.rejection(suite) for name, suite in by_suite.items()},
        "reliability": [one._asdict() for one in suites.reliability(every)],
        "misses": [_miss(reading) for reading in every if not reading.right],
    }
    text = f"Model: `{engine.model}`\n\n{table(facts['suites'])}\n{rejections(facts['rejection'])}"
    _write(out / "suites", facts, text)
    plots.matrix(confusion(every), (*range(10), "none"), READ_AS, out / "suites-confusion.png")
    plots.reliability(suites.reliability(every), out / "suites-reliability.png")
    plots.rejection(facts["rejection"], out / "suites-rejection.png")
    sheets.misses([reading for reading in every if not reading.right], out)


def report_corrupted(test: data.Split, engine: Engine, out: Path) -> None:
    """Read MNIST's test digits in each kind of corruption and write the errors."""
    out.mkdir(parents=True, exist_ok=True)
    clean = test.images[..., 0]
    rows = {"clean": _errors(clean, test.labels, engine)}
    for kind in corrupt.KINDS:
        rows[kind] = _errors(corrupt.corrupt(kind, clean), test.labels, engine)
    mean = {
        key: float(np.mean([rows[kind][key] for kind in corrupt.KINDS])) for key in rows["clean"]
    }
    facts = {"model": engine.model, "digits": len(test), "sample": min(SAMPLE, len(test))}
    rows["mean of the 15"] = mean
    _write(out / "corrupted", facts | {"kinds": rows}, corruptions(facts, rows))
    first = clean[:16]
    shown = [first, *(corrupt.corrupt(kind, first) for kind in corrupt.KINDS)]
    sheets.grid(shown, ("clean", *corrupt.KINDS), out / "corrupted.png")


def report_strings(test: data.Split, engine: Engine, out: Path) -> None:
    """Read numbers and pages composed of MNIST's test digits and write how many are right."""
    out.mkdir(parents=True, exist_ok=True)
    rows = {
        kind: _read_composed(strings.strings(kind, test, STRINGS), engine) for kind in strings.GAPS
    }
    rows["pages"] = _read_composed(strings.pages(test, PAGES), engine)
    _write(out / "strings", {"model": engine.model, "kinds": rows}, composed(engine.model, rows))


def table(figures: Mapping[str, Facts]) -> str:
    """The suites' figures as a table in Markdown."""
    lines = [
        "| suite | pictures | exact (95 %) | sources | mean over sources (95 %) | refused "
        "| doubtful | not read as a digit | ECE | answered at 0.1 % error |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, facts in figures.items():
        cells = (
            name,
            f"{facts['pictures']:,}",
            _percent(facts["exact"], facts["exact_95"]),
            facts["sources"],
            _percent(facts["macro"], facts["macro_95"]) if facts["sources"] > 1 else "",
            *map(_percent, (facts["refused"], facts["doubtful"], facts["not_read_as_digit"])),
            _percent(facts["expected_calibration_error"]),
            _percent(facts["coverage_at_0.1%_error"]),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def rejections(suites_: Mapping[str, Sequence[Facts]]) -> str:
    """Refused (with digits) or not read as one (without), for each threshold, in Markdown."""
    names = list(suites_)
    lines = [
        'From this probability of "no digit" on a mark is refused; a suite with digits shows what '
        "is refused / misread of the rest, one without shows what is not read as a digit.\n",
        f"| threshold | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for rows in zip(*suites_.values(), strict=True):
        cells = [_rejected(row) for row in rows]
        lines.append(f"| {rows[0]['threshold']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def corruptions(facts: Facts, rows: Mapping[str, Mapping[str, float]]) -> str:
    """The errors under corruption as a table in Markdown."""
    lines = [
        f"Model: `{facts['model']}`\n",
        f"| kind | error of the network alone, {facts['digits']:,} digits "
        f"| error of the program, {facts['sample']:,} digits | of it refused |",
        "|---|---|---|---|",
    ]
    for kind, row in rows.items():
        cells = map(_percent, (row["alone"], row["program"], row["refused"]))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def composed(model: str, rows: Mapping[str, Facts]) -> str:
    """How many composed numbers and pages are read right, as a table in Markdown."""
    lines = [
        f"Model: `{model}`\n",
        "| kind | gaps in pixels | pictures | all right (95 %) | digits right | right number |",
        "|---|---|---|---|---|---|",
    ]
    for kind, row in rows.items():
        gap = "{} to {}".format(*strings.GAPS.get(kind, strings.PAGE_GAPS))
        shares = (
            _percent(row["exact"], row["exact_95"]),
            *map(_percent, (row["digits"], row["count"])),
        )
        lines.append(f"| {kind} | {gap} | {row['pictures']:,} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def _read_composed(pictures: Iterable[strings.Composed], engine: Engine) -> dict[str, Any]:
    """Shares of pictures read right and of those with the right number of digits; of digits."""
    read = [(each.label, pipeline.recognize(each.picture, engine).text) for each in pictures]
    wrong = sum(strings.distance(said, label) for label, said in read)
    right = sum(said == label for label, said in read)
    return {
        "pictures": len(read),
        "exact": right / len(read),
        "exact_95": list(wilson(right, len(read))),
        "digits": 1 - wrong / sum(len(label) for label, _ in read),
        "count": sum(len(said) == len(label) for label, said in read) / len(read),
    }


def confusion(every: Sequence[Reading]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How often a digit, or none, was read as one of READ_AS, [11, 13]; numbers left out."""
    counts = np.zeros((11, len(READ_AS)), dtype=np.int64)
    for reading in every:
        if len(reading.truth.label) <= 1:
            said = reading.text or "none"
            column = READ_AS.index(said) if said in READ_AS else len(READ_AS) - 1
            counts[int(reading.truth.label or 10), column] += 1
    return counts


def _errors(pictures: corrupt.Pictures, labels: data.Labels, engine: Engine) -> dict[str, float]:
    """Shares misread by the network alone and by the program, and those that it refused."""
    outputs = engine.probabilities(pictures[..., np.newaxis])
    read = [suites.read_pixels(picture, engine) for picture in pictures[:SAMPLE]]
    wanted = [str(label) for label in labels[:SAMPLE]]
    return {
        "alone": float((outputs[:, :10].argmax(axis=1) != labels).mean()),
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


def _rejected(row: Facts) -> str:
    if row["refused"] is None:
        return _percent(row["not_read_as_digit"])
    return f"{_percent(row['refused'])} / {_percent(row['misread'])}"


def _percent(part: float | None, interval: tuple[float, float] | None = None) -> str:
    if part is None:
        return ""
    reach = f" ({interval[0]:.2%} to {interval[1]:.2%})" if interval else ""
    return f"{part:.2%}{reach}"


def _write(path: Path, facts: Facts, text: str) -> None:
    """Both files, and the table on the screen."""
    path.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)
