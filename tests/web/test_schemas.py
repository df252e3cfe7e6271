"""The forms in `openapi.json` are the program's, and strict enough that a change is found."""

import copy

import pytest
from jsonschema import Draft202012Validator

from digitapp.errors import NotFound
from digitapp.recognition.answer import Answer, Digit
from digitapp.vision.types import Box
from tests.web.described import DOCUMENT, Object, operation, violations

SCHEMAS = DOCUMENT["components"]["schemas"]

OPTIONAL = {"Answer": {"stages"}, "Digit": {"input"}, "Model": {"parameters", "test"}}
"""The keys of each form that an answer may lack."""

OPEN = {"Model", "OpenAPI"}
"""Forms that may hold further keys: the model's card and OpenAPI's own."""

DIGIT = Digit((0.91,) + (0.01,) * 9, Box(3, 4, 5, 6), bytes(784), accepted=True, doubtful=False)


def answer(*rows: tuple[Digit, ...]) -> Object:
    return Answer(rows, 640, 480, "digits-1 sha256:ab12", 3.14159).to_json(with_input=True)


def wrong(name: str, body: object) -> list[str]:
    return violations(DOCUMENT, {"$ref": f"#/components/schemas/{name}"}, body)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_form_is_valid_itself(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", [name for name in SCHEMAS if "properties" in SCHEMAS[name]])
def test_every_form_says_which_keys_there_are(name: str) -> None:
    schema = SCHEMAS[name]
    assert set(schema["required"]) == set(schema["properties"]) - OPTIONAL.get(name, set())
    assert schema.get("additionalProperties", True) is (name in OPEN)


def test_the_answers_fields_are_the_programs_in_its_order() -> None:
    body = answer((DIGIT,))
    assert list(SCHEMAS["Answer"]["properties"]) == [*body, "stages"]
    assert list(SCHEMAS["Digit"]["properties"]) == list(body["digits"][0])


@pytest.mark.parametrize("body", [answer(), answer((DIGIT,)), answer((DIGIT, DIGIT), (DIGIT,))])
def test_an_answer_keeps_its_form(body: Object) -> None:
    assert wrong("Answer", body) == []


def test_the_example_keeps_the_form() -> None:
    responses = operation(DOCUMENT, "POST", "/api/recognize")["responses"]
    example = responses["200"]["content"]["application/json"]["example"]
    assert wrong("Answer", example) == []
    [digit] = example["digits"]
    assert sum(digit["probabilities"]) == pytest.approx(1)
    assert digit["confidence"] == max(digit["probabilities"])


@pytest.mark.parametrize("key", answer((DIGIT,)))
def test_a_missing_key_is_found(key: str) -> None:
    body = answer((DIGIT,))
    del body[key]
    assert wrong("Answer", body)


CHANGES: Object = {
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
    assert wrong("Answer", {**answer((DIGIT,)), key: CHANGES[key]})


DIGIT_CHANGES: Object = {
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
    assert wrong("Answer", body)


def test_an_error_has_one_form_and_known_codes() -> None:
    assert wrong("Error", NotFound().to_json()) == []
    assert wrong("Error", {"error": {"code": "new", "message": "A new one."}})
    assert wrong("Error", {**NotFound().to_json(), "more": 1})
    assert wrong("Error", {"error": {**NotFound().to_json()["error"], "more": 1}})
    assert wrong("Error", {"error": {"code": "not-found", "message": ""}})
