"""The ring of recent pages: what it holds does not depend on how fast its workers are."""

import numpy as np
import pytest

from tests.train.plain_pages import page
from train.synthesis import ring
from train.synthesis.ring import CHUNK, RULING, SIDE, WRITING, Bytes, Ring

SIZE = 16


def broken(random: np.random.Generator) -> tuple[Bytes, Bytes, Bytes]:
    raise ValueError(f"no page of {random.integers(1, 2)}")


def drawn(workers: int, *numbers: int) -> list[Bytes]:
    """The greys that are drawn after each advance."""
    with Ring(page, 7, SIZE, workers) as pages:
        found = []
        for number in numbers:
            pages.advance(number)
            found.append(pages.draw(np.random.default_rng(number), 6)[0])
        return found


def test_a_page_and_its_masks_depend_on_seed_and_number() -> None:
    one, same, other = (ring.compose(page, 3, number) for number in (5, 5, 6))
    assert one.shape == (2, SIDE, SIDE) and one.dtype == np.uint8
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    assert set(np.unique(one[1])) == {0, WRITING, RULING}


def test_draws_do_not_depend_on_the_workers() -> None:
    for one, other in zip(drawn(1, 9, 21, 60), drawn(2, 9, 21, 60), strict=True):
        assert np.array_equal(one, other)


def test_the_oldest_pages_leave() -> None:
    with Ring(page, 7, SIZE, 1) as pages:
        pages.advance(60)
        greys, masks = pages.draw(np.random.default_rng(1), 200)
    kept = [ring.compose(page, 7, number) for number in range(60 - SIZE, 60)]
    assert {grey.tobytes() for grey in greys} == {grey.tobytes() for grey, _ in kept}
    assert {mask.tobytes() for mask in masks} == {mask.tobytes() for _, mask in kept}


def test_a_later_start_gives_the_same_pages() -> None:
    with Ring(page, 7, SIZE, 1, start=5 * CHUNK) as pages:
        pages.advance(60)
        assert np.array_equal(pages.draw(np.random.default_rng(60), 6)[0], drawn(1, 60)[0])


def test_what_composing_raises_is_raised() -> None:
    with Ring(broken, 7, SIZE, 1) as pages, pytest.raises(ValueError, match="no page of 1"):
        pages.advance(1)
