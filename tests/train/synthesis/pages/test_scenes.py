"""Scenes: which of them rule, which write, and what a number may hold."""

import numpy as np
import pytest

from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis.pages.hand import PLACED, Hand
from train.synthesis.pages.scenes import SCENES, Scene
from train.synthesis.pages.sheet import Sheet

RULED = {
    Scene.lines,
    Scene.squares,
    Scene.table,
    Scene.boxes,
    Scene.underlined,
    Scene.ringed,
    Scene.struck,
    Scene.beside_a_margin,
}


@pytest.fixture(scope="module")
def digits() -> Split:
    """Sixty digits."""
    drawn = stand_in.arrays()
    images = (drawn["x_test"] / 255).astype(np.float32)[..., np.newaxis]
    return Split(images, drawn["y_test"].astype(np.int64))


def scene(digits: Split, seed: int) -> Scene:
    random = np.random.default_rng(seed)
    return Scene(Sheet(640), Hand(random, digits), random, 60)


@pytest.mark.parametrize("kind", SCENES, ids=lambda kind: kind.__name__)
def test_a_scene_holds_what_its_name_says(digits: Split, kind: object) -> None:
    sheets = []
    for seed in range(6):
        each = scene(digits, seed)
        kind(each)  # type: ignore[operator]
        sheets.append(each.sheet)
    assert any(sheet.writing.drawn.getbbox() for sheet in sheets) is (kind is not Scene.nothing)
    ruled = any(sheet.ruling.drawn.getbbox() for sheet in sheets)
    assert ruled is (kind in RULED or kind is Scene.nothing)


def test_numbers_hold_digits_and_known_signs(digits: Split) -> None:
    each = scene(digits, 0)
    numbers = [each.number() for _ in range(300)]
    signs = set("".join(numbers)) - set("0123456789")
    assert signs <= set(PLACED)
    assert {".", ",", "-", "/", ":"} <= signs
    assert all(any(c.isdigit() for c in number) for number in numbers)
