"""The model card: facts for programs (`digits.json`) and for people (`model-card.md`).

After Mitchell et al., "Model cards for model reporting" (FAT* 2019), short as the model is small.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import keras

from train.data import HASHES
from train.export import NETWORKS

TEXT = """\
# Model card: {name}

A small CNN that reads one handwritten digit, 0 to 9, from 28 x 28 grey pixels (0 = ground,
1 = ink) that were normalised the way MNIST's makers did it, and knows what is none.
{parameters:,} parameters; output: probabilities of the ten digits and of "no digit".

| file | bytes | SHA-256 |
|---|---|---|
{files}

## How good it is

Measured at the end of the run, on MNIST's {digits:,} test digits by 297 writers, none of whom it
was trained on.

| figure | value |
|---|---|
| accuracy | {accuracy:.2%} ({misread} misread; 95 % interval {low:.2%} to {high:.2%}) |
| expected calibration error, 15 bins | {error:.2%} |
| answered at 0.1 % error, the surest first | {coverage:.1%} |
| digits refused as none | {refused:.2%} |
| largest difference between Keras and LiteRT | {difference:.1e} |

{measured}## How it was made

Trained by `python -m train` on MNIST's training digits, on digits that its own pen draws in styles
that MNIST lacks, and on letters of many alphabets, signs, scribbles and spliced digits that are
none. All of it is distorted anew in every epoch. The last epochs are gone through several times
from the same start, with digits and letters in typefaces like handwriting and in those of many
scripts, with parts that were cut from strings of training digits, and in part with pictures
spoilt by noise, uneven light, blur and lines across; the weights are the mean of these. The digits
of 45 of MNIST's 539 writers were held out for validation and for the temperature
({temperature:.3f}), which is folded into the last layer. The last epochs are shipped, never the
best.

Settings: `{settings}`

{strings}SHA-256 of the data's arrays:

{hashes}

## What it is not for

It knows digits alone and was trained on American hands and on typefaces: it must not decide
anything on its own where a misread digit does harm. What it is unsure of, the program shows as
doubtful.
"""


STRINGS = """\
## The network for digits that touch

Marks that may hold several digits are read by a second network of {parameters:,} parameters. It
begins as the first one, slid along the mark in steps of two pixels of 24 in its height, looks at
the neighbouring windows, and was trained with connectionist temporal classification by
`python -m train strings`: on digits of the same sources and, for a part, letters and signs, so
composed that their ink touches. Of {strips:,} such strips of two digits or more by the held-out
writers it reads {right:.1%} right (95 % interval {low:.1%} to {high:.1%}).

Settings: `{settings}`

"""

MEASURED = {
    "suites.md": "On pictures that took no part in training",
    "corrupted.md": "On MNIST's test digits, corrupted",
    "strings.md": "On numbers and pages composed of MNIST's test digits",
}
"""What an evaluation leaves beside the run, and its heading in the card."""


HELD_OUT = "strings-held-out.json"
"""What a training of the network for digits that touch leaves."""


def write(run: Path) -> None:
    """Write both cards of a run that was trained, exported and measured."""
    facts = collect(run)
    (run / "digits.json").write_text(json.dumps(facts, indent=2) + "\n")
    (run / "model-card.md").write_text(render(facts, measured(run)))


def collect(run: Path) -> dict[str, Any]:
    """All facts of a run, as `digits.json` holds them."""
    network = keras.saving.load_model(run / "digits.keras", compile=False)
    return {
        "name": "digits-1",
        "parameters": network.count_params(),
        "files": {name: _file(run / name) for name in NETWORKS if (run / name).exists()},
        "test": json.loads((run / "test.json").read_text()),
        "settings": json.loads((run / "settings.json").read_text()),
        **json.loads((run / "temperature.json").read_text()),
        **_of_strings(run),
        "data": HASHES,
    }


def measured(run: Path) -> str:
    """What was measured beyond MNIST's test digits, as sections in Markdown."""
    found = [(title, run / name) for name, title in MEASURED.items() if (run / name).exists()]
    return "".join(f"### {title}\n\n{path.read_text().rstrip()}\n\n" for title, path in found)


def render(facts: dict[str, Any], measured: str = "") -> str:
    """The card for people, with what else was measured."""
    test = facts["test"]
    return TEXT.format(
        **facts
        | {
            "files": _rows(facts["files"]),
            "settings": json.dumps(facts["settings"]),
            "strings": _about_strings(facts),
        },
        measured=measured,
        digits=test["digits"],
        misread=test["misread"],
        accuracy=test["accuracy"],
        low=test["accuracy_95"][0],
        high=test["accuracy_95"][1],
        error=test["expected_calibration_error"],
        refused=test["refused"],
        coverage=test["coverage_at_0.1%_error"],
        difference=test["keras_litert_difference"],
        hashes="\n".join(f"- `{name}`: `{digest}`" for name, digest in facts["data"].items()),
    )


def _of_strings(run: Path) -> dict[str, Any]:
    """The facts of the network for digits that touch, where the run has one."""
    if not (run / HELD_OUT).exists():
        return {}
    network = keras.saving.load_model(run / "strings.keras", compile=False)
    return {
        "strings": {
            "parameters": network.count_params(),
            "settings": json.loads((run / "strips" / "settings.json").read_text()),
            **json.loads((run / HELD_OUT).read_text()),
        }
    }


def _about_strings(facts: dict[str, Any]) -> str:
    if "strings" not in facts:
        return ""
    found = facts["strings"]
    low, high = found["right_95"]
    settings = json.dumps(found["settings"])
    return STRINGS.format(**found | {"settings": settings, "low": low, "high": high})


def _file(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _rows(files: dict[str, dict[str, Any]]) -> str:
    return "\n".join(
        f"| `{name}` | {file['bytes']:,} | `{file['sha256']}` |" for name, file in files.items()
    )
