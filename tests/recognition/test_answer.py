"""The one form of an answer that every entry point gives."""

import base64
import dataclasses
import json
from typing import Any

import pytest

from digitapp.recognition.answer import Answer, Number, Symbol
from digitapp.vision.types import Box, LeftOut

PIXELS = bytes(range(256)) * 3 + bytes(16)


def symbol(text: str, row: int = 0, number: int = 0, **changes: Any) -> Symbol:
    """A symbol that is read for sure."""
    fields: dict[str, Any] = {
        "text": text,
        "confidence": 0.9,
        "doubtful": False,
        "alternatives": ((text, 0.9),),
        "probabilities": None,
        "box": Box(3, 4, 20, 30),
        "row": row,
        "number": number,
        "pixels": PIXELS,
    }
    return Symbol(**fields | changes)


def answer(*symbols: Symbol, left_out: tuple[LeftOut, ...] = (), turned: int = 0) -> Answer:
    model = "digits-2 sha256:ab12"
    return Answer(symbols, left_out, False, turned, 640, 480, model, 3.14159)


def test_the_form_of_an_answer_is_pinned() -> None:
    probabilities = (0.00004, 0.0005, *[0.0] * 5, 0.99941, 0.00005, 0.0)
    seven = symbol(
        "7",
        confidence=0.99941,
        alternatives=(("7", 0.99941), ("1", 0.0005)),
        probabilities=probabilities,
    )
    line = LeftOut(Box(0, 90, 640, 2), "ruling")
    assert answer(seven, left_out=(line,), turned=90).to_json() == {
        "text": "7",
        "doubt": False,
        "symbols": [
            {
                "text": "7",
                "confidence": 0.9994,
                "doubtful": False,
                "alternatives": [
                    {"text": "7", "probability": 0.9994},
                    {"text": "1", "probability": 0.0005},
                ],
                "probabilities": [0.0, 0.0005, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9994, 0.0001, 0.0],
                "box": [3, 4, 20, 30],
                "row": 0,
                "number": 0,
            }
        ],
        "numbers": [{"text": "7", "box": [3, 4, 20, 30], "row": 0, "doubt": False}],
        "left_out": [{"box": [0, 90, 640, 2], "why": "ruling"}],
        "turned": 90,
        "width": 640,
        "height": 480,
        "model": "digits-2 sha256:ab12",
        "elapsed_ms": 3.14,
    }


def test_the_order_of_the_keys_is_pinned() -> None:
    body = answer(symbol("1", probabilities=(0.1,) * 10)).to_json(with_input=True)
    assert list(body) == [
        *("text", "doubt", "symbols", "numbers", "left_out"),
        *("turned", "width", "height", "model", "elapsed_ms"),
    ]
    assert list(body["symbols"][0]) == [
        *("text", "confidence", "doubtful", "alternatives", "probabilities"),
        *("box", "row", "number", "input"),
    ]


def test_input_is_what_the_network_saw() -> None:
    body = answer(symbol("1"), symbol("2", 1, 1)).to_json(with_input=True)
    for part in body["symbols"]:
        assert base64.b64decode(part["input"], validate=True) == PIXELS
        assert len(base64.b64decode(part["input"])) == 784


def test_input_is_left_out_unless_asked_for() -> None:
    assert "input" not in answer(symbol("1")).to_json()["symbols"][0]


def test_a_sign_has_no_probabilities_of_digits() -> None:
    assert "probabilities" not in answer(symbol("/")).to_json()["symbols"][0]


def test_nothing_read_is_an_empty_text_and_no_symbols() -> None:
    body = answer().to_json()
    assert (body["text"], body["symbols"], body["numbers"]) == ("", [], [])


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([["7"]], "7"),
        ([["2024"]], "2024"),
        ([["12"], ["3"]], "12\n3"),
        ([["3.14", "-5"], ["12:30"]], "3.14 -5\n12:30"),
        ([["4?", "1"]], "4? 1"),
    ],
)
def test_text_is_numbers_in_rows(rows: list[list[str]], text: str) -> None:
    numbers = [(row, number) for row, texts in enumerate(rows) for number in texts]
    symbols = [
        symbol(each, row, place) for place, (row, number) in enumerate(numbers) for each in number
    ]
    read = answer(*symbols)
    assert read.text == text
    assert [number.text for number in read.numbers] == [number for _, number in numbers]
    assert [number.row for number in read.numbers] == [row for row, _ in numbers]


def test_a_number_has_its_box_and_its_doubt() -> None:
    first, second = symbol("1", box=Box(5, 9, 10, 20)), symbol("2", box=Box(20, 4, 8, 30))
    doubtful = symbol("3", 0, 1, doubtful=True)
    found = answer(first, second, doubtful, symbol("?", 1, 2)).numbers
    assert found[0] == Number("12", Box(5, 4, 23, 30), 0, False)
    assert [number.doubt for number in found] == [False, True, True]


def test_an_answer_survives_json_as_it_is() -> None:
    body = answer(symbol("3"), symbol("9", doubtful=True)).to_json(with_input=True)
    assert json.loads(json.dumps(body, allow_nan=False)) == body


@pytest.mark.parametrize("value", [symbol("1"), answer(), answer(symbol("1")).numbers[0]])
def test_an_answer_does_not_change(value: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)
