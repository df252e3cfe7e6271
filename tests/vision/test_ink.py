"""Uneven light, sheets, noise: what is ground and what is ink."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitapp.config import MAX_SIDE
from digitapp.vision import decode
from digitapp.vision.ink import (
    Ink,
    _crispness,
    _has_blot,
    _histogram,
    _inside_frame,
    _is_crisper,
    as_it_is,
    find_ink,
)
from digitapp.vision.types import Scan
from tests.drawings import coverage, draw, encode
from tests.inks import SIDE, drawn, ink_of, likeness, mask, read


def on_ground(ground: NDArray[np.float64], ink: float = 0.15) -> Image.Image:
    """A seven that lets through `ink` of the ground's light."""
    cover = np.asarray(coverage(7, ground.shape[0])) / 255
    light = ground * (1 - cover * (1 - ink))
    return Image.fromarray(light.clip(0, 255).astype(np.uint8))


def shadow(side: int, x: float, y: float, tone: int) -> NDArray[np.float64]:
    """Light paper with a soft round shadow about (x, y), as shares of the side."""
    image = Image.new("L", (side, side), 235)
    reach = [(x - 0.8) * side, (y - 0.8) * side, (x + 0.8) * side, (y + 0.8) * side]
    ImageDraw.Draw(image).ellipse(reach, fill=tone)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(side / 10))).astype(np.float64)


def shadow_from_below(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.5, 1.2, 110)


def shadow_from_the_left(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.0, 0.2, 150)


def faint_shadow(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.9, 0.9, 200)


def round_shadow(side: int) -> NDArray[np.float64]:
    return shadow(side, 0.9, 0.9, 120)


def hard_shadow(side: int) -> NDArray[np.float64]:
    down, across = np.mgrid[0:side, 0:side] / side
    return np.where(across + 0.2 * down < 0.55, 235.0, 140.0)


def hard_shadow_over_most(side: int) -> NDArray[np.float64]:
    down, across = np.mgrid[0:side, 0:side] / side
    return np.where(across - 0.3 * down < 0.2, 235.0, 110.0)


def strong_vignette(side: int) -> NDArray[np.float64]:
    axis = np.linspace(-1, 1, side)
    return np.asarray(235 - 60 * (axis[:, np.newaxis] ** 2 + axis**2))


def gradient(side: int) -> NDArray[np.float64]:
    return np.tile(np.linspace(110, 245, side), (side, 1))


def grain(side: int) -> NDArray[np.float64]:
    return 215 + np.random.default_rng(7).normal(0, 6, (side, side))


def vignette(side: int) -> NDArray[np.float64]:
    axis = np.linspace(-1, 1, side)
    return np.asarray(230 - 30 * (axis[:, np.newaxis] ** 2 + axis**2))


GROUNDS = [
    shadow_from_below,
    shadow_from_the_left,
    faint_shadow,
    round_shadow,
    hard_shadow,
    hard_shadow_over_most,
    gradient,
    grain,
    vignette,
    strong_vignette,
]


@pytest.mark.parametrize("ground", GROUNDS)
def test_uneven_light_leaves_the_digit_alone(ground: Callable[[int], NDArray[np.float64]]) -> None:
    found = ink_of(on_ground(ground(240)))
    assert likeness(found, drawn(7, 240)) > 0.8
    far = np.asarray(coverage(7, 240).filter(ImageFilter.MaxFilter(9))) == 0
    assert (found & far).mean() < 0.001


@pytest.mark.parametrize("ground", GROUNDS)
def test_uneven_light_on_empty_paper_is_no_ink(
    ground: Callable[[int], NDArray[np.float64]],
) -> None:
    found = ink_of(Image.fromarray(ground(240).clip(0, 255).astype(np.uint8)))
    assert found.mean() < 0.001


@pytest.mark.parametrize(("paper", "around"), [(240, 40), (30, 220), (250, 120)])
def test_a_sheet_within_the_picture_is_ground(paper: int, around: int) -> None:
    scene = Image.new("L", (300, 260), around)
    scene.paste(draw(7, 180, ink=255 - paper, ground=paper), (60, 40))
    found = ink_of(scene)
    assert likeness(found[40:220, 60:240], drawn(7, 180)) > 0.8
    found[40:220, 60:240] = False
    assert not found.any()


def lined(tone: int, down: bool, slope: float = 0.0) -> Image.Image:
    """Printed lines on white, across and, if asked, down; `slope`: rise as a share of the width."""
    sheet = Image.new("L", (240, 240), 255)
    pen = ImageDraw.Draw(sheet)
    for place in range(20, 240, 40):
        pen.line([(0, place), (239, place - 240 * slope)], fill=tone, width=2)
        if down:
            pen.line([(place, 0), (place + 240 * slope, 239)], fill=tone, width=2)
    return sheet


def darker_of(one: Image.Image, other: Image.Image) -> Image.Image:
    return Image.fromarray(np.minimum(np.asarray(one), np.asarray(other)))


@pytest.mark.parametrize("slope", [0.0, 0.03])
@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("tone", [150, 190, 220])
def test_printed_lines_paler_than_the_ink_are_no_ink(tone: int, down: bool, slope: float) -> None:
    found = ink_of(darker_of(lined(tone, down, slope), draw(7, 240, ink=20)))
    assert likeness(found, drawn(7, 240)) > 0.9


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("tone", [20, 120])
def test_straight_lines_as_dark_as_the_ink_go_and_the_ink_stays(tone: int, down: bool) -> None:
    found = ink_of(darker_of(lined(tone, down), draw(7, 240, ink=20)))
    assert found[drawn(7, 240)].mean() > 0.97
    assert likeness(found, drawn(7, 240)) > 0.9


def test_bars_from_edge_to_edge_are_no_ruling_unless_there_are_three() -> None:
    image = Image.new("L", (120, 120), 255)
    image.paste(0, (0, 0, 120, 10))
    image.paste(0, (0, 110, 120, 120))
    ImageDraw.Draw(image).line([(115, 5), (5, 115)], fill=0, width=12)  # a Z cut out tightly
    found = ink_of(image)
    assert found[:10].all()
    assert found[110:].all()


@pytest.mark.parametrize("side", [48, 240, 600])
@pytest.mark.parametrize("tone", [0, 90])
@pytest.mark.parametrize("ink", [60, 200])
def test_a_frame_hides_no_pale_ink(side: int, tone: int, ink: int) -> None:
    image = draw(7, side, ink=ink)
    gap, width = side // 20, max(side // 60, 1)
    frame = (gap, gap, side - 1 - gap, side - 1 - gap)
    ImageDraw.Draw(image).rectangle(frame, outline=tone, width=width)
    inside = np.zeros((side, side), dtype=np.bool_)
    inside[gap + 2 * width : -gap - 2 * width, gap + 2 * width : -gap - 2 * width] = True
    assert likeness(ink_of(image) & inside, drawn(7, side)) > 0.75


def test_a_frame_around_nothing_is_ink() -> None:
    image = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(image).rectangle((60, 40, 140, 160), outline=0, width=8)
    assert ink_of(image)[40:48, 60:141].all()


@pytest.mark.parametrize("digit", [2, 3, 5, 8])
@pytest.mark.parametrize("is_light", [False, True])
def test_a_small_digit_that_fills_its_border(digit: int, is_light: bool) -> None:
    image = draw(digit, 40)
    box = image.point(lambda value: 255 * (value < 128)).getbbox()
    image = image.crop(box)
    shape = np.asarray(image) < 128
    seen = image.point(lambda value: 255 - value) if is_light else image
    assert likeness(ink_of(seen), shape) > 0.65


@pytest.mark.parametrize("blur", [0, 1, 2])
def test_a_tight_crop_has_no_printed_lines(blur: int) -> None:
    image = draw(7, 240).crop(draw(7, 240).point(lambda value: 255 - value).getbbox())
    shape = np.asarray(image) < 128
    found = ink_of(image.filter(ImageFilter.GaussianBlur(blur)))
    assert likeness(found, shape) > 0.75


def test_a_filled_square_is_ink_and_no_sheet() -> None:
    image = Image.new("L", (100, 100), 255)
    image.paste(0, (30, 30, 70, 70))
    assert ink_of(image)[30:70, 30:70].all()


@pytest.mark.parametrize("pen", [1 / 8, 1 / 6, 1 / 5, 1 / 4])
@pytest.mark.parametrize("digit", range(10))
def test_a_digit_of_a_broad_brush_is_no_sheet(digit: int, pen: float) -> None:
    shape = np.asarray(coverage(digit, SIDE, pen)) >= 128
    assert likeness(ink_of(draw(digit, SIDE, pen=pen)), shape) > 0.9


def test_nothing_on_nothing_has_no_ink() -> None:
    assert not ink_of(Image.new("RGBA", (40, 30), (0, 0, 0, 0))).any()


@pytest.mark.parametrize("seed", range(5))
def test_noise_of_all_tones_has_no_ink(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 256, (80, 80), dtype=np.uint8)
    assert ink_of(Image.fromarray(values)).mean() < 0.001


@pytest.mark.parametrize("size", [(1, 1), (1, MAX_SIDE), (MAX_SIDE, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("tone", [0, 255])
def test_the_smallest_and_the_thinnest_pictures(size: tuple[int, int], tone: int) -> None:
    picture = read(encode(Image.new("L", size, tone)))
    assert (picture.width, picture.height) == size
    assert not mask(picture).any()


@pytest.mark.parametrize("tones", [(0, 255), (30, 240), (255, 0)], ids=str)
def test_a_tight_crop_of_a_thick_pen_is_ink_for_the_most_part(tones: tuple[int, int]) -> None:
    # 57 % of it is ink: the noise must be taken from the rest.
    image = Image.new("L", (14, 60), tones[1])
    ImageDraw.Draw(image).rounded_rectangle([2, 2, 11, 57], 4, fill=tones[0])
    found = ink_of(image)
    assert found[5:55, 3:11].all()
    assert not found[:, :2].any()


@settings(deadline=None, max_examples=100)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=24)))
def test_any_pixels_give_ink_and_a_threshold(picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape
    found = find_ink(Scan(picture, width, height))
    assert found.ink.shape == picture.shape
    assert found.ink.dtype == np.uint8
    assert found.threshold >= 1  # over 255, nothing can be told from the noise


NOISES: dict[str, Callable[[np.random.Generator, int], NDArray[np.uint8]]] = {
    "even": lambda random, side: random.integers(0, 256, (side, side), dtype=np.uint8),
    "normal": lambda random, side: random.normal(128, 50, (side, side)).clip(0, 255).astype("u1"),
    "two tones": lambda random, side: 255 * random.integers(0, 2, (side, side), dtype=np.uint8),
    "peppered": lambda random, side: np.where(random.random((side, side)) < 0.03, 0, 255).astype(
        "u1"
    ),
}


@pytest.mark.parametrize("side", [28, 64, 280, 700])
@pytest.mark.parametrize("noise", NOISES)
def test_noise_holds_no_ink(noise: str, side: int) -> None:
    for seed in range(5):
        picture = NOISES[noise](np.random.default_rng(seed), side)
        found = find_ink(Scan(picture, side, side))
        assert not (found.ink >= found.threshold).any()
        assert as_it_is(Scan(picture, side, side)) is None


@pytest.mark.parametrize("share", [0.02, 0.1, 0.16])
def test_a_peppered_digit_is_no_noise(share: float) -> None:
    random = np.random.default_rng(3)
    picture = np.asarray(draw(7, 28)).copy()
    hit = random.random(picture.shape) < share
    picture[hit] = random.integers(0, 2, int(hit.sum())) * 255
    assert as_it_is(Scan(picture, 28, 28)) is not None


@pytest.mark.parametrize("tone", [0, 90, 255])
def test_one_tone_is_never_read_as_it_is(tone: int) -> None:
    assert as_it_is(Scan(np.full((28, 28), tone, dtype=np.uint8), 28, 28)) is None


@pytest.mark.parametrize("span", [6, 60, 255])
def test_light_that_slowly_changes_is_never_read_as_it_is(span: int) -> None:
    ramp = np.linspace(255 - span, 255, 28)
    for picture in (np.tile(ramp, (28, 1)), np.add.outer(ramp, ramp) / 2):
        assert as_it_is(Scan(picture.astype(np.uint8), 28, 28)) is None


def test_paper_saved_as_jpeg_is_never_read_as_it_is() -> None:
    paper = np.random.default_rng(0).normal(235, 5, (28, 28)).clip(0, 255).astype(np.uint8)
    saved = Image.open(io.BytesIO(encode(Image.fromarray(paper), "JPEG", quality=30)))
    assert as_it_is(Scan(np.asarray(saved), 28, 28)) is None


def test_a_pale_digit_is_read_as_it_is() -> None:
    picture = 160 + np.asarray(draw(7, 28)).astype(np.int16) // 3
    assert as_it_is(Scan(picture.astype(np.uint8), 28, 28)) is not None


def test_as_it_is_ink_is_light() -> None:
    dark, light = draw(7, 28), Image.eval(draw(7, 28), lambda value: 255 - value)
    for image in (dark, light):
        found = as_it_is(Scan(np.asarray(image), 28, 28))
        assert found is not None
        assert np.array_equal(found.ink, np.asarray(light))


@pytest.mark.parametrize("points", [(60, 220, 220, 60), (60, 220, 220, 82), (60, 60, 220, 220)])
def test_a_slanted_line_of_a_thin_pen_is_no_dust(points: tuple[int, ...]) -> None:
    picture = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(picture).line(points, fill=0, width=1)
    found = find_ink(Scan(np.asarray(picture), 280, 280))
    assert np.array_equal(found.ink >= found.threshold, np.asarray(picture) == 0)


@pytest.mark.parametrize("step", [1, -1])
def test_ink_does_not_end_where_the_picture_does(step: int) -> None:
    """It grows from one side to the other: were the next row's start beside it, it were crisp."""
    ink = np.linspace(0, 250, 60).astype(np.uint8)[np.newaxis, ::step].repeat(40, axis=0)
    assert _crispness(Ink(ink, 125)) < 0.4


@pytest.mark.parametrize("shape", [(40, 30), (1, 30), (30, 1)])
def test_a_line_at_the_top_is_no_frame(shape: tuple[int, int]) -> None:
    ink = np.zeros(shape, dtype=np.uint8)
    ink[0] = 255
    assert _inside_frame(Ink(ink, 128)) is None


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_faint_noise_is_never_read_as_it_is(format: str) -> None:
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(200, 8, (28, 28)).clip(0, 255).astype("u1")
        grey = decode.load(encode(Image.fromarray(noise), format)).grey
        assert as_it_is(Scan(grey, 28, 28)) is None


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [1 / 40, 1 / 12])
def test_strokes_are_no_blot_and_a_sheet_is_one(digit: int, pen: float) -> None:
    ink = np.asarray(coverage(digit, 240, pen)).copy()
    assert not _has_blot(Ink(ink, 64))
    ink[60:180, 100:220] = 255
    assert _has_blot(Ink(ink, 64))


@pytest.mark.parametrize("digit", [1, 4, 8])
def test_strokes_are_crisper_than_a_smear_and_than_nothing(digit: int) -> None:
    image = coverage(digit, 240)
    sharp, soft = (
        Ink(np.asarray(image.filter(ImageFilter.GaussianBlur(by))), threshold)
        for by, threshold in ((0, 64), (8, 32))
    )
    nothing = Ink(np.zeros_like(sharp.values), 64)
    assert _is_crisper(sharp, soft)
    assert not _is_crisper(soft, sharp)
    assert not _is_crisper(sharp, sharp)
    assert not _is_crisper(nothing, soft)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.19, 0.21, 1.0])
@pytest.mark.parametrize("corner", [0, 7, 255])
def test_every_pixel_is_counted_whichever_way(share: float, corner: int) -> None:
    dice = np.random.default_rng(5)
    picture = np.full((40, 50), corner, dtype=np.uint8)
    is_other = dice.random(picture.shape) < share
    picture[is_other] = dice.integers(0, 256, np.count_nonzero(is_other))
    picture[0, 0] = corner
    assert _histogram(picture).tolist() == [np.count_nonzero(picture == n) for n in range(256)]
