"""Composed pages: the same each time, their masks true to what is drawn, some without writing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.train import stand_in
from train.data.mnist import Split
from train.synthesis.pages import compose

Page = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def digits() -> Split:
    """Sixty digits."""
    drawn = stand_in.arrays()
    images = (drawn["x_test"] / 255).astype(np.float32)[..., np.newaxis]
    return Split(images, drawn["y_test"].astype(np.int64))


@pytest.fixture(scope="module")
def pages(digits: Split) -> list[Page]:
    """Sixty pages."""
    return [compose.page(np.random.default_rng((3, number)), digits) for number in range(60)]


def test_a_page_and_its_masks_have_one_shape(pages: list[Page]) -> None:
    for grey, writing, ruling in pages:
        assert grey.shape == writing.shape == ruling.shape == (compose.SIDE, compose.SIDE)
        assert {grey.dtype, writing.dtype, ruling.dtype} == {np.dtype(np.uint8)}
        assert max(writing.max(), ruling.max()) <= 1


def test_the_same_seed_gives_the_same_page(digits: Split, pages: list[Page]) -> None:
    again = compose.page(np.random.default_rng((3, 7)), digits)
    assert all(np.array_equal(one, other) for one, other in zip(again, pages[7], strict=True))
    assert not np.array_equal(pages[7][0], pages[8][0])


def test_pages_are_of_all_sorts(pages: list[Page]) -> None:
    written = [writing.any() for _, writing, _ in pages]
    ruled = [ruling.any() for _, _, ruling in pages]
    light = [np.median(grey) > 128 for grey, _, _ in pages]
    for kind in (written, ruled, light):
        assert 0.1 < np.mean(kind) < 0.98


def test_writing_differs_from_what_is_around_it(pages: list[Page]) -> None:
    differences = []
    for grey, writing, ruling in pages:
        paper = (writing == 0) & (ruling == 0)
        if writing.sum() > 100 and paper.any():
            ink = grey[writing == 1].astype(float)
            differences.append(abs(np.median(ink) - np.median(grey[paper])))
    assert np.median(differences) > 40
