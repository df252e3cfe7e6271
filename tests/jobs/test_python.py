"""`read` and `Reader`: one answer for one picture, whatever it comes as; errors are values."""

import gc
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import digitapp
from digitapp.engine import Engine
from digitapp.errors import (
    BadRequest,
    DigitappError,
    NotFound,
    TooLarge,
    Unavailable,
    UnreadableImage,
    UnsupportedFormat,
)
from digitapp.jobs.sources import Source
from digitapp.recognition import pipeline
from digitapp.recognition.answer import Answer
from tests import family
from tests.benchmarks.pages import scribbles
from tests.drawings import png, write


@pytest.fixture(scope="module")
def reader() -> Iterator[digitapp.Reader]:
    with digitapp.Reader(2) as reader:
        yield reader


def timeless(answer: Answer | None, with_input: bool = False) -> dict[str, Any]:
    assert answer is not None
    body = answer.to_json(with_input)
    del body["elapsed_ms"]
    return body


def test_one_picture_has_one_answer_however_it_comes(
    reader: digitapp.Reader, engine: Engine, tmp_path: Path
) -> None:
    data = png(7)
    path = tmp_path / "7.png"
    path.write_bytes(data)
    image = Image.open(io.BytesIO(data))
    grey = np.asarray(image.convert("L"))
    sources: list[Source] = [data, path, str(path), image, grey, np.stack([grey] * 3, -1)]
    sources += [grey / 255, (grey / 255).astype(np.float32)]
    wanted = timeless(pipeline.recognize(data, engine).answer)
    assert [timeless(digitapp.read(source)) for source in sources] == [wanted] * len(sources)
    assert [timeless(each.answer) for each in reader.map(sources)] == [wanted] * len(sources)
    assert timeless(reader.read(data)) == wanted


def test_an_array_of_true_and_false_is_white_and_black() -> None:
    assert digitapp.read(np.asarray(write("42").convert("1"))).text == "42"


def test_a_picture_in_memory_stays_as_it_is() -> None:
    image = Image.open(io.BytesIO(_jpeg(2_000)))
    digitapp.read(image)
    assert image.size == (2_000, 2_000)


def _jpeg(side: int) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(png(3, side))).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    "source",
    [
        None,
        7,
        np.zeros(10),
        np.zeros((0, 5), np.uint8),
        np.zeros((5, 5, 2), np.uint8),
        np.full((5, 5), 255.0),
        np.full((5, 5), np.nan),
        np.zeros((5, 5), np.int64),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(source: Any) -> None:
    with pytest.raises(BadRequest, match="NumPy array"):
        digitapp.read(source)


def test_bounds_hold_for_pictures_in_memory_too() -> None:
    with pytest.raises(TooLarge, match="9000 x 10 pixels"):
        digitapp.read(np.zeros((10, 9_000), np.uint8))


def test_a_broken_image_is_an_error_of_ours() -> None:
    with pytest.raises(UnreadableImage):
        digitapp.read(Image.open(io.BytesIO(png(3)[:300])))


def test_errors_are_values_and_the_others_are_read(reader: digitapp.Reader) -> None:
    sources: list[Any] = [png(1), "gone.png", b"text", None, png(2)]
    results = list(reader.map(sources))
    assert [each.source for each in results] == sources
    errors = [type(each.error) for each in results]
    assert errors == [type(None), NotFound, UnsupportedFormat, BadRequest, type(None)]
    assert [each.answer.text for each in results if each.answer] == ["1", "2"]


def test_one_picture_that_cannot_be_read_raises(reader: digitapp.Reader) -> None:
    with pytest.raises(NotFound):
        reader.read("gone.png")


def test_options_are_those_of_every_entry_point(engine: Engine) -> None:
    data = png(5)
    with digitapp.Reader(1, one_digit=True, input=True) as reader:
        answer = reader.read(data)
    assert timeless(answer, True) == timeless(digitapp.read(data, one_digit=True, input=True), True)
    assert len(answer.symbols[0].pixels) == 784
    assert digitapp.read(data).symbols[0].pixels == b""


def test_a_picture_that_uses_up_its_time_is_an_error() -> None:
    with digitapp.Reader(1, timeout_s=0.1) as reader:
        crowd, one = reader.map([scribbles(), png(1)])
    assert isinstance(crowd.error, TooLarge)
    assert one.answer
    assert one.answer.text == "1"


@pytest.mark.parametrize(
    "wrong",
    [{"jobs": 0}, {"timeout_s": 0}, {"timeout_s": float("nan")}, {"timeout_s": float("inf")}],
)
def test_wrong_arguments_are_told_before_anything_starts(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        digitapp.Reader(**wrong)


def test_every_error_is_one_of_ours() -> None:
    assert issubclass(NotFound, DigitappError)
    assert digitapp.DigitappError is DigitappError


def test_a_closed_reader_says_so() -> None:
    reader = digitapp.Reader(1)
    results = reader.map([png(1)] * 300)
    assert next(results).answer
    reader.close()
    with pytest.raises(Unavailable, match="closed"):
        reader.read(png(1))
    with pytest.raises(Unavailable, match="closed"):
        list(results)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc: run it on Linux")
def test_a_reader_that_nobody_closes_ends_with_its_last_name() -> None:
    before = set(family.members(os.getpid())), threading.active_count()
    reader = digitapp.Reader(1)
    assert set(family.members(os.getpid())) != before[0]
    del reader
    gc.collect()
    assert (set(family.members(os.getpid())), threading.active_count()) == before


def test_a_name_that_no_file_can_have_is_not_found(reader: digitapp.Reader) -> None:
    errors = [type(each.error) for each in reader.map(["a\0b.png", "\ud800.png"])]
    assert errors == [NotFound, NotFound]


def test_one_source_is_not_taken_for_many(reader: digitapp.Reader) -> None:
    with pytest.raises(TypeError, match="use read"):
        reader.map("seven.png")
    with pytest.raises(TypeError, match="use read"):
        reader.map(png(7))  # type: ignore[arg-type]
