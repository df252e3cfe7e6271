"""What the program answers: symbols, numbers, what was left out, and how it all came about.

They hold no logic but their own JSON, whose form is the program's contract with other programs
(`web/openapi.json` describes it).
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from digitapp.vision.types import Box, Candidate, Grey, Ink, LeftOut, Scan

MAY_BE_WRITING = {"beyond-limit", "picture"}
"""Ink that was left out for these reasons needs a look."""

SHOWN = 0.001
"""A less probable alternative is not told."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A digit, a sign, or `?` for what is neither.

    `alternatives` are what it may be with their probabilities, the most probable first;
    `probabilities` are ten calibrated numbers that sum to 1, of a digit's candidate; `box` is in
    pixels of the upright picture; `row` and `number` count from 0 through the picture; `pixels`
    are the 784 bytes (28 rows of 28, 0 = background, 255 = ink) that the network saw, or what was
    cut out for the digit.
    """

    text: str
    confidence: float
    doubtful: bool
    alternatives: tuple[tuple[str, float], ...]
    probabilities: tuple[float, ...] | None
    box: Box
    row: int
    number: int
    pixels: bytes

    @property
    def needs_a_look(self) -> bool:
        """Whether it is not read, or not for sure."""
        return self.doubtful or self.text == "?"

    def to_json(self, with_input: bool) -> dict[str, Any]:
        """The symbol's part of the answer; `input` is there when it is asked for."""
        body: dict[str, Any] = {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "doubtful": self.doubtful,
            "alternatives": [
                {"text": text, "probability": round(probability, 4)}
                for text, probability in self.alternatives
            ],
        }
        if self.probabilities:
            body["probabilities"] = [round(p, 4) for p in self.probabilities]
        body |= {"box": _corners(self.box), "row": self.row, "number": self.number}
        if with_input:
            body["input"] = base64.b64encode(self.pixels).decode("ascii")
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Symbol":
        """The symbol that has that part of an answer; without `input` it has no pixels."""
        digits = body.get("probabilities")
        return cls(
            body["text"],
            body["confidence"],
            body["doubtful"],
            tuple((each["text"], each["probability"]) for each in body["alternatives"]),
            tuple(digits) if digits else None,
            Box(*body["box"]),
            body["row"],
            body["number"],
            base64.b64decode(body.get("input", "")),
        )


@dataclass(frozen=True, slots=True)
class Number:
    """Symbols of a row that stand together; `doubt` is true if one of them needs a look."""

    text: str
    box: Box
    row: int
    doubt: bool

    def to_json(self) -> dict[str, Any]:
        """The number's part of the answer."""
        box = _corners(self.box)
        return {"text": self.text, "box": box, "row": self.row, "doubt": self.doubt}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a picture says: its symbols in reading order.

    `left_out` is what was seen and not read. `turned` says by how many degrees, clockwise, the
    picture was turned to be read; all boxes, `width` and `height`, in pixels, are those of the
    turned picture. `elapsed_ms` is from bytes to answer.
    """

    symbols: tuple[Symbol, ...]
    left_out: tuple[LeftOut, ...]
    doubt: bool
    turned: int
    width: int
    height: int
    model: str
    elapsed_ms: float

    @property
    def numbers(self) -> list[Number]:
        """The numbers in reading order."""
        groups = groupby(self.symbols, key=lambda symbol: symbol.number)
        return [_number(list(group)) for _, group in groups]

    @property
    def text(self) -> str:
        """Rows split by a newline, numbers of a row by a space; empty: there is nothing to read."""
        return _text(self.numbers)

    def to_json(self, with_input: bool = False) -> dict[str, Any]:
        """The answer as every entry point gives it; `with_input` adds what the network saw."""
        numbers = self.numbers
        return {
            "text": _text(numbers),
            "doubt": self.doubt,
            "symbols": [symbol.to_json(with_input) for symbol in self.symbols],
            "numbers": [number.to_json() for number in numbers],
            "left_out": [{"box": _corners(each.box), "why": each.why} for each in self.left_out],
            "turned": self.turned,
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "elapsed_ms": round(self.elapsed_ms, 2),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Answer":
        """The answer that has this form; what `numbers` and `text` say follows from its symbols."""
        return cls(
            tuple(map(Symbol.from_json, body["symbols"])),
            tuple(LeftOut(Box(*each["box"]), each["why"]) for each in body["left_out"]),
            body["doubt"],
            body["turned"],
            body["width"],
            body["height"],
            body["model"],
            body["elapsed_ms"],
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, and what each step on the way to it made, in the order of the steps.

    `rows` are the candidates in reading order; for each candidate of all rows `inputs` are
    [28, 28, 1] as the network got it, and `outputs` [11] what it says of it.
    """

    scan: Scan
    ink: Ink
    rows: Sequence[Sequence[Candidate]]
    inputs: Sequence[Grey]
    outputs: Sequence[Grey]
    answer: Answer


def _text(numbers: Sequence[Number]) -> str:
    rows = groupby(numbers, key=lambda number: number.row)
    return "\n".join(" ".join(number.text for number in row) for _, row in rows)


def _number(symbols: Sequence[Symbol]) -> Number:
    text = "".join(symbol.text for symbol in symbols)
    box = Box.around([symbol.box for symbol in symbols])
    return Number(text, box, symbols[0].row, any(symbol.needs_a_look for symbol in symbols))


def _corners(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
