"""The model card tells the facts, and the shipped one is what the facts give."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import train
from digitapp.paths import asset
from train import TrainError
from train.evaluation import model_card

SHIPPED = Path(train.__file__).parent / "shipped"

FACTS: dict[str, Any] = {
    "name": "digits-1",
    "parameters": 300_000,
    "files": {"digits.tflite": {"bytes": 1_200_000, "sha256": "ab12"}},
    "test": {
        "digits": 10,
        "misread": 0,
        "accuracy": 1.0,
        "accuracy_95": [0.7225, 1.0],
        "expected_calibration_error": 0.055,
        "coverage_at_0.1%_error": 1.0,
        "refused": 0.0,
        "keras_litert_difference": 2e-7,
    },
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
        "100.00% right (0 misread",
        '"epochs": 2',
    ],
)
def test_the_card_tells_the_facts(words: str) -> None:
    text = model_card.render(FACTS)
    assert words in text
    assert "{" not in text.replace(json.dumps(FACTS["settings"]), "")


def test_the_card_tells_of_the_network_for_strings_if_there_is_one() -> None:
    strings = {
        "parameters": 450_000,
        "strips": 1_500,
        "right": 0.912,
        "right_95": [0.897, 0.925],
        "settings": {"seed": 3, "epochs": 48},
    }
    assert "touch" not in model_card.render(FACTS)
    text = model_card.render(FACTS | {"strings": strings})
    for words in ("450,000", "1,500", "91.2% right", "89.7% to 92.5%", '"epochs": 48'):
        assert words in text


def test_the_card_holds_what_else_was_measured(tmp_path: Path) -> None:
    assert model_card.measured(tmp_path) == ""
    (tmp_path / "corrupted.md").write_text("| kind | error |\n")
    (tmp_path / "suites.md").write_text("| suite | right |\n")
    text = model_card.render(FACTS, model_card.measured(tmp_path))
    assert text.index("| suite | right |") < text.index("| kind | error |")
    assert text.index("| kind | error |") < text.index("## How it was made")


def seeds(*misread: int) -> list[dict[str, int]]:
    return [{"seed": i, "misread": count, "digits": 10} for i, count in enumerate(misread, 1)]


def test_the_mean_of_the_seeds_stands_beside_the_runs_own() -> None:
    assert "mean" not in model_card.accuracy(FACTS["test"])
    assert model_card.accuracy(FACTS["test"], seeds(2, 1, 0)) == (
        "100.00% right (0 misread; 95 % interval 72.25% to 100.00%); mean of 3 seeds 90.00%"
    )


def test_the_best_of_the_seeds_is_called_so() -> None:
    best = model_card.render(FACTS, seeds=seeds(2, 1, 0))
    assert "| 1 | 2 | 80.00% |" in best
    assert "the best of them" in best and "Expect the mean of the recipe: 90.00%" in best
    other = FACTS | {"test": FACTS["test"] | {"misread": 1, "accuracy": 0.9}}
    assert "the best of them" not in model_card.render(other, seeds=seeds(2, 1, 0))


def measured_run(folder: Path, seed: int, misread: int) -> Path:
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"seed": seed}))
    (folder / "test.json").write_text(json.dumps({"misread": misread, "digits": 10}))
    return folder


def test_runs_with_other_seeds_are_compared(tmp_path: Path) -> None:
    run, other = measured_run(tmp_path / "b", 2, 1), measured_run(tmp_path / "a", 1, 2)
    model_card.compare(run, [other])
    assert json.loads((run / "seeds.json").read_text()) == seeds(2, 1)
    with pytest.raises(TrainError, match="was not measured"):
        model_card.compare(run, [tmp_path])


# --- the shipped one


def shipped_seeds() -> list[dict[str, int]]:
    found: list[dict[str, int]] = json.loads((SHIPPED / model_card.SEEDS).read_text())
    return found


def test_the_shipped_card_is_what_its_facts_give() -> None:
    """Its tables of suites are taken from itself: only a measurement gives them."""
    text = asset("model-card.md").read_text()
    first = f"### {next(iter(model_card.MEASURED.values()))}"
    measured = text[text.index(first) : text.index("## How it was made")]
    assert all(f"### {title}\n" in measured for title in model_card.MEASURED.values())
    facts = json.loads(asset("digits.json").read_text())
    notes = (SHIPPED / model_card.NOTES).read_text()
    assert model_card.render(facts, measured, shipped_seeds(), notes) == text


def test_the_shipped_run_is_one_of_the_seeds() -> None:
    facts = json.loads(asset("digits.json").read_text())
    [own] = [row for row in shipped_seeds() if row["seed"] == facts["settings"]["seed"]]
    assert (own["misread"], own["digits"]) == (facts["test"]["misread"], facts["test"]["digits"])
    assert len(shipped_seeds()) == 3
    assert f"{model_card.mean(shipped_seeds()):.2%}" == "99.62%"


def test_the_trainers_readme_gives_every_seed() -> None:
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d)(?:, shipped)? \| (\d+)[ |]", readme, re.MULTILINE)
    assert rows == [(str(row["seed"]), str(row["misread"])) for row in shipped_seeds()]
    assert f"| {model_card.mean(shipped_seeds()):.2%} |".replace("%", " %") in readme


def test_readme_gives_the_mean_beside_the_shipped_ones() -> None:
    readme = Path(train.__file__).parents[1] / "README.md"
    facts = json.loads(asset("digits.json").read_text())
    words = model_card.accuracy(facts["test"], shipped_seeds())
    assert f"| {words} |" in readme.read_text(encoding="utf-8")
