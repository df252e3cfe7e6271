"""What the program answers: Digit, Answer, and the Reading that shows how it came about.

They hold no logic but their own JSON, whose form is the program's contract with other programs
(`web/openapi.json` describes it).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from digitapp.recognition.symbols import DIGITS, REJECTED, text
from digitapp.vision.types import Box, Candidate, Grey, Ink, Scan


@dataclass(frozen=True, slots=True)
class Digit:
    """What the networks say of one candidate, or of one digit of it.

    `probabilities` are ten calibrated numbers that sum to 1; `box` is in pixels of the upright
    picture; `pixels` are the 784 bytes (28 rows of 28, 0 = background, 255 = ink) that the network
    saw, or what was cut out for the digit.
    """

    probabilities: tuple[float, ...]
    box: Box
    pixels: bytes
    accepted: bool
    doubtful: bool

    @property
    def ranking(self) -> list[int]:
        """The ten digits, the most probable first."""
        return sorted(range(DIGITS), key=lambda digit: -self.probabilities[digit])

    @property
    def text(self) -> str:
        """The digit, or `?` for a candidate that is no digit."""
        return text(self.ranking[0]) if self.accepted else REJECTED

    def to_json(self, with_input: bool) -> dict[str, Any]:
        """The digit's part of the answer; `input` is there when it is asked for."""
        best, runner_up = self.ranking[:2]
        body: dict[str, Any] = {
            "digit": best,
            "confidence": round(self.probabilities[best], 4),
            "probabilities": [round(p, 4) for p in self.probabilities],
            "box": [self.box.x, self.box.y, self.box.width, self.box.height],
            "accepted": self.accepted,
            "doubtful": self.doubtful,
            "runner_up": runner_up,
        }
        if with_input:
            body["input"] = base64.b64encode(self.pixels).decode("ascii")
        return body


@dataclass(frozen=True, slots=True)
class Answer:
    """What a picture says: its digits in rows, in reading order.

    `width` and `height` are the upright picture's, in pixels; `elapsed_ms` is from bytes to answer.
    """

    rows: tuple[tuple[Digit, ...], ...]
    width: int
    height: int
    model: str
    elapsed_ms: float

    @property
    def text(self) -> str:
        """The digits, rows split by a newline; empty when there is nothing to read."""
        return "\n".join("".join(digit.text for digit in row) for row in self.rows)

    @property
    def digits(self) -> list[Digit]:
        """All digits in reading order."""
        return [digit for row in self.rows for digit in row]

    def to_json(self, with_input: bool = False) -> dict[str, Any]:
        """The answer as every entry point gives it; `with_input` adds what the network saw."""
        return {
            "text": self.text,
            "digits": [digit.to_json(with_input) for digit in self.digits],
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "elapsed_ms": round(self.elapsed_ms, 2),
        }


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
