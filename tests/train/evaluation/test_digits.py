"""The figures of a run, on cases whose answer is known; the pictures and the card."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from train import card, plots
from train.evaluate import Result, wilson


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (95, 100, 0.8883, 0.9785),
    ],
)
def test_wilsons_interval(right: int, count: int, low: float, high: float) -> None:
    found = wilson(right, count)
    assert found == pytest.approx((low, high), abs=1e-4)
    for bound in found:  # its definition: the share is z standard errors from each bound
        error = math.sqrt(max(bound * (1 - bound), 0) / count)
        assert abs(right / count - bound) == pytest.approx(1.96 * error, abs=1e-6)


def result(confidence: list[float], right: list[bool], no_digit: float = 0.0) -> Result:
    """Marks that are all 3; where not right, 5 is said."""
    outputs = np.zeros((len(right), 11), dtype=np.float32)
    for row, (share, is_right) in enumerate(zip(confidence, right, strict=True)):
        outputs[row, :10] = (1 - share) / 9 * (1 - no_digit)
        outputs[row, 3 if is_right else 5] = share * (1 - no_digit)
        outputs[row, 10] = no_digit
    return Result(outputs, np.full(len(right), 3))


SURER = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.9]


@pytest.mark.parametrize(
    ("wrong", "error", "coverage"),
    [
        ([], 0.0, 1.0),
        ([9], 0.0, 0.9),
        ([9], 0.1, 1.0),
        ([5], 0.0, 0.5),
        ([5], 0.125, 1.0),
        ([0], 0.0, 0.0),
        ([0], 0.2, 1.0),
        ([0, 9], 0.1, 0.0),
        ([0, 9], 0.12, 0.9),
    ],
)
def test_coverage_at_an_error(wrong: list[int], error: float, coverage: float) -> None:
    right = [place not in wrong for place in range(10)]
    order = np.random.default_rng(1).permutation(10)
    shuffled = result([SURER[i] for i in order], [right[i] for i in order])
    assert shuffled.coverage(error) == pytest.approx(coverage)


@pytest.mark.parametrize("no_digit", [0.0, 0.3, 0.9])
def test_the_digits_are_judged_as_digits(no_digit: float) -> None:
    found = result([0.9, 0.8, 0.7], [True, False, True], no_digit)
    assert found.said.tolist() == [3, 5, 3]
    assert found.wrong.tolist() == [1]
    assert np.allclose(found.probabilities.max(axis=1), [0.9, 0.8, 0.7])
    assert found.refused == (1.0 if no_digit == 0.9 else 0.0)


def test_the_summary_is_json() -> None:
    facts = result(SURER, [True] * 9 + [False]).summary()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert (facts["digits"], facts["misread"]) == (10, 1)
    assert facts["accuracy"] == pytest.approx(0.9)
    assert facts["coverage_at_0.1%_error"] == 0.9


FACTS = {
    "name": "digits-1",
    "parameters": 300_000,
    "files": {"digits.tflite": {"bytes": 1_200_000, "sha256": "ab12"}},
    "test": result(SURER, [True] * 10).summary() | {"keras_litert_difference": 2e-7},
    "settings": {"seed": 1, "epochs": 2},
    "temperature": 1.25,
    "data": {"x_train": "cd34"},
}


@pytest.mark.parametrize(
    "words",
    [
        "# Model card: digits-1",
        "300,000",
        "1,200,000",
        "`ab12`",
        "`cd34`",
        "1.250",
        "2.0e-07",
        "100.00% (0 misread",
        '"epochs": 2',
    ],
)
def test_the_card_tells_the_facts(words: str) -> None:
    text = card.render(FACTS)
    assert words in text
    assert "{" not in text.replace(json.dumps(FACTS["settings"]), "")


def test_the_card_tells_of_the_network_for_strings_where_there_is_one() -> None:
    strings = {
        "parameters": 450_000,
        "strips": 1_500,
        "right": 0.912,
        "right_95": [0.897, 0.925],
        "settings": {"seed": 3, "epochs": 48},
    }
    assert "touch" not in card.render(FACTS)
    text = card.render(FACTS | {"strings": strings})
    for words in ("450,000", "1,500", "91.2% right", "89.7% to 92.5%", '"epochs": 48'):
        assert words in text


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


def test_the_learning_curve_bears_a_perfect_epoch(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("epoch,accuracy,val_accuracy\n0,0.5,0.75\n1,0.9,1.0\n2,1.0,1.0\n")
    plots.curves([history], tmp_path / "curves.png")
    assert min(size(tmp_path / "curves.png")) > 200


def test_the_confusions(tmp_path: Path) -> None:
    labels = np.arange(100) % 10
    plots.confusion(labels, np.roll(labels, 1), tmp_path / "confusion.png")
    assert min(size(tmp_path / "confusion.png")) > 200


@pytest.mark.parametrize("count", [0, 1, 10, 25])
def test_the_sheet_of_misread_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(plots, "MOST", 20)
    images: NDArray[np.float32] = np.zeros((count + 3, 28, 28, 1), dtype=np.float32)
    labels = np.zeros(count + 3, dtype=np.int64)
    plots.misread(images, labels, labels + 1, np.arange(count), tmp_path / "misread.png")
    _, height = size(tmp_path / "misread.png")
    assert 50 < height < 500


def test_the_card_holds_what_else_was_measured(tmp_path: Path) -> None:
    assert card.measured(tmp_path) == ""
    (tmp_path / "corrupted.md").write_text("| kind | error |\n")
    (tmp_path / "suites.md").write_text("| suite | right |\n")
    text = card.render(FACTS, card.measured(tmp_path))
    assert text.index("| suite | right |") < text.index("| kind | error |")
    assert text.index("| kind | error |") < text.index("## How it was made")
