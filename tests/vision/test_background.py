"""Plain and uneven backgrounds, shadows, tight crops: what stands out is the digit alone."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from digitapp.recognition.pipeline import recognize
from digitapp.vision.background import _crispness
from digitapp.vision.levels import Foreground
from tests.drawings import coverage, draw, encode
from tests.inks import drawn, engine, ink_of, likeness


def on_background(background: NDArray[np.float64], ink: float = 0.15) -> Image.Image:
    """A seven that lets through `ink` of the background's light."""
    cover = np.asarray(coverage(7, background.shape[0])) / 255
    light = background * (1 - cover * (1 - ink))
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


BACKGROUNDS = [
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


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_uneven_light_leaves_the_digit_alone(
    background: Callable[[int], NDArray[np.float64]],
) -> None:
    picture = on_background(background(240))
    found = ink_of(picture)
    assert likeness(found, drawn(7, 240)) > 0.8
    far = np.asarray(coverage(7, 240).filter(ImageFilter.MaxFilter(9))) == 0
    assert (found & far).mean() < 0.006  # the edge of a hard shadow leaves some
    answer = recognize(encode(picture), engine()).answer
    assert (answer.text, answer.doubt) == ("7", False)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_uneven_light_on_empty_paper_is_no_ink(
    background: Callable[[int], NDArray[np.float64]],
) -> None:
    found = ink_of(Image.fromarray(background(240).clip(0, 255).astype(np.uint8)))
    assert found.mean() < 0.001


@pytest.mark.parametrize("digit", [2, 3, 5, 8])
@pytest.mark.parametrize("is_light", [False, True])
def test_a_small_digit_that_fills_its_border(digit: int, is_light: bool) -> None:
    image = draw(digit, 40)
    box = image.point(lambda value: 255 * (value < 128)).getbbox()
    image = image.crop(box)
    shape = np.asarray(image) < 128
    seen = image.point(lambda value: 255 - value) if is_light else image
    assert likeness(ink_of(seen), shape) > 0.65


@pytest.mark.parametrize("step", [1, -1])
def test_ink_does_not_end_where_the_picture_does(step: int) -> None:
    """It grows from one side to the other: were the next row's start beside it, it were crisp."""
    ink = np.linspace(0, 250, 60).astype(np.uint8)[np.newaxis, ::step].repeat(40, axis=0)
    assert _crispness(Foreground(ink, 125)) < 0.4


@pytest.mark.parametrize("digit", [1, 4, 8])
def test_strokes_are_crisper_than_a_smear(digit: int) -> None:
    image = coverage(digit, 240)
    sharp, soft = (
        Foreground(np.asarray(image.filter(ImageFilter.GaussianBlur(by))), threshold)
        for by, threshold in ((0, 64), (8, 32))
    )
    assert _crispness(sharp) > 0.95 > 0.5 > _crispness(soft)
