"""How well the whole program reads: suites of pictures whose truth is known."""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitapp import files
from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.recognition import pipeline
from digitapp.recognition.answer import Answer
from digitapp.recognition.symbols import DIGITS, NO_DIGIT, SYMBOLS
from train import TrainError
from train.evaluation import metrics

TRUTH = "truth.csv"

SHAPES = frozenset({"not-digits"})
"""Suites without labels whose shapes may rightly be read as signs: a bar is a minus."""

MIXED = frozenset({"numbers", "sheets", "odd2"})
"""Suites with several numbers in a row whose labels hold no spaces: a space there tears none."""

SHOWN = 4
"""Candidates of a picture whose 28x28 pixels are kept for the sheet of misses."""

THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Thresholds of the probability of "no digit" that the rejection curves show."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a picture says: `label` has a line for each row, and is empty if nothing is to be read.

    `source` is the person or the collection that it comes from.
    """

    path: Path
    suite: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the program made of one picture; small, so that suites may be large.

    `text` is the answer's; None if the picture could not be read, and `reason` says why. `best` is
    the text with the best guess for every `?`, `doubt` the answer's. `confidence` is the lowest of
    the symbols'. Of the picture's candidates, `least` and `most` are probabilities of "no digit",
    and `tiles` is what the CNN saw.
    """

    truth: Truth
    text: str | None
    reason: str = ""
    best: str = ""
    confidence: float = 0.0
    least: float = 1.0
    most: float = 0.0
    doubt: bool = False
    tiles: tuple[bytes, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the text is the label's but for spaces; without a label, whether nothing is read.

        Where there is nothing to read, no digit may be read, nor, but for SHAPES, a sign.
        """
        if self.truth.label:
            return self.bare == self.truth.label.replace(" ", "")
        wrong = SYMBOLS[:DIGITS] if self.truth.suite in SHAPES else SYMBOLS
        return self.text is not None and not any(symbol in wrong for symbol in self.text)

    @property
    def bare(self) -> str | None:
        """The text without spaces."""
        return None if self.text is None else self.text.replace(" ", "")

    @property
    def silent(self) -> bool:
        """Whether it is read wrong while the answer shows no doubt."""
        return self.text is not None and not self.right and not self.doubt

    @property
    def refused(self) -> bool:
        """Whether anything was not read: no answer, nothing found, or a rejected candidate."""
        return not self.text or "?" in self.text

    @property
    def best_is_right(self) -> bool:
        """Whether the best guesses are the label."""
        return self.best.replace(" ", "") == self.truth.label.replace(" ", "")

    def refused_at(self, threshold: float) -> bool:
        """The same with another threshold for "no digit"."""
        return not self.best or self.most >= threshold

    def silent_at(self, threshold: float) -> bool:
        """Whether no digit would be read with that threshold."""
        return self.text is not None and (not self.best or self.least >= threshold)


def truths(folder: Path) -> list[Truth]:
    """The pictures of a folder, as the `truth.csv` in it or beside it lists them.

    Its columns are file (as seen from where it lies), suite, label and source.

    Raises:
        TrainError: there is none, or it lists no picture of this folder.
    """
    folder = folder.resolve()
    table = next((each / TRUTH for each in (folder, folder.parent) if _has_truth(each)), None)
    if table is None:
        raise TrainError(f"There is no {TRUTH} in {folder} or beside it: it says what is right.")
    with table.open(encoding="utf-8", newline="") as file:
        every = [_truth(table.parent, row) for row in csv.DictReader(file)]
    listed = [truth for truth in every if truth.path.is_relative_to(folder)]
    if not listed:
        raise TrainError(f"{table} lists no picture of {folder}.")
    return listed


def readings(folders: Sequence[Path], engine: Engine) -> Iterator[Reading]:
    """Every picture of the folders, read one after the other as the program reads it."""
    for truth in [truth for folder in folders for truth in truths(folder)]:
        yield read(truth, engine)


def read(truth: Truth, engine: Engine) -> Reading:
    """One picture; if it cannot be read, the reading's `reason` says why."""
    try:
        found = pipeline.recognize(files.read(truth.path), engine)
    except DigitappError as error:
        return Reading(truth, None, error.message)
    answer = found.answer
    if not answer.symbols:
        return Reading(truth, answer.text, doubt=answer.doubt)
    no_digit = [float(outputs[NO_DIGIT]) for outputs in found.outputs]
    return Reading(
        truth,
        answer.text,
        best=best_guesses(answer),
        confidence=min(symbol.confidence for symbol in answer.symbols),
        least=min(no_digit),
        most=max(no_digit),
        doubt=answer.doubt,
        tiles=tuple(symbol.pixels for symbol in answer.symbols[:SHOWN]),
    )


def read_pixels(picture: NDArray[np.float32], engine: Engine) -> str:
    """What the program reads in pixels [height, width] from 0 to 1; empty if it fails."""
    buffer = io.BytesIO()
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(buffer, "PNG")
    try:
        return pipeline.recognize(buffer.getvalue(), engine).answer.text
    except DigitappError:
        return ""


def best_guesses(answer: Answer) -> str:
    """An answer's text with the most probable symbol in place of each `?`."""
    symbols = (replace(each, text=each.alternatives[0][0]) for each in answer.symbols)
    return replace(answer, symbols=tuple(symbols)).text


def by_suite(every: Sequence[Reading]) -> dict[str, list[Reading]]:
    """The readings of each suite, by its name in the table of truth."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for reading in every:
        found[reading.truth.suite].append(reading)
    return dict(sorted(found.items()))


def figures(suite: Sequence[Reading]) -> dict[str, Any]:
    """How good one suite's readings are: shares from 0 to 1, None if there is nothing to count."""
    written = [reading for reading in suite if reading.truth.label]
    others = [reading for reading in suite if not reading.truth.label]
    plain = [reading for reading in written if reading.right and "?" not in reading.truth.label]
    spaced = [reading for reading in written if " " in reading.truth.label]
    single = [reading for reading in written if reading.truth.suite not in MIXED]
    right = sum(reading.right for reading in suite)
    return {
        "pictures": len(suite),
        "unreadable": sum(reading.text is None for reading in suite),
        "exact": right / len(suite),
        "exact_95": metrics.wilson(right, len(suite)),
        **macro(suite),
        "refused": share([reading.refused for reading in written]),
        "characters": characters(written),
        "silent": share([reading.silent for reading in suite]),
        "needless": share([reading.doubt for reading in plain]),
        "spaced": share([reading.text == reading.truth.label for reading in spaced]),
        "torn": None if spaced else share([" " in (reading.text or "") for reading in single]),
        "not_read_as_digit": share([reading.right for reading in others]),
        **certainty(written),
    }


def characters(written: Sequence[Reading]) -> float | None:
    """One minus the edits that the texts need, as a share of the labels' characters."""
    edits = total = 0
    for reading in written:
        label = reading.truth.label.replace(" ", "")
        edits += min(metrics.distance(reading.bare or "", label), len(label))
        total += len(label)
    return 1 - edits / total if total else None


def macro(suite: Sequence[Reading]) -> dict[str, Any]:
    """The mean over sources of the share that is right, and its interval over other sources."""
    votes: dict[str, list[bool]] = defaultdict(list)
    for reading in suite:
        votes[reading.truth.source].append(reading.right)
    shares = np.array([np.mean(vote) for vote in votes.values()])
    facts: dict[str, Any] = {"sources": len(shares), "macro": float(shares.mean())}
    return facts | {"macro_95": metrics.bootstrap(shares) if len(shares) > 1 else None}


def certainty(written: Sequence[Reading]) -> dict[str, Any]:
    """What the confidence is worth: calibration, and how much is answered at 0.1 % error."""
    answered = [reading for reading in written if not reading.refused]
    if not answered:
        return {"expected_calibration_error": None, "coverage_at_0.1%_error": None}
    covered = metrics.coverage(confidences(answered), rights(answered), 0.001) * len(answered)
    return {
        "expected_calibration_error": metrics.calibration_error(reliability(written)),
        "coverage_at_0.1%_error": covered / len(written),
    }


def reliability(written: Sequence[Reading]) -> list[metrics.Bin]:
    """Confidence against truth, of the pictures that were read."""
    answered = [reading for reading in written if reading.truth.label and not reading.refused]
    return metrics.reliability(confidences(answered), rights(answered))


def rejection(suite: Sequence[Reading]) -> list[dict[str, float | None]]:
    """What each of THRESHOLDS gives: shares rejected, misread of the rest, not read as a digit."""
    written = [reading for reading in suite if reading.truth.label]
    others = [reading for reading in suite if not reading.truth.label]
    rows: list[dict[str, float | None]] = []
    for threshold in THRESHOLDS:
        kept = [reading for reading in written if not reading.refused_at(threshold)]
        rows.append(
            {
                "threshold": threshold,
                "refused": share([reading.refused_at(threshold) for reading in written]),
                "misread": share([not reading.best_is_right for reading in kept]),
                "not_read_as_digit": share([reading.silent_at(threshold) for reading in others]),
            }
        )
    return rows


def share(votes: Sequence[bool]) -> float | None:
    """The share of them that is true, 0 to 1; None if there are none."""
    return sum(votes) / len(votes) if votes else None


def confidences(every: Sequence[Reading]) -> NDArray[np.float64]:
    """Each reading's confidence, [N]."""
    return np.array([reading.confidence for reading in every])


def rights(every: Sequence[Reading]) -> NDArray[np.bool_]:
    """Whether each reading is right, [N]."""
    return np.array([reading.right for reading in every], dtype=bool)


def _has_truth(folder: Path) -> bool:
    return (folder / TRUTH).is_file()


def _truth(folder: Path, row: dict[str, str]) -> Truth:
    label = row["label"].replace("|", "\n")
    path = Path(os.path.normpath(folder / row["file"]))  # a link is not followed out of it
    return Truth(path, row["suite"], label, row["source"])
