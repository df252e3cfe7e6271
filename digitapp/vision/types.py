"""The nouns of the program, as frozen values: Scan, Picture, Box, Mark, Digit, Answer, Stages.

They hold no logic but their own JSON, whose form is the program's contract.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""A grey picture or ink, [height, width], each value from 0 to 255."""

Grey = NDArray[np.float32]
"""The same, each value from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A grey picture, upright, perhaps a reduced copy: `grey` is [rows, columns].

    `width` and `height` are the whole upright picture's in pixels.
    """

    grey: Bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Ink on empty ground.

    `ink` is [rows, columns], 0 = ground; from `threshold` on it counts as ink (over 255: none).
    `width` and `height` are the upright picture's in pixels; `ink` may be a reduced copy.
    """

    ink: Bytes
    threshold: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright picture; (x, y) is its top left pixel."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    def union(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink that belongs together: perhaps a digit.

    `ink` is [box height, box width] in the segmented picture's pixels, 0 = ground, 1 = full ink;
    ink of other marks inside the box is already gone. `box` is in pixels of the upright picture;
    `left` and `top` are where the ink's first pixel is in the segmented picture, which may be a
    reduced copy.
    """

    box: Box
    ink: Grey
    left: int = 0
    top: int = 0


@dataclass(frozen=True, slots=True)
class Digit:
    """What the networks say of one mark, or of one digit of it.

    `probabilities` are ten calibrated numbers that sum to 1; `pixels` are the 784 bytes
    (28 rows of 28, 0 = ground, 255 = ink) that the CNN saw, or what was cut out for the digit.
    """

    probabilities: tuple[float, ...]
    box: Box
    pixels: bytes
    accepted: bool
    doubtful: bool

    @property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first."""
        return sorted(range(10), key=lambda digit: -self.probabilities[digit])

    @property
    def text(self) -> str:
        """The digit, or `?` for a mark that is no digit."""
        return str(self.ranking[0]) if self.accepted else "?"

    def to_json(self, with_input: bool) -> dict[str, Any]:
        """The digit's part of the answer; `input` is there when asked for."""
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
        """The answer as every door gives it; `with_input` adds the pictures that the CNN saw."""
        return {
            "text": self.text,
            "digits": [digit.to_json(with_input) for digit in self.digits],
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "elapsed_ms": round(self.elapsed_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Stages:
    """One reading, step by step: what each step made, in the order of the steps.

    `rows` are the marks in reading order; for each mark of all rows `inputs` are [28, 28, 1], as
    the CNN got it, and `outputs` [11], what is thought of it: the probabilities of the ten digits
    and of "no digit".
    """

    scan: Scan
    picture: Picture
    rows: Sequence[Sequence[Mark]]
    inputs: Sequence[Grey]
    outputs: Sequence[Grey]
    answer: Answer
