"""From a grey picture to ink: noise and empty pictures have none."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitapp.config import MAX_SIDE
from digitapp.vision import decode
from digitapp.vision.ink import (
    ALIKE,
    _hangs_together,
    _is_noise,
    _usual_height,
    as_is,
    find_ink,
    pieces,
)
from digitapp.vision.levels import varied
from digitapp.vision.types import Bytes, Ink, Scan
from tests.drawings import draw, encode
from tests.inks import engine, ink_of, mask, read


def test_nothing_on_nothing_has_no_ink() -> None:
    assert not ink_of(Image.new("RGBA", (40, 30), (0, 0, 0, 0))).any()


def test_specks_are_no_pieces() -> None:
    values = np.zeros((80, 90), np.uint8)
    assert pieces(Ink(values, 128, 90, 80)) == 0
    values[10:60, 10:14] = values[10:60, 30:34] = 255
    values[70, 5:80:10] = 255
    assert pieces(Ink(values, 128, 90, 80)) == 2


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


@settings(deadline=None, max_examples=100)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=24)))
def test_any_pixels_give_ink_and_a_threshold(picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape
    found = find_ink(Scan(picture, width, height), engine())
    assert (found.width, found.height) == (width, height)
    assert found.values.ndim == 2 and found.values.size >= picture.size
    assert found.values.dtype == np.uint8
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
        found = find_ink(Scan(picture, side, side), engine())
        assert not (found.values >= found.threshold).any()
        assert as_is(Scan(picture, side, side)) is None


@pytest.mark.parametrize("share", [0.02, 0.1, 0.16])
def test_a_peppered_digit_is_no_noise(share: float) -> None:
    random = np.random.default_rng(3)
    picture = np.asarray(draw(7, 28)).copy()
    hit = random.random(picture.shape) < share
    picture[hit] = random.integers(0, 2, int(hit.sum())) * 255
    assert as_is(Scan(picture, 28, 28)) is not None


@pytest.mark.parametrize("tone", [0, 90, 255])
def test_one_tone_is_never_read_as_is(tone: int) -> None:
    assert as_is(Scan(np.full((28, 28), tone, dtype=np.uint8), 28, 28)) is None


@pytest.mark.parametrize("span", [6, 60, 255])
def test_light_that_slowly_changes_is_never_read_as_is(span: int) -> None:
    ramp = np.linspace(255 - span, 255, 28)
    for picture in (np.tile(ramp, (28, 1)), np.add.outer(ramp, ramp) / 2):
        assert as_is(Scan(picture.astype(np.uint8), 28, 28)) is None


def test_paper_saved_as_jpeg_is_never_read_as_is() -> None:
    paper = np.random.default_rng(0).normal(235, 5, (28, 28)).clip(0, 255).astype(np.uint8)
    saved = Image.open(io.BytesIO(encode(Image.fromarray(paper), "JPEG", quality=30)))
    assert as_is(Scan(np.asarray(saved), 28, 28)) is None


def test_a_pale_digit_is_read_as_is() -> None:
    picture = 160 + np.asarray(draw(7, 28)).astype(np.int16) // 3
    assert as_is(Scan(picture.astype(np.uint8), 28, 28)) is not None


def test_as_it_is_ink_is_light() -> None:
    dark, light = draw(7, 28), Image.eval(draw(7, 28), lambda value: 255 - value)
    for image in (dark, light):
        found = as_is(Scan(np.asarray(image), 28, 28))
        assert found is not None
        assert np.array_equal(found.values, np.asarray(light))


@pytest.mark.parametrize("points", [(60, 220, 220, 60), (60, 220, 220, 82), (60, 60, 220, 220)])
def test_a_slanted_line_of_a_thin_pen_is_no_dust(points: tuple[int, ...]) -> None:
    picture = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(picture).line(points, fill=0, width=1)
    found = find_ink(Scan(np.asarray(picture), 280, 280), engine())
    assert np.array_equal(found.values >= found.threshold, np.asarray(picture) == 0)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_faint_noise_is_never_read_as_is(format: str) -> None:
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(200, 8, (28, 28)).clip(0, 255).astype("u1")
        grey = decode.decode(encode(Image.fromarray(noise), format)).grey
        assert as_is(Scan(grey, 28, 28)) is None


def chance(grey: Bytes) -> bool:
    """Whether a small picture is noise, by the plain formula: over all of its pixels."""
    pixels = grey.astype(np.float64) - grey[:-1, 1:-1].mean()
    here, below = pixels[:-1, 1:-1], pixels[1:, 1:-1]
    right, before = pixels[:-1, 2:], pixels[:-1, :-2]
    least = 2 * ALIKE * np.square(here).sum()
    return bool((here * (below + right)).sum() <= least >= (below * (before + right)).sum())


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32), st.sampled_from([0.02, 0.1, 0.5, 1.0]), st.integers(0, 12))
def test_noise_in_a_part_of_the_picture_is_told_as_in_all_of_it(
    seed: int, share: float, margin: int
) -> None:
    dice = np.random.default_rng(seed)
    grey = np.full((40, 50), dice.integers(256), dtype=np.uint8)
    inside = grey[margin : 40 - margin, margin : 50 - 2 * margin]
    is_other = dice.random(inside.shape) < share
    inside[is_other] = dice.integers(0, 256, np.count_nonzero(is_other))
    assert _is_noise(grey, varied(grey)) == chance(grey)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (2, 3), (3, 300)])
def test_pictures_too_small_to_tell_are_noise_or_none(shape: tuple[int, int]) -> None:
    grey = np.zeros(shape, np.uint8)
    grey[-1, -1] = 255
    assert _is_noise(grey, varied(grey)) in {True, False}


def test_a_picture_one_pixel_wide_has_a_usual_height() -> None:
    """Of truth values cc3d's labels of it were too many for cc3d itself."""
    column = np.array([1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0], np.uint8)[:, np.newaxis] * np.uint8(255)
    assert _usual_height(column) == 1.0


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_what_hangs_together_is_no_noise(seed: int, pieces: int) -> None:
    dice = np.random.default_rng(seed)
    values = np.zeros((80, 90), np.uint8)
    places, sizes = dice.integers(0, 80, (pieces, 2)), dice.integers(1, 9, (pieces, 2))
    for (y, x), (down, across) in zip(places, sizes, strict=True):
        values[y : y + (down if dice.random() < 0.5 else 1), x : x + across] = 255
    if _hangs_together(Ink(values, 128, 90, 80)):
        assert not _is_noise(values, varied(values))


def test_dots_do_not_hang_together_and_strokes_do() -> None:
    dots, stroke = np.zeros((2, 80, 90), np.uint8)
    dots[10:70:3, 10:70:3] = 255
    stroke[10:70, 40] = 255
    assert not _hangs_together(Ink(dots, 128, 90, 80))
    assert _hangs_together(Ink(stroke, 128, 90, 80))
    assert not _hangs_together(Ink(np.full((80, 90), 255, np.uint8), 128, 90, 80))
