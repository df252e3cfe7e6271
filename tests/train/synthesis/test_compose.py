"""Composed numbers and pages: what they say, how far their digits are apart, the same each time."""

import io
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis import compose


@pytest.fixture(scope="module")
def digits() -> Split:
    """Sixty digits."""
    drawn = stand_in.arrays()
    images = (drawn["x_test"] / 255).astype(np.float32)[..., np.newaxis]
    return Split(images, drawn["y_test"].astype(np.int64))


def grey(composed: compose.Composed) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(composed.picture)))


def bar(width: int) -> compose.Ink:
    return np.ones((20, width), dtype=np.float32)


@pytest.mark.parametrize("kind", compose.GAPS)
def test_strings_are_of_two_to_six_digits_half_of_them_dark(kind: str, digits: Split) -> None:
    made = list(compose.strings(kind, digits, 80))
    assert len(made) == 80
    assert {len(each.label) for each in made} == {2, 3, 4, 5, 6}
    assert set("".join(each.label for each in made)) == set("0123456789")
    dark = [grey(each)[0, 0] > 128 for each in made]
    assert 20 < sum(dark) < 60
    scales = [grey(each).shape[0] / (20 + 2 * (compose.BASELINE + compose.MARGIN)) for each in made]
    assert min(scales) < 2.5 and max(scales) > 5


def test_the_same_seed_gives_the_same_and_another_gives_others(digits: Split) -> None:
    one, same = (list(compose.strings("close", digits, 5)) for _ in range(2))
    assert one == same
    assert one != list(compose.strings("close", digits, 5, seed=2))
    assert one != list(compose.strings("clear", digits, 5))


@pytest.mark.parametrize("gaps", [(2, 8), (0, 0), (3, 3)])
def test_digits_stand_so_far_apart(gaps: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        ink = compose.row([bar(4), bar(6), bar(5)], gaps, random)
        inked = np.flatnonzero(ink.any(axis=0))
        runs = [
            len(list(run))
            for empty, run in itertools.groupby((ink.max(axis=0) == 0).tolist())
            if empty
        ]
        assert inked[0] == 0 and inked[-1] == ink.shape[1] - 1
        assert all(gaps[0] <= run <= gaps[1] for run in runs)
        assert len(runs) == (2 if gaps[0] > 0 else 0)


@pytest.mark.parametrize("gap", [-1, -3])
def test_touching_digits_overlap(gap: int) -> None:
    ink = compose.row([bar(8), bar(8), bar(8)], (gap, gap), np.random.default_rng(0))
    assert ink.shape[1] == 24 + 2 * gap
    assert ink.any(axis=0).all()


def test_baselines_differ_within_bounds() -> None:
    random, tops = np.random.default_rng(1), set()
    for _ in range(60):
        ink = compose.row([bar(3), bar(3)], (2, 2), random)
        assert ink.sum() == 2 * 60
        tops |= {int(ink[:, column].argmax()) for column in (0, -1)}
    assert tops == set(range(7))


def test_a_page_says_its_rows_and_is_light_paper(digits: Split) -> None:
    [page] = compose.pages(digits, 1, rows=4, columns=6)
    rows = page.label.split("\n")
    assert len(rows) == 4
    assert all(3 <= len(row) <= 6 for row in rows)
    tones = grey(page)
    assert np.median(tones) > 100 and np.quantile(tones, 0.01) < np.median(tones) / 2
    assert [page] == list(compose.pages(digits, 1, rows=4, columns=6))


def test_a_photograph_tilts_and_shades_no_more_than_its_paper() -> None:
    ink = np.zeros((60, 200), dtype=np.float32)
    ink[28:32, 20:180] = 1
    level = compose.Paper(tilt=0, keystone=0, shade=0, noise=0)
    for paper, slopes in ((level, False), (compose.Paper(shade=0, noise=0), True)):
        places = []
        for seed in range(6):
            photo = compose.photograph(ink, np.random.default_rng(seed), paper)
            seen = np.asarray(Image.open(io.BytesIO(photo)), dtype=np.float32)
            left, right = (int(seen[:, column].argmin()) for column in (40, 160))
            places.append(abs(left - right))
        assert max(places) <= 120 * np.tan(np.radians(paper.tilt)) + 3
        assert (max(places) > 3) == slopes
