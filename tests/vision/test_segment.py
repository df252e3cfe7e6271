"""The copy that the ink network sees: its size, its tiles, and how they are put together."""

import numpy as np
import pytest

from digitapp.engine import STEP
from digitapp.vision.segment import FEWEST, OVERLAP, SHORTEST, TILE, segment
from digitapp.vision.types import Bytes, Grey


class Echo:
    """Calls dark pixels writing and light ones ruling; it keeps the sizes it was asked of."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, picture: Grey) -> Grey:
        self.shapes.append(picture.shape)
        return np.stack([1 - picture, picture], axis=-1)


def slope(height: int, width: int) -> Bytes:
    """Every pixel tells its place, as far as 256 greys can."""
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((rows * 3 + columns) % 256, dtype=np.uint8)


LONGEST = 512


def test_a_picture_is_seen_as_it_is() -> None:
    picture, echo = slope(300, 200), Echo()
    writing, ruling = segment(picture, echo, LONGEST)
    assert np.array_equal(ruling, picture)
    assert np.array_equal(writing, 255 - picture)
    assert echo.shapes == [(320, 224)]


@pytest.mark.parametrize(
    ("shape", "copy"),
    [
        ((1000, 500), (LONGEST, LONGEST // 2)),
        ((28, 28), (SHORTEST, SHORTEST)),
        ((60, 20), (120, 40)),
        ((1, 8192), (1, LONGEST)),
    ],
)
def test_large_pictures_are_reduced_and_small_ones_enlarged(
    shape: tuple[int, int], copy: tuple[int, int]
) -> None:
    echo = Echo()
    writing, ruling = segment(slope(*shape), echo, LONGEST)
    assert writing.shape == ruling.shape == copy
    [seen] = echo.shapes
    assert min(seen) >= FEWEST
    assert not any(side % STEP for side in seen)


def test_tiles_make_the_whole() -> None:
    picture, echo = slope(TILE + 300, 3 * TILE), Echo()
    _, ruling = segment(picture, echo, longest=3 * TILE)
    assert np.array_equal(ruling, picture)
    assert len(echo.shapes) == 2 * 4
    assert max(map(max, echo.shapes)) == TILE


def test_a_tile_s_edge_is_cut_where_another_tile_has_it() -> None:
    class Rim(Echo):
        """Sees nothing but its own edges."""

        def __call__(self, picture: Grey) -> Grey:
            found = np.ones((*picture.shape, 2), np.float32)
            found[1:-1, 1:-1] = 0
            return found

    writing, _ = segment(np.zeros((200, 2 * TILE - OVERLAP), np.uint8), Rim(), 2 * TILE)
    assert not writing[1:-1, 1 : TILE - OVERLAP].any()
    assert not writing[1:-1, TILE : -TILE % STEP - 1].any()
