"""What the shipped networks read: any pen, any paper, any size, any format."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from digitapp.engine import Engine
from digitapp.recognition.answer import Answer, Symbol
from digitapp.recognition.pipeline import recognize
from digitapp.vision import decode
from digitapp.vision.types import Box
from tests import inks
from tests.drawings import coverage, draw, encode, run_together, write

DIGITS = range(10)


def read(engine: Engine, image: Image.Image, format: str = "PNG", **options: object) -> Answer:
    return recognize(encode(image, format, **options), engine).answer


def only(answer: Answer) -> Symbol:
    [symbol] = answer.symbols
    return symbol


@pytest.mark.parametrize("digit", DIGITS)
def test_a_drawn_digit_is_read(engine: Engine, digit: int) -> None:
    answer = read(engine, draw(digit))
    assert answer.text == str(digit)
    assert (answer.width, answer.height) == (280, 280)
    assert answer.model == engine.model
    assert answer.elapsed_ms > 0
    found = only(answer)
    assert len(found.pixels) == 784
    assert found.probabilities is not None
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("pen", [1 / 40, 1 / 20, 1 / 8])
@pytest.mark.parametrize("digit", DIGITS)
def test_any_pen_will_do(engine: Engine, digit: int, pen: float) -> None:
    assert read(engine, draw(digit, pen=pen)).text == str(digit)


@pytest.mark.parametrize("turn", [-10, 10])
@pytest.mark.parametrize("digit", DIGITS)
def test_a_slight_turn_does_no_harm(engine: Engine, digit: int, turn: int) -> None:
    assert read(engine, draw(digit, turn=turn)).text == str(digit)


@pytest.mark.parametrize(
    "rows", [("12",), ("2024",), ("90210",), ("31", "41"), ("123", "456", "789"), ("0",)]
)
def test_several_digits_are_read_in_rows(engine: Engine, rows: tuple[str, ...]) -> None:
    assert read(engine, write(*rows)).text == "\n".join(rows)


# --- whole numbers


def hull(boxes: Sequence[Box]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all of them."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    return left, top, max(box.right for box in boxes), max(box.bottom for box in boxes)


@pytest.mark.parametrize("text", ["2026", "2024", "57"])
@pytest.mark.parametrize("overlap", [2, 4, 6])
def test_digits_that_touch_are_read(engine: Engine, text: str, overlap: int) -> None:
    image = run_together(text, overlap)
    answer = read(engine, image)
    assert answer.text == text
    boxes = [digit.box for digit in answer.symbols]
    assert boxes == sorted(boxes, key=lambda box: box.x)
    ink = inks.read(encode(image))
    [row] = inks.rows(ink)
    assert hull(boxes) == pytest.approx(hull([ink.box(each) for each in row]), abs=1)
    assert len(row) < len(text)  # by the ink alone there are fewer


@pytest.mark.parametrize("scale", [2, 3])
def test_split_digits_have_their_boxes_in_the_whole_picture(
    engine: Engine, scale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = run_together("2026", 3, side=100 * scale)
    plain = read(engine, run_together("2026", 3))
    monkeypatch.setattr(decode, "WORK_PIXELS", large.width * large.height // scale**2)
    answer = read(engine, large)
    assert answer.text == plain.text == "2026"
    assert (answer.width, answer.height) == large.size
    for one, other in zip(answer.symbols, plain.symbols, strict=True):
        for side in ("x", "y", "right", "bottom"):
            assert abs(getattr(one.box, side) - scale * getattr(other.box, side)) <= 8 * scale


@pytest.mark.parametrize("place", [0.35, 0.5, 0.62])
def test_a_broken_five_is_read(engine: Engine, place: float) -> None:
    image = draw(5, 280)
    column = round(place * 280)
    ImageDraw.Draw(image).line([(column - 20, 0), (column, 280)], fill=255, width=5)
    assert read(engine, image).text == "5"


@pytest.mark.parametrize("turn", [-6, 6])
@pytest.mark.parametrize("rows", [("2026",), ("31415926", "27182818", "16180339")])
def test_sloping_rows_are_read(engine: Engine, rows: tuple[str, ...], turn: int) -> None:
    written = write(*rows)
    sheet = Image.new("L", (written.width + 100, written.height + 200), 255)
    sheet.paste(written, (50, 100))
    tilted = sheet.rotate(turn, Image.Resampling.BICUBIC, fillcolor=255)
    assert read(engine, tilted).text == "\n".join(rows)


def test_two_columns_are_read_row_by_row(engine: Engine) -> None:
    assert read(engine, write("12   34", "56   78", "90   12")).text == "12 34\n56 78\n90 12"


@pytest.mark.parametrize("place", [(150, 110), (205, 170), (95, 92)])
def test_a_dot_beside_digits_starts_no_row(engine: Engine, place: tuple[int, int]) -> None:
    image = write("  ", "31", "  ")
    x, y = place
    ImageDraw.Draw(image).ellipse([x - 8, y - 8, x + 8, y + 8], fill=0)
    text = read(engine, image).text
    assert "\n" not in text
    assert [character for character in text if character in "31"] == ["3", "1"]


# --- sheets on a table


def on_a_table(size: tuple[int, int], tone: int, turn: float, dimmest: int = 200) -> Image.Image:
    """407 in a thin pen on a sheet, (height, width), that lies on a table of this tone.

    The sheet's light falls from one side to the other, down to `dimmest`.
    """
    random = np.random.default_rng(4)
    scene = random.normal(tone, 4, (600, 800))
    (height, width), (top, left) = size, ((600 - size[0]) // 2, (800 - size[1]) // 2)
    light = np.linspace(dimmest, 240, width)[np.newaxis, :]
    scene[top : top + height, left : left + width] = light + random.normal(0, 3, size)
    for number, digit in enumerate((4, 0, 7)):
        place = scene[240:360, left + 30 + 130 * number : left + 150 + 130 * number]
        place -= np.asarray(coverage(digit, 120, pen=1 / 25)) / 255 * 120
    photo = Image.fromarray(scene.clip(0, 255).astype(np.uint8))
    return photo.rotate(turn, Image.Resampling.BICUBIC, fillcolor=tone)


@pytest.mark.parametrize("tone", [30, 70, 110, 150])
@pytest.mark.parametrize(("size", "turn"), [((360, 520), 0), ((520, 700), 0), ((520, 700), 6)])
def test_thin_dark_writing_on_a_sheet_on_a_table_is_read(
    engine: Engine, size: tuple[int, int], turn: int, tone: int
) -> None:
    assert read(engine, on_a_table(size, tone, turn)).text == "407"


@pytest.mark.parametrize(("tone", "turn"), [(110, 3), (110, 8), (150, 0), (150, 8)])
def test_a_sheet_half_in_shadow_on_a_table_is_read(engine: Engine, tone: int, turn: int) -> None:
    assert read(engine, on_a_table((360, 520), tone, turn, dimmest=140)).text == "407"


# --- what must not matter at all: the network sees the very same pixels


def moved(image: Image.Image) -> Image.Image:
    sheet = Image.new("L", (480, 400), 255)
    sheet.paste(image, (170, 63))
    return sheet


def on_nothing(image: Image.Image) -> Image.Image:
    overlay = Image.new("RGBA", image.size, (0, 0, 0, 0))
    overlay.putalpha(ImageOps.invert(image))
    return overlay


def white_on_nothing(image: Image.Image) -> Image.Image:
    overlay = Image.new("RGBA", image.size, (255, 255, 255, 0))
    overlay.putalpha(ImageOps.invert(image))
    return overlay


SAME: dict[str, Callable[[Image.Image], Image.Image]] = {
    "inverted": ImageOps.invert,
    "moved": moved,
    "in RGB": lambda image: image.convert("RGB"),
    "black on nothing": on_nothing,
    "white on nothing": white_on_nothing,
    "in 16 bits": lambda image: Image.fromarray(np.asarray(image).astype(np.uint16) * 257),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
@pytest.mark.parametrize("digit", [1, 4, 8])
def test_the_network_sees_the_same(
    engine: Engine, digit: int, change: Callable[[Image.Image], Image.Image]
) -> None:
    plain, changed = only(read(engine, draw(digit))), only(read(engine, change(draw(digit))))
    assert changed.pixels == plain.pixels
    assert changed.probabilities == plain.probabilities
    assert (changed.box.width, changed.box.height) == (plain.box.width, plain.box.height)


@pytest.mark.parametrize("format", ["BMP", "GIF", "WEBP"])
@pytest.mark.parametrize("digit", [2, 5])
def test_formats_without_loss_give_the_same_answer(engine: Engine, digit: int, format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    plain, other = read(engine, draw(digit)), read(engine, draw(digit), format, **options)
    assert replace(other, elapsed_ms=0) == replace(plain, elapsed_ms=0)


# --- what must hardly matter


@pytest.mark.parametrize("scale", [0.25, 0.5, 2, 4])
@pytest.mark.parametrize("digit", DIGITS)
def test_any_size_is_read(engine: Engine, digit: int, scale: float) -> None:
    answer = read(engine, draw(digit, round(280 * scale)))
    assert answer.text == str(digit)
    plain = only(read(engine, draw(digit))).box
    assert only(answer).box.width == pytest.approx(plain.width * scale, abs=3 + scale)
    assert only(answer).box.x == pytest.approx(plain.x * scale, abs=3 + scale)


def grainy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(5).normal(0, 6, (image.height, image.width))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


TURNED = _turned()


CHANGES: dict[str, Callable[[int], bytes]] = {
    "JPEG 50": lambda digit: encode(draw(digit), "JPEG", quality=50),
    "lossy WebP": lambda digit: encode(draw(digit), "WEBP", quality=50),
    "pale": lambda digit: encode(draw(digit, ink=170, background=240)),
    "blue pen": lambda digit: encode(draw(digit, ink=(40, 60, 200), background=(250, 248, 240))),
    "chalk": lambda digit: encode(draw(digit, ink=(235, 240, 235), background=(30, 70, 50))),
    "yellow on blue": lambda digit: encode(
        draw(digit, ink=(255, 230, 0), background=(60, 90, 200))
    ),
    "black and white": lambda digit: encode(draw(digit).convert("1", dither=Image.Dither.NONE)),
    "grainy": lambda digit: encode(grainy(draw(digit, ink=60, background=210))),
    "turned by the camera": lambda digit: encode(
        draw(digit).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=TURNED
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_is_read_whatever_the_picture(
    engine: Engine, digit: int, change: Callable[[int], bytes]
) -> None:
    assert recognize(change(digit), engine).answer.text == str(digit)


# --- nothing


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "P"])
@pytest.mark.parametrize("tone", [0, 255])
def test_an_empty_picture_says_nothing(engine: Engine, mode: str, tone: int) -> None:
    answer = read(engine, Image.new("L", (60, 40), tone).convert(mode))
    assert (answer.text, answer.symbols) == ("", ())
    assert (answer.width, answer.height) == (60, 40)


@pytest.mark.parametrize("seed", range(3))
def test_empty_grainy_paper_says_nothing(engine: Engine, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(210, 10, (400, 400)).clip(0, 255)
    assert read(engine, Image.fromarray(noise.astype(np.uint8))).text == ""


def test_a_texture_says_nothing(engine: Engine) -> None:
    dots = np.full((1000, 1000), 255, dtype=np.uint8)
    dots[::4, ::4] = 0
    assert read(engine, Image.fromarray(dots)).text == ""


def test_the_drawn_digits_cover_what_they_should() -> None:
    """The helper itself: ink in the middle, none at the border."""
    for digit in DIGITS:
        ink = np.asarray(coverage(digit, 100))
        assert 0.03 < (ink / 255).mean() < 0.25
        assert not ink[[0, -1]].any()
        assert not ink[:, [0, -1]].any()
