"""The stages of a reading as pictures."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from digitapp.engine import Engine
from digitapp.recognition import visualize
from digitapp.recognition.answer import Answer, Reading, Symbol
from digitapp.recognition.pipeline import recognize
from digitapp.recognition.symbols import CLASSES
from digitapp.vision.types import Box, Ink, LeftOut, Scan
from tests.drawings import draw, encode, write


def read(engine: Engine, image: Image.Image) -> Reading:
    return recognize(encode(image), engine)


def made(values: NDArray[np.uint8], threshold: int, *symbols: Symbol) -> Reading:
    """A reading that no engine made: the ink is the grey picture too."""
    height, width = values.shape
    answer = Answer(symbols, (), False, 0, width, height, "none", 1.0)
    inputs = [np.zeros((28, 28, 1), dtype=np.float32) for _ in symbols]
    ink = Ink(values, threshold, width, height)
    outputs = [np.zeros(CLASSES, dtype=np.float32) for _ in symbols]
    return Reading(Scan(values, width, height), ink, [], inputs, outputs, answer)


def digit(box: Box, *, text: str = "7", doubtful: bool = False) -> Symbol:
    alternatives = (("7", 0.6), ("1", 0.4))
    return Symbol(text, 0.6, doubtful, alternatives, None, box, 0, 0, bytes(784))


def decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


def colours(image: Image.Image) -> set[tuple[int, ...]]:
    found = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return {tuple(map(int, colour)) for colour in np.unique(found, axis=0)}


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_grey_is_the_picture_that_was_scanned(engine: Engine) -> None:
    image = draw(7)
    assert np.array_equal(np.asarray(visualize.grey(read(engine, image))), np.asarray(image))


def test_ink_below_the_threshold_is_black_and_the_strongest_is_white() -> None:
    found = made(np.array([[0, 39, 40, 60, 90]], dtype=np.uint8), 40)
    pixels = np.asarray(visualize.ink(found))[0]
    assert list(pixels[:2]) == [0, 0]
    assert 0 < pixels[2] < pixels[3] < pixels[4] == 255


def test_ink_of_a_threshold_that_nothing_reaches_is_black() -> None:
    found = made(np.full((4, 4), 200, dtype=np.uint8), 256)
    assert not np.asarray(visualize.ink(found)).any()


@pytest.mark.parametrize(("ink", "background"), [(0, 255), (255, 0), (150, 190)])
def test_ink_is_light_on_black_whatever_the_picture(
    engine: Engine, ink: int, background: int
) -> None:
    pixels = np.asarray(visualize.ink(read(engine, draw(7, ink=ink, background=background))))
    assert pixels[0, 0] == 0
    assert pixels.max() == 255


def test_candidates_have_a_frame_in_the_colour_of_what_is_thought_of_them() -> None:
    blank = np.zeros((480, 480), dtype=np.uint8)
    for options, colour in (
        ({}, visualize.SURE),
        ({"doubtful": True}, visualize.DOUBTFUL),
        ({"text": "?"}, visualize.REJECTED),
    ):
        image = visualize.candidates(made(blank, 1, digit(Box(100, 200, 60, 80), **options)))
        frame = np.all(np.asarray(image) == rgb(colour), axis=2)
        rows, columns = np.flatnonzero(frame.mean(1) > 0.1), np.flatnonzero(frame.mean(0) > 0.1)
        assert columns[-1] - columns[0] == pytest.approx(60, abs=20)
        assert rows[-1] - rows[0] == pytest.approx(80, abs=20)


def test_each_candidate_is_framed_where_its_ink_is(engine: Engine) -> None:
    """In a reduced copy: boxes are in pixels of the whole picture."""
    found = read(engine, draw(7).resize((2800, 2800)))
    assert found.scan.grey.shape < (1100, 1100)
    image = np.asarray(visualize.candidates(found))
    frame = np.all(image == rgb(visualize.SURE), axis=2)
    ink = np.all(image > 200, axis=2)
    for axis in (0, 1):
        framed, inked = (np.flatnonzero(mask.any(axis)) for mask in (frame, ink))
        assert framed[0] < inked[0]
        assert framed[-1] > inked[-1]
        assert len(framed) < 1.5 * len(inked)


def test_a_label_tells_the_digit_and_doubt_the_second_best() -> None:
    def extent(*, doubtful: bool) -> tuple[int, int]:
        """Height and width of the frame with its label, in pixels."""
        found = made(
            np.zeros((480, 480), np.uint8), 1, digit(Box(100, 200, 9, 9), doubtful=doubtful)
        )
        image = np.asarray(visualize.candidates(found)).max(axis=2)
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        return rows[-1] - rows[0], columns[-1] - columns[0]

    height, width = extent(doubtful=False)
    assert height > width + 10  # around a square candidate
    assert extent(doubtful=True)[1] > width + 30


def test_what_was_left_out_has_a_frame_without_a_label() -> None:
    blank = np.zeros((480, 480), dtype=np.uint8)
    reading = made(blank, 1)
    left_out = (LeftOut(Box(100, 200, 60, 80), "ruling"),)
    image = visualize.candidates(
        replace(reading, answer=replace(reading.answer, left_out=left_out))
    )
    assert colours(image) == {(0, 0, 0), rgb(visualize.LEFT_OUT)}


@pytest.mark.parametrize("size", [(1, 1), (28, 28), (3, 400), (1200, 16)])
def test_any_size_can_be_shown(size: tuple[int, int]) -> None:
    ink = np.full(size[::-1], 255, dtype=np.uint8)
    found = made(ink, 1, digit(Box(0, 0, *size)))
    assert max(visualize.candidates(found).size) >= visualize.LEGIBLE
    assert rgb(visualize.SURE) in colours(visualize.candidates(found))
    files = [visualize.png(image) for _, image in visualize.pictures(found)]
    assert all(file.startswith(b"\x89PNG") for file in files)


def test_inputs_are_what_the_network_got_in_reading_order(engine: Engine) -> None:
    found = read(engine, write("31", "41"))
    image = np.asarray(visualize.inputs(found))
    side = 28 * visualize.ENLARGED
    for index, one in enumerate(found.answer.symbols):
        left = visualize.GAP + index * (side + visualize.GAP)
        tile = image[visualize.GAP : visualize.GAP + side, left : left + side]
        assert tile[:: visualize.ENLARGED, :: visualize.ENLARGED].tobytes() == one.pixels


def test_many_inputs_stand_in_lines() -> None:
    many = made(np.zeros((9, 9), np.uint8), 1, *[digit(Box(0, 0, 1, 1))] * (visualize.PER_LINE + 1))
    one = made(np.zeros((9, 9), np.uint8), 1, digit(Box(0, 0, 1, 1)))
    gap, step = visualize.GAP, 28 * visualize.ENLARGED + visualize.GAP
    assert visualize.inputs(one).size == (step + gap, step + gap)
    assert visualize.inputs(many).size == (visualize.PER_LINE * step + gap, 2 * step + gap)


def test_a_picture_without_candidates_has_all_its_pictures(engine: Engine) -> None:
    found = read(engine, Image.new("L", (50, 40), 255))
    named = dict(visualize.pictures(found))
    assert list(named) == ["1-grey", "2-ink", "3-marks", "4-input"]
    assert colours(named["2-ink"]) == colours(named["3-marks"]) == {(0, 0, 0)}
    assert colours(named["4-input"]) == {(visualize.BETWEEN,) * 3}


def test_json_holds_small_pictures_as_they_are(engine: Engine) -> None:
    found = read(engine, draw(7))
    body = visualize.to_json(found)
    assert list(body) == ["grey", "ink"]
    assert np.array_equal(np.asarray(decoded(body["grey"])), found.scan.grey)
    assert np.array_equal(np.asarray(decoded(body["ink"])), np.asarray(visualize.ink(found)))


@pytest.mark.parametrize("size", [(1000, 1000), (8192, 122), (90, 8192), (448, 447)])
def test_json_is_bounded_whatever_the_picture(size: tuple[int, int]) -> None:
    """Noise is what a PNG cannot make smaller."""
    noise = np.random.default_rng(1).integers(0, 256, size[::-1], dtype=np.uint8)
    for text in visualize.to_json(made(noise, 1)).values():
        image = decoded(text)
        assert image.width * image.height <= visualize.MOST
        assert image.width / image.height == pytest.approx(size[0] / size[1], rel=0.05)
        assert len(text) < 270_000
