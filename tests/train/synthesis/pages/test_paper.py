"""Paper and light: their ranges, and that shadows darken."""

import numpy as np
import pytest

from train.synthesis.pages import camera, paper

SIDE = 96


@pytest.mark.parametrize("make", [paper.paper, paper.table, paper.light, paper.covered])
def test_a_page_of_it_is_filled_with_sensible_greys(make: object) -> None:
    for seed in range(12):
        grey = make(np.random.default_rng(seed), SIDE)  # type: ignore[operator]
        assert grey.shape == (SIDE, SIDE)
        assert np.isfinite(grey).all()
        assert -1 < grey.min() <= grey.max() < 2.5


def test_a_sheet_shows_its_table_now_and_then() -> None:
    shares = [paper.covered(np.random.default_rng(seed), SIDE).mean() for seed in range(30)]
    assert min(shares) < 0.8
    assert max(shares) > 0.9


def test_creases_are_soft_lines_around_nothing() -> None:
    folds = paper.creases(np.random.default_rng(1), SIDE)
    assert abs(float(np.median(folds))) < 0.01
    assert np.abs(folds).max() > 0.01


def test_a_thing_covers_a_part_of_the_page() -> None:
    white = np.ones((SIDE, SIDE), np.float32)
    changed = [
        (paper.things(np.random.default_rng(seed), SIDE, white) != 1).mean() for seed in range(20)
    ]
    assert 0.02 < np.mean(changed) < 0.8


@pytest.mark.parametrize("see", [camera.seen, camera.drawn])
def test_a_camera_keeps_light_and_dark_apart(see: object) -> None:
    page = np.ones((SIDE, SIDE), np.float32)
    page[:, :48] = 0.2
    for seed in range(12):
        grey = see(page, np.random.default_rng(seed)).astype(float)  # type: ignore[operator]
        assert grey[:, :40].mean() + 60 < grey[:, 56:].mean()
