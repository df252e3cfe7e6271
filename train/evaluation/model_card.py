"""The model card: facts for programs (`digits.json`) and for people (`model-card.md`).

After Mitchell et al., "Model cards for model reporting" (FAT* 2019), short as the model is small.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digitapp.engine import NAME
from digitapp.engine.doubling import Doubling as _Doubling  # noqa: F401 (`ink.keras` names it)
from train import TrainError
from train.data.mnist import HASHES
from train.networks.export import DIGITS, LINES, NETWORKS

Facts = Mapping[str, Any]

TEXT = """\
# Model card: {name}

A small CNN that reads one handwritten digit, 0 to 9, from 28 x 28 grey pixels (0 = background,
1 = ink) that were normalised the way MNIST's makers did it, and recognises what is no digit.
{parameters:,} parameters; output: probabilities of the ten digits and of "no digit".

| file | bytes | SHA-256 |
|---|---|---|
{files}

## How good it is

Measured at the end of the run, on MNIST's {digits:,} test digits by 297 writers. None of them
wrote the digits that it was trained on.

| figure | value |
|---|---|
| accuracy | {accuracy} |
| expected calibration error, 15 bins | {error:.2%} |
| answered at 0.1 % error, the surest first | {coverage:.1%} |
| digits refused as none | {refused:.2%} |
| largest difference between Keras and LiteRT | {difference:.1e} |

{measured}## How it was made

Trained by `python -m train` on MNIST's training digits, on digits that its own pen draws in styles
that MNIST does not show, and on letters of many alphabets, signs, scribbles and spliced digits as
"no digit". All images are distorted anew in every epoch. The last epochs are trained three times
from the same weights. They also see digits and letters in typefaces like handwriting and letters
in those of many scripts, and in part images degraded by noise, uneven light, blur and lines across.
The result is the mean of the three networks' weights. The digits of 45 of MNIST's 539 writers were
held out for validation and for the temperature ({temperature:.3f}), which is folded into the last
layer. The weights are those of the last epochs: no epoch is picked by its validation error.

Settings: `{settings}`

SHA-256 of the data's arrays:

{hashes}

{strings}{ink}{signs}{notes}## What it is not for

It knows digits and the signs `. , - / : + = %`, and was trained on American hands, on its own pen's
and on typefaces: it must not decide anything on its own where a misread digit does harm. What it is
unsure of, the program shows as doubtful, and what it leaves out it names.
"""

INK_TEXT = """\
## The network for ink

A U-Net of {parameters:,} parameters tells of each pixel of a picture whether it is writing and
whether it is ruling. It was trained by `python -m train ink` on pages that the trainer composes: in
hands that copy MNIST's digits or draw glyphs, on ruled and squared paper, in tables, boxes and
rings, photographed and clean.

Settings: `{settings}`

"""

SIGNS_TEXT = """\
## The network for signs

A CNN of {parameters:,} parameters sees a candidate and the other ink of its row, and tells whether
it is a digit, one of the signs, other writing, or not one whole symbol. It was trained by
`python -m train signs` on rows that the trainer composes and the program cuts into candidates.

Settings: `{settings}`

"""

STRINGS = """\
## The network for digits that touch

Candidates that may hold several digits are read by a second network of {parameters:,} parameters.
It begins with the first one's weights, is slid along a line image 24 pixels high in steps of two,
looks at the neighbouring windows, and was trained with connectionist temporal classification by
`python -m train strings`: on digits of the same sources and, for a part, letters and signs,
composed so that their ink touches. Of {strips:,} such line images of two digits or more by the
held-out writers it reads {right:.1%} right (95 % interval {low:.1%} to {high:.1%}).

Settings: `{settings}`

"""

MEASURED = {
    "suites.md": "On pictures that took no part in training",
    "corrupted.md": "On MNIST's test digits, corrupted",
    "strings.md": "On numbers and pages composed of MNIST's test digits",
}
"""What an evaluation leaves beside the run, and its heading in the card."""

HELD_OUT = "strings-held-out.json"
"""What an evaluation of the network for digits that touch leaves."""

SEEDS = "seeds.json"
"""The test figures of this run and of others by the same recipe."""

NOTES = "notes.md"
"""What people wrote about this run: how it differs from the recipe."""


def write(run: Path) -> None:
    """Write both cards of a run that was trained, exported and measured."""
    facts, seeds = collect(run), _loaded(run / SEEDS, [])
    notes = (run / NOTES).read_text() if (run / NOTES).exists() else ""
    (run / "digits.json").write_text(json.dumps(facts, indent=2) + "\n")
    (run / "model-card.md").write_text(render(facts, measured(run), seeds, notes))


def compare(run: Path, others: Sequence[Path]) -> None:
    """Note in the run how runs of the same recipe with other seeds did on the test digits.

    Raises:
        TrainError: one of the runs was not measured.
    """
    rows = [_seed(each) for each in (run, *others)]
    rows.sort(key=lambda row: row["seed"])
    (run / SEEDS).write_text(json.dumps(rows, indent=2) + "\n")


def collect(run: Path) -> dict[str, Any]:
    """All facts of a run, as `digits.json` holds them."""
    network = keras.saving.load_model(run / DIGITS, compile=False)
    return {
        "name": NAME,
        "parameters": network.count_params(),
        "files": {name: _file(run / name) for name in NETWORKS if (run / name).exists()},
        "test": json.loads((run / "test.json").read_text()),
        "settings": json.loads((run / "settings.json").read_text()),
        **json.loads((run / "temperature.json").read_text()),
        **_of_strings(run),
        **_of_pages(run, "ink"),
        **_of_pages(run, "signs"),
        "data": HASHES,
    }


def measured(run: Path) -> str:
    """What was measured beyond MNIST's test digits, as sections in Markdown."""
    found = [(title, run / name) for name, title in MEASURED.items() if (run / name).exists()]
    return "".join(f"### {title}\n\n{path.read_text().rstrip()}\n\n" for title, path in found)


def render(facts: Facts, measured: str = "", seeds: Sequence[Facts] = (), notes: str = "") -> str:
    """The card for people.

    Args:
        facts: what `collect` gives.
        measured: sections on what else was measured.
        seeds: what `compare` notes.
        notes: how the run differs from the recipe, in Markdown.
    """
    test = facts["test"]
    return TEXT.format(
        **{
            **facts,
            "files": _rows(facts["files"]),
            "settings": json.dumps(facts["settings"]),
            "strings": _about_strings(facts),
            "ink": _about(facts, "ink", INK_TEXT),
            "signs": _about(facts, "signs", SIGNS_TEXT),
        },
        measured=_about_seeds(test, seeds) + measured,
        notes=f"## How this run differs from the recipe\n\n{notes}\n" if notes else "",
        digits=test["digits"],
        accuracy=accuracy(test, seeds),
        error=test["expected_calibration_error"],
        refused=test["refused"],
        coverage=test["coverage_at_0.1%_error"],
        difference=test["keras_litert_difference"],
        hashes="\n".join(f"- `{name}`: `{digest}`" for name, digest in facts["data"].items()),
    )


def accuracy(test: Facts, seeds: Sequence[Facts] = ()) -> str:
    """A run's accuracy in words, beside the mean of the seeds: for the card and for README."""
    low, high = test["accuracy_95"]
    own = f"{test['misread']} misread; 95 % interval {low:.2%} to {high:.2%}"
    beside = f"; mean of {len(seeds)} seeds {mean(seeds):.2%}" if seeds else ""
    return f"{test['accuracy']:.2%} right ({own}){beside}"


def mean(seeds: Sequence[Facts]) -> float:
    """The mean accuracy of the seeds, 0 to 1."""
    return float(np.mean([1 - row["misread"] / row["digits"] for row in seeds]))


def _about_seeds(test: Facts, seeds: Sequence[Facts]) -> str:
    """A section on the seeds, which says so if this run is the best of them."""
    if not seeds:
        return ""
    rows = [
        f"| {row['seed']} | {row['misread']} | {1 - row['misread'] / row['digits']:.2%} |"
        for row in seeds
    ]
    is_best = all(test["misread"] <= row["misread"] for row in seeds)
    chosen = "This run is the best of them by this very figure, so the figure flatters it. "
    return (
        "### The same recipe with other seeds\n\n| seed | misread | accuracy |\n|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\n{chosen if is_best else ''}Expect the mean of the recipe: {mean(seeds):.2%}.\n\n"
    )


def _seed(run: Path) -> dict[str, Any]:
    test, settings = (_loaded(run / name, None) for name in ("test.json", "settings.json"))
    if not test or not settings:
        raise TrainError(f"{run} was not measured. Train it with python -m train --run {run}.")
    return {"seed": settings["seed"], "misread": test["misread"], "digits": test["digits"]}


def _of_strings(run: Path) -> dict[str, Any]:
    """The facts of the network for digits that touch, if the run has one."""
    if not (run / HELD_OUT).exists():
        return {}
    network = keras.saving.load_model(run / LINES, compile=False)
    return {
        "strings": {
            "parameters": network.count_params(),
            "settings": json.loads((run / "strips" / "settings.json").read_text()),
            **json.loads((run / HELD_OUT).read_text()),
        }
    }


def _about_strings(facts: Facts) -> str:
    if "strings" not in facts:
        return ""
    found = facts["strings"]
    low, high = found["right_95"]
    settings = json.dumps(found["settings"])
    return STRINGS.format(**found | {"settings": settings, "low": low, "high": high})


def _of_pages(run: Path, name: str) -> dict[str, Any]:
    """The facts of a network that learned from composed pages or rows, if the run has it."""
    settings, file = run / name / "settings.json", run / f"{name}.keras"
    if not settings.exists() or not file.exists():
        return {}
    network = keras.saving.load_model(file, compile=False)
    facts = {"parameters": network.count_params(), "settings": json.loads(settings.read_text())}
    return {name: facts}


def _about(facts: Facts, name: str, text: str) -> str:
    if name not in facts:
        return ""
    found = facts[name]
    return text.format(**found | {"settings": json.dumps(found["settings"])})


def _loaded(path: Path, default: Any) -> Any:
    return json.loads(path.read_text()) if path.exists() else default


def _file(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _rows(files: dict[str, dict[str, Any]]) -> str:
    return "\n".join(
        f"| `{name}` | {file['bytes']:,} | `{file['sha256']}` |" for name, file in files.items()
    )
