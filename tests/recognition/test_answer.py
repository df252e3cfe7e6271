"""The one form of an answer that every entry point gives."""

import base64
import dataclasses
import json
from typing import Any

import pytest

from digitapp.recognition.answer import Answer, Digit
from digitapp.vision.types import Box

PIXELS = bytes(range(256)) * 3 + bytes(16)


def digit(best: int, share: float = 0.9, **changes: Any) -> Digit:
    """A digit read with `share`, the rest evenly on the others."""
    probabilities = [(1 - share) / 9] * 10
    probabilities[best] = share
    fields: dict[str, Any] = {
        "probabilities": tuple(probabilities),
        "box": Box(3, 4, 20, 30),
        "pixels": PIXELS,
        "accepted": True,
        "doubtful": False,
    }
    return Digit(**fields | changes)


def answer(*rows: list[Digit]) -> Answer:
    return Answer(tuple(map(tuple, rows)), 640, 480, "digits-1 sha256:ab12", 3.14159)


def test_the_form_of_an_answer_is_pinned() -> None:
    seven = digit(7, probabilities=(0.00004, 0.0005, *[0.0] * 5, 0.99941, 0.00005, 0.0))
    assert answer([seven]).to_json() == {
        "text": "7",
        "digits": [
            {
                "digit": 7,
                "confidence": 0.9994,
                "probabilities": [0.0, 0.0005, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9994, 0.0001, 0.0],
                "box": [3, 4, 20, 30],
                "accepted": True,
                "doubtful": False,
                "runner_up": 1,
            }
        ],
        "width": 640,
        "height": 480,
        "model": "digits-1 sha256:ab12",
        "elapsed_ms": 3.14,
    }


def test_the_order_of_the_keys_is_pinned() -> None:
    body = answer([digit(1)]).to_json(with_input=True)
    assert list(body) == ["text", "digits", "width", "height", "model", "elapsed_ms"]
    assert list(body["digits"][0]) == [
        "digit",
        "confidence",
        "probabilities",
        "box",
        "accepted",
        "doubtful",
        "runner_up",
        "input",
    ]


def test_input_is_what_the_network_saw() -> None:
    body = answer([digit(1)], [digit(2)]).to_json(with_input=True)
    for part in body["digits"]:
        assert base64.b64decode(part["input"], validate=True) == PIXELS
        assert len(base64.b64decode(part["input"])) == 784


def test_input_is_left_out_unless_asked_for() -> None:
    assert "input" not in answer([digit(1)]).to_json()["digits"][0]


def test_nothing_read_is_an_empty_text_and_no_digits() -> None:
    body = answer().to_json()
    assert (body["text"], body["digits"]) == ("", [])


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([[7]], "7"),
        ([[2, 0, 2, 4]], "2024"),
        ([[1, 2], [3]], "12\n3"),
        ([[0], [0], [0]], "0\n0\n0"),
    ],
)
def test_text_is_the_digits_in_rows(rows: list[list[int]], text: str) -> None:
    read = answer(*[[digit(number) for number in row] for row in rows])
    assert read.text == text
    assert [one.ranking[0] for one in read.digits] == [number for row in rows for number in row]


def test_a_candidate_that_is_no_digit_is_a_question_mark_and_keeps_its_best_guess() -> None:
    body = answer([digit(4), digit(8, accepted=False)], [digit(5)]).to_json()
    assert body["text"] == "4?\n5"
    assert [part["digit"] for part in body["digits"]] == [4, 8, 5]
    assert [part["accepted"] for part in body["digits"]] == [True, False, True]


def test_an_answer_survives_json_as_it_is() -> None:
    body = answer([digit(3), digit(9, doubtful=True)]).to_json(with_input=True)
    assert json.loads(json.dumps(body, allow_nan=False)) == body


def test_ranking_holds_all_ten_and_puts_the_smaller_digit_first_at_a_tie() -> None:
    tied = digit(0, probabilities=(0.1, 0.2, 0.0, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0))
    assert tied.ranking == [1, 3, 0, 4, 5, 6, 7, 8, 2, 9]


@pytest.mark.parametrize("value", [digit(1), answer()])
def test_an_answer_does_not_change(value: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)
