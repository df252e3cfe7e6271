"""The forms in `openapi.json` are the program's, and strict enough that a change is found."""

import copy

import pytest
from jsonschema import Draft202012Validator

from digitapp.errors import NotFound
from digitapp.recognition.answer import Answer, Symbol
from digitapp.vision.types import Box, LeftOut
from tests.web.described import DOCUMENT, Object, operation, violations

SCHEMAS = DOCUMENT["components"]["schemas"]

OPTIONAL = {
    "Answer": {"stages"},
    "Symbol": {"probabilities", "input"},
    "Model": {"parameters", "test"},
}
"""The keys of each form that an answer may lack."""

OPEN = {"Model", "OpenAPI"}
"""Forms that may hold further keys: the model's card and OpenAPI's own."""

BOX, PIXELS = Box(3, 4, 5, 6), bytes(784)

TEN = (0.91,) + (0.01,) * 9

DIGIT = Symbol("0", 0.91, False, (("0", 0.91), ("1", 0.01)), TEN, BOX, 0, 0, PIXELS)

SIGN = Symbol("/", 0.6, True, (("/", 0.6), ("1", 0.4)), None, BOX, 0, 0, PIXELS)

NEXT = Symbol("?", 0.9, False, (("0", 0.0),), (0.1,) * 10, BOX, 1, 1, PIXELS)

LEFT_OUT = tuple(
    LeftOut(Box(0, 0, 9, 9), why) for why in ("ruling", "speck", "beyond-limit", "picture")
)


def answer(*symbols: Symbol) -> Object:
    model = "digits-2 sha256:ab12"
    made = Answer(symbols, LEFT_OUT, True, 90, 640, 480, model, 3.14159)
    return made.to_json(with_input=True)


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
    body = answer(DIGIT)
    assert list(SCHEMAS["Answer"]["properties"]) == [*body, "stages"]
    for name, key in (("Symbol", "symbols"), ("Number", "numbers"), ("LeftOut", "left_out")):
        assert list(SCHEMAS[name]["properties"]) == list(body[key][0])


@pytest.mark.parametrize("body", [answer(), answer(DIGIT), answer(DIGIT, SIGN, NEXT)])
def test_an_answer_keeps_its_form(body: Object) -> None:
    assert wrong("Answer", body) == []


def test_the_example_keeps_the_form() -> None:
    responses = operation(DOCUMENT, "POST", "/api/recognize")["responses"]
    example = responses["200"]["content"]["application/json"]["example"]
    assert wrong("Answer", example) == []
    [_, digit] = example["symbols"]
    assert sum(digit["probabilities"]) == pytest.approx(1)
    assert digit["confidence"] == max(digit["probabilities"])


@pytest.mark.parametrize("key", answer(DIGIT))
def test_a_missing_key_is_found(key: str) -> None:
    body = answer(DIGIT)
    del body[key]
    assert wrong("Answer", body)


CHANGES: Object = {
    "more": 1,
    "text": "seven",
    "doubt": "no",
    "symbols": None,
    "numbers": [{}],
    "left_out": [{"box": [0, 0, 1, 1], "why": "unknown"}],
    "turned": 45,
    "width": 0,
    "height": 1.5,
    "model": "",
    "elapsed_ms": "3",
    "stages": {"grey": "aaaa"},
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_changed_answer_is_found(key: str) -> None:
    assert wrong("Answer", {**answer(DIGIT), key: CHANGES[key]})


SYMBOL_CHANGES: Object = {
    "more": 1,
    "text": "10",
    "confidence": 1.01,
    "probabilities": [0.1] * 9,
    "box": [1, 2, 3],
    "doubtful": "no",
    "alternatives": [{"text": "x", "probability": 0.5}],
    "row": -1,
    "number": 0.5,
    "input": "AAAA",
}


@pytest.mark.parametrize("key", SYMBOL_CHANGES)
def test_a_changed_symbol_is_found(key: str) -> None:
    body = copy.deepcopy(answer(DIGIT))
    body["symbols"][0][key] = SYMBOL_CHANGES[key]
    assert wrong("Answer", body)


def test_an_error_has_one_form_and_known_codes() -> None:
    assert wrong("Error", NotFound().to_json()) == []
    assert wrong("Error", {"error": {"code": "new", "message": "A new one."}})
    assert wrong("Error", {**NotFound().to_json(), "more": 1})
    assert wrong("Error", {"error": {**NotFound().to_json()["error"], "more": 1}})
    assert wrong("Error", {"error": {"code": "not-found", "message": ""}})
