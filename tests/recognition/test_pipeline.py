"""From bytes to an answer: each step is taken once, and every entry point gives the same."""

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from digitapp.cli import main
from digitapp.config import Options
from digitapp.engine import Engine
from digitapp.errors import BadRequest, Unavailable, UnreadableImage, UnsupportedFormat
from digitapp.jobs.reader import Here
from digitapp.recognition import pipeline
from digitapp.recognition.answer import Answer
from digitapp.recognition.ctc import Windows
from digitapp.recognition.pipeline import recognize
from digitapp.recognition.symbols import BLANK, CLASSES, LINE_CLASSES
from digitapp.vision import ink as inks
from digitapp.vision.normalize import SIZES
from digitapp.vision.types import Box, Grey
from digitapp.web.app import create_app
from digitapp.web.limits import Slots
from tests.drawings import coverage, draw, encode, run_together, write
from tests.engine.inputs import Batch, digits_alone
from tests.inks import mask


def answer_to(data: bytes, engine: Engine, options: Options = pipeline.DEFAULT) -> Answer:
    return recognize(data, engine, options).answer


# --- options


class Counting:
    """The engine, and how many candidates it was asked of at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.model = engine, engine.model
        self.batches: list[int] = []
        self.lines = 0

    def probabilities(self, batch: Batch) -> Batch:
        self.batches.append(len(batch))
        return self.engine.probabilities(batch)

    def windows(self, line: Grey) -> Windows:
        self.lines += 1
        return self.engine.windows(line)

    def ink(self, picture: Grey) -> Grey:
        return self.engine.ink(picture)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)


def test_one_digit_splits_nothing(engine: Engine) -> None:
    data, counting = encode(run_together("2026", 3)), Counting(engine)
    assert len(answer_to(data, counting, Options(one_digit=True)).symbols) == 1
    assert (counting.batches, counting.lines) == ([1], 0)
    assert answer_to(data, counting).text == "2026"
    assert counting.lines == 1


def test_a_sure_digit_is_read_once(engine: Engine) -> None:
    counting = Counting(engine)
    assert answer_to(encode(draw(7)), counting).text == "7"
    assert (counting.batches, counting.lines) == ([1], 0)


def test_digits_that_touch_are_split_in_28x28_too(
    engine: Engine,
) -> None:
    image = run_together("20", 3, side=40)
    size = (28, round(28 * image.height / image.width))
    small = Image.new("L", (28, 28), 255)
    small.paste(image.resize(size, Image.Resampling.BOX), (0, (28 - size[1]) // 2))
    assert answer_to(encode(small), engine).text == "20"
    assert answer_to(encode(ImageOps.expand(image, 20, 255)), engine).text == "20"


def test_one_digit_takes_the_whole_picture_as_one(engine: Engine) -> None:
    data = encode(write("12"))
    assert len(answer_to(data, engine).symbols) == 2
    [digit] = answer_to(data, engine, Options(one_digit=True)).symbols
    assert digit.box.width > 100


def test_one_digit_of_a_single_digit_changes_nothing(engine: Engine) -> None:
    data = encode(draw(6))
    plain, one = answer_to(data, engine), answer_to(data, engine, Options(one_digit=True))
    assert replace(one, elapsed_ms=0) == replace(plain, elapsed_ms=0)


# --- errors


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", BadRequest),
        (b"seven", UnsupportedFormat),
        (b"\x89PNG\r\n\x1a\n", UnreadableImage),
        (encode(draw(7))[:200], UnreadableImage),
    ],
)
def test_errors_come_through(engine: Engine, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        recognize(data, engine)


class Broken:
    """An engine that could not be loaded."""

    model = "broken"

    def probabilities(self, batch: Any) -> Any:
        del batch
        raise Unavailable("gone")

    windows = ink = signs = probabilities


def test_what_is_wrong_with_the_engine_is_told() -> None:
    with pytest.raises(Unavailable, match="gone"):
        recognize(encode(draw(7)), Broken())


def test_the_same_bytes_give_the_same_answer(engine: Engine) -> None:
    data = encode(write("31", "41"), "JPEG")
    first, second = answer_to(data, engine), answer_to(data, engine)
    assert replace(first, elapsed_ms=0) == replace(second, elapsed_ms=0)


# --- the entry points


def on_nothing(digit: int) -> Image.Image:
    """A digit's ink on a transparent background."""
    image = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    image.putalpha(coverage(digit, 280))
    return image


PICTURES = {
    "one digit": encode(draw(7)),
    "two rows": encode(write("31", "41"), "JPEG"),
    "transparent": encode(on_nothing(3), "WEBP", lossless=True),
    "nothing": encode(Image.new("L", (50, 50), 255)),
}


def through_http(engine: Engine, data: bytes) -> dict[str, Any]:
    client = create_app(Here(engine), token=None, slots=Slots(1, 10)).test_client()
    headers = {"Host": "127.0.0.1"}
    response = client.post(
        "/api/recognize?input=1",
        data=data,
        headers=headers,
        content_type="application/octet-stream",
    )
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    return body


def through_cli(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main.main(["recognize", "--json", "--input", str(path)]) == 0
    body: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert body.pop("file") == str(path)
    return body


@pytest.mark.parametrize("name", PICTURES)
def test_every_entry_point_gives_the_same_answer(
    engine: Engine, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(PICTURES[name])
    answers = [
        answer_to(PICTURES[name], engine).to_json(with_input=True),
        through_http(engine, PICTURES[name]),
        through_cli(path, capsys),
    ]
    for answer in answers:
        answer.pop("elapsed_ms")
    assert answers[0] == answers[1] == answers[2]


# --- the stages


def test_the_stages_fit_together(engine: Engine) -> None:
    reading = recognize(encode(write("31", "41")), engine)
    answer = reading.answer
    assert (reading.scan.width, reading.scan.height) == (answer.width, answer.height) == (200, 200)
    assert reading.ink.values.shape == reading.scan.grey.shape == (200, 200)
    places = [
        (number, reading.ink.box(candidate))
        for number, row in enumerate(reading.rows)
        for candidate in row
    ]
    assert places == [(symbol.row, symbol.box) for symbol in answer.symbols]
    assert [one.shape for one in reading.inputs] == 4 * [(28, 28, 1)]
    assert [one.shape for one in reading.outputs] == 4 * [(CLASSES,)]
    pixels = [np.rint(one * 255).astype(np.uint8).tobytes() for one in reading.inputs]
    assert pixels == [digit.pixels for digit in answer.symbols]


def test_each_candidate_s_ink_is_the_picture_s(engine: Engine) -> None:
    reading = recognize(encode(draw(7)), engine)
    [[candidate]] = reading.rows
    box = reading.ink.box(candidate)
    found = reading.ink.values[box.y : box.bottom, box.x : box.right]
    strong = found >= reading.ink.threshold
    assert np.array_equal(candidate.ink[strong], found[strong].astype(np.float32) / 255)


def test_a_picture_without_candidates_has_its_stages_too(engine: Engine) -> None:
    reading = recognize(encode(Image.new("L", (60, 40), 255)), engine)
    assert (list(reading.rows), reading.inputs, reading.outputs) == ([], [], [])
    assert not mask(reading.ink).any()


# --- pictures of 28x28 pixels


class Whole:
    """An engine that knows one picture as a 7, and takes every other single candidate for a 3."""

    model = "whole"

    def __init__(self, picture: Image.Image, sure: float, as_is: float = 0.9) -> None:
        self.known = np.asarray(picture, dtype=np.float32) / 255
        self.sure, self.as_is = sure, as_is
        self.asked = 0

    def probabilities(self, batch: Batch) -> Batch:
        in_sizes = len(batch) > 0 and len(batch) % len(SIZES) == 0  # the same in other sizes
        self.asked += not in_sizes
        return np.reshape([self._outputs(pixels[..., 0]) for pixels in batch], (-1, CLASSES))

    def _outputs(self, pixels: Grey) -> Grey:
        digit, sure = (7, self.as_is) if np.allclose(pixels, self.known) else (3, self.sure)
        outputs = np.full(CLASSES, (1 - sure) / 10, dtype=np.float32)
        outputs[digit] = sure
        return outputs

    def windows(self, line: Grey) -> Windows:
        windows = np.zeros(((line.shape[1] - 28) // 2 + 1, LINE_CLASSES), dtype=np.float32)
        windows[:, BLANK] = 1
        return windows

    def ink(self, picture: Grey) -> Grey:
        raise AssertionError(picture.shape)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)


def splashed(width: int = 28) -> Image.Image:
    image = ImageOps.invert(draw(7, 28)).resize((width, 28))
    image.paste(255, (2, 20, 6, 25))
    return image


@pytest.mark.parametrize("sure", [0.2, 0.95])
def test_a_splashed_picture_is_read_as_it_is(sure: float) -> None:
    engine = Whole(splashed(), sure)
    answer = answer_to(encode(splashed()), engine)
    assert answer.text == "7"
    [digit] = answer.symbols
    assert digit.box == Box(0, 0, 28, 28)
    assert digit.pixels == splashed().tobytes()
    assert engine.asked == 2
    assert answer_to(encode(ImageOps.invert(splashed())), engine).text == "7"


@pytest.mark.parametrize(
    ("sure", "as_is", "text", "asked"),
    [(0.5, 0.9, "7", 2), (0.75, 0.9, "7", 2), (0.5, 0.4, "3", 3), (0.85, 0.9, "3", 1)],
)
def test_the_surer_of_two_readings_counts_where_the_first_is_not_sure(
    sure: float, as_is: float, text: str, asked: int
) -> None:
    clean = ImageOps.invert(draw(7, 28))
    engine = Whole(clean, sure, as_is)
    reading = recognize(encode(clean), engine)
    assert reading.answer.text == text
    assert engine.asked == asked
    ink = inks.as_is(reading.scan) if text == "7" else inks.find_ink(reading.scan, engine)
    assert ink is not None
    assert np.array_equal(reading.ink.values, ink.values)
    assert reading.ink.threshold == ink.threshold


def test_where_nothing_was_found_nothing_is_read_as_it_is() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    engine = Whole(Image.fromarray(noise), 0.5)
    assert answer_to(encode(Image.fromarray(noise)), engine).symbols == ()
    assert engine.asked == 1


def test_a_picture_of_another_size_is_not_read_as_it_is() -> None:
    engine = Whole(splashed(29).resize((28, 28)), 0.2)
    assert "7" not in answer_to(encode(splashed(29)), engine).text


def test_the_pipeline_is_one_screen() -> None:
    """The design asks for one function of at most 25 lines that puts the steps together."""
    source = Path(pipeline.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 70
    [function] = [n for n in ast.parse(source).body if getattr(n, "name", "") == "recognize"]
    assert isinstance(function, ast.FunctionDef) and function.end_lineno is not None
    assert function.end_lineno - function.lineno + 1 <= 25
