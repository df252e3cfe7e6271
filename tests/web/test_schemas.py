"""The forms are strict enough to find a change, and the README tells the same."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from digitapp.errors import Busy, NotFound
from digitapp.recognition.answer import Answer, Digit
from digitapp.vision.types import Box
from digitapp.web.routes import EXAMPLE
from digitapp.web.schemas import SCHEMAS, error
from tests.web.described import violations

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
DOCUMENT = {"components": {"schemas": SCHEMAS}}
ANSWER = {"$ref": "#/components/schemas/Answer"}

DIGIT = Digit((0.91,) + (0.01,) * 9, Box(3, 4, 5, 6), bytes(784), accepted=True, doubtful=False)


def answer(*rows: tuple[Digit, ...]) -> dict[str, Any]:
    return Answer(rows, 640, 480, "digits-1 sha256:ab12", 3.14159).to_json(with_input=True)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_form_is_valid_itself(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("body", [answer(), answer((DIGIT,)), answer((DIGIT, DIGIT), (DIGIT,))])
def test_an_answer_keeps_its_form(body: dict[str, Any]) -> None:
    assert violations(DOCUMENT, ANSWER, body) == []


def test_the_example_keeps_the_form() -> None:
    assert violations(DOCUMENT, ANSWER, EXAMPLE) == []
    [digit] = EXAMPLE["digits"]
    assert sum(digit["probabilities"]) == pytest.approx(1)
    assert digit["confidence"] == max(digit["probabilities"])


@pytest.mark.parametrize("key", [key for key in answer((DIGIT,)) if key != "stages"])
def test_a_missing_key_is_found(key: str) -> None:
    body = answer((DIGIT,))
    del body[key]
    assert violations(DOCUMENT, ANSWER, body)


CHANGES: dict[str, Any] = {
    "more": 1,
    "text": "seven",
    "digits": None,
    "width": 0,
    "height": 1.5,
    "model": "",
    "elapsed_ms": "3",
    "stages": {"grey": "aaaa"},
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_changed_answer_is_found(key: str) -> None:
    assert violations(DOCUMENT, ANSWER, {**answer((DIGIT,)), key: CHANGES[key]})


DIGIT_CHANGES: dict[str, Any] = {
    "more": 1,
    "digit": 10,
    "confidence": 1.01,
    "probabilities": [0.1] * 9,
    "box": [1, 2, 3],
    "accepted": 1,
    "doubtful": "no",
    "runner_up": -1,
    "input": "AAAA",
}


@pytest.mark.parametrize("key", DIGIT_CHANGES)
def test_a_changed_digit_is_found(key: str) -> None:
    body = copy.deepcopy(answer((DIGIT,)))
    body["digits"][0][key] = DIGIT_CHANGES[key]
    assert violations(DOCUMENT, ANSWER, body)


@pytest.mark.parametrize("name", ["Answer", "Digit"])
def test_the_readme_tells_every_key(name: str) -> None:
    told = " ".join(re.findall(r"^\| (`[^|]+) \|", README, re.MULTILINE))
    for key in SCHEMAS[name]["properties"]:
        assert f"`{key}`" in told


def test_an_error_has_one_form_and_known_codes() -> None:

    schema = error([NotFound])
    assert violations(DOCUMENT, schema, NotFound().to_json()) == []
    assert violations(DOCUMENT, schema, Busy().to_json())
    assert violations(DOCUMENT, schema, {**NotFound().to_json(), "more": 1})
    assert violations(DOCUMENT, schema, {"error": {"code": "not-found", "message": ""}})
