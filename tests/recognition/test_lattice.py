"""What is parted and joined by what the CNN says, here a stand-in that goes by ink's proportions.

Digits are full blocks; where two touch, a thin bridge joins them.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from digitapp.engine.batch import Batch, Windows
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from digitapp.recognition import lattice, split
from digitapp.recognition.classify import Read, Row, flat, read_rows
from digitapp.vision import components
from digitapp.vision.normalize import HIGH, SIDE, STRIDE
from digitapp.vision.types import Box, Bytes, Grey, Mark, Picture

HEIGHT = 40
"""Of every block, in pixels."""

Says = Callable[[float], tuple[float, float]]
"""From width over height to how sure it is of a digit, and of none."""


class Stub:
    """An engine that reads a mark's proportions; it keeps how many it was asked for."""

    model = "stub"

    def __init__(self, says: Says) -> None:
        self.says = says
        self.batches: list[int] = []
        self.strips = 0

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        self.batches.append(len(batch))
        outputs = np.zeros((len(batch), 11), dtype=np.float32)
        for row, pixels in zip(outputs, batch[..., 0], strict=True):
            wide, high = (np.ptp(np.flatnonzero((pixels > 0.5).any(axis=n))) + 1 for n in (0, 1))
            row[7], row[10] = self.says(wide / high)
        return outputs

    def windows(self, strip: Grey) -> Windows:
        self.strips += 1
        inked = (strip[:, SIDE // 2 :] > 0.5).mean(axis=0) > 0.5
        windows = np.zeros(((strip.shape[1] - SIDE) // STRIDE + 1, 12), dtype=np.float32)
        windows[:, 0] = 1
        ends = np.flatnonzero(np.diff(inked, prepend=False, append=False))
        for first, end in ends.reshape(-1, 2):
            sure, none = self.says((end - first) / HIGH)
            place = round((first + end) / 2 / STRIDE)
            windows[place] = 0
            windows[place, [8, 11, 0]] = sure, none, max(1 - sure - none, 0)
        return windows


def narrow_is_a_digit(sure: float = 0.99, widest: float = 0.8) -> Says:
    """Up to this width it is a digit; what is wider is none."""
    return lambda wide: (sure, 1 - sure) if wide <= widest else (0.05, 0.95)


def wide_is_a_digit(sure: float = 0.99, least: float = 0.55) -> Says:
    """From this width on it is a digit; of what is narrower it is not sure."""
    return lambda wide: (sure, 1 - sure) if wide >= least else (0.4, 0.3)


def line(*groups: Sequence[int], gap: int = 20, scale: int = 1, height: int = HEIGHT) -> Picture:
    """A row of marks, apart by `gap`: each of blocks so wide that are bridged."""
    parts: list[Bytes] = []
    for widths in groups:
        parts.append(np.zeros((height, gap), dtype=np.uint8))
        for number, width in enumerate(widths):
            if number:
                bridge = np.zeros((height, 4), dtype=np.uint8)
                bridge[height // 2 : height // 2 + 3] = 255
                parts.append(bridge)
            parts.append(np.full((height, width), 255, dtype=np.uint8))
    ink = np.pad(np.concatenate(parts, axis=1), ((20, 20), (0, 20)))
    return Picture(ink, 64, ink.shape[1] * scale, ink.shape[0] * scale)


def found(picture: Picture, engine: Stub) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows before the search and after it."""
    rows = read_rows(components.segment(picture), engine)
    return rows, lattice.best(rows, picture, engine)


def boxes(rows: Sequence[Row]) -> list[Box]:
    return [each.mark.box for each in flat(rows)]


# --- parting


@pytest.mark.parametrize("several", [(24, 24), (20, 28), (24, 20, 28), (24, 24, 24, 24)])
def test_digits_that_touch_are_parted(several: tuple[int, ...]) -> None:
    before, after = found(line((24,), several, (24,)), Stub(narrow_is_a_digit()))
    assert len(boxes(before)) == 3
    assert len(boxes(after)) == 2 + len(several)
    assert boxes(after)[0] == boxes(before)[0]
    assert boxes(after)[-1] == boxes(before)[-1]
    for box, width in zip(boxes(after)[1:-1], several, strict=True):
        assert width <= box.width <= width + 8  # with what it has of a bridge or two
        assert box.height == HEIGHT


def test_parts_hold_all_the_ink_once() -> None:
    picture = line((24,), (24, 20))
    before, after = found(picture, Stub(narrow_is_a_digit()))
    whole = flat(before)[1].mark
    again = np.zeros_like(picture.ink, dtype=np.float32)
    for each in flat(after)[1:]:
        height, width = each.mark.ink.shape
        left, top = each.mark.left, each.mark.top
        again[top : top + height, left : left + width] += each.mark.ink
    height, width = whole.ink.shape
    place = again[whole.top : whole.top + height, whole.left : whole.left + width]
    assert np.array_equal(place, whole.ink)


def test_what_no_cut_makes_digits_of_stays_whole() -> None:
    before, after = found(line((24,), (24, 24)), Stub(narrow_is_a_digit(widest=0.3)))
    assert boxes(after) == boxes(before)


@pytest.mark.parametrize(("sure", "count"), [(0.75, 1), (0.99, 2)])
def test_what_stands_alone_is_parted_only_where_its_parts_are_surely_digits(
    sure: float, count: int
) -> None:
    assert len(boxes(found(line((24, 24)), Stub(narrow_is_a_digit(sure)))[1])) == count
    in_a_row = found(line((24,), (24, 24)), Stub(narrow_is_a_digit(sure)))[1]
    assert len(boxes(in_a_row)) == 3


def test_a_letter_alone_is_not_even_tried() -> None:
    width = int((lattice.NARROW_ALONE * HEIGHT - 4) / 2)
    assert width > lattice.NARROW * HEIGHT / 2  # beside others it would be
    alone, beside = Stub(narrow_is_a_digit(widest=0.5)), Stub(narrow_is_a_digit(widest=0.5))
    assert len(boxes(found(line((width, width)), alone)[1])) == 1
    assert len(boxes(found(line((20,), (width, width)), beside)[1])) == 3
    assert (alone.batches, alone.strips) == ([1], 0)


def test_a_dash_is_not_parted() -> None:
    picture = line((24,), (8, 8), (24,))
    picture.ink[36:48, 64:84] |= picture.ink[20:32, 64:84]
    picture.ink[20:34, 64:84] = picture.ink[46:60, 64:84] = 0  # of the pair 12 rows remain
    before, after = found(picture, Stub(narrow_is_a_digit(widest=0.9)))
    assert [box.height for box in boxes(before)] == [40, 12, 40]
    assert boxes(after) == boxes(before)


# --- joining


def pieces(*spans: tuple[int, int], sure: float = 0.4) -> tuple[Picture, Row]:
    """Blocks from one column to another, each read as `sure` of a digit."""
    ink = np.zeros((80, 300), dtype=np.uint8)
    for first, last in spans:
        ink[20 : 20 + HEIGHT, first:last] = 255
    picture = Picture(ink, 64, 300, 80)
    marks = [
        components.mark_at(picture, np.ones((HEIGHT, last - first), np.float32), first, 20)
        for first, last in spans
    ]
    outputs = np.array([0, 0, 0, sure, 0, 0, 0, 0, 0, 0, 0.3], dtype=np.float32)
    return picture, [Read(mark, np.zeros((28, 28, 1), np.float32), outputs) for mark in marks]


def test_pieces_of_a_broken_digit_are_joined() -> None:
    picture, row = pieces((10, 20), (26, 38))
    [[one]] = lattice.best([row], picture, Stub(wide_is_a_digit()))
    assert one.mark.box == row[0].mark.box.union(row[1].mark.box)
    assert np.array_equal(one.mark.ink > 0, picture.ink[20:60, 10:38] > 0)
    assert one.best > 0.9


def test_three_pieces_are_joined() -> None:
    picture, row = pieces((10, 16), (22, 28), (34, 40))
    [[one]] = lattice.best([row], picture, Stub(wide_is_a_digit()))
    assert (one.mark.left, one.mark.ink.shape) == (10, (HEIGHT, 30))


def test_only_what_belongs_together_is_joined() -> None:
    picture, row = pieces((10, 20), (26, 38), (100, 110), (116, 128))
    [joined] = lattice.best([row], picture, Stub(wide_is_a_digit()))
    assert [(each.mark.left, each.mark.ink.shape[1]) for each in joined] == [(10, 28), (100, 28)]


@pytest.mark.parametrize(("gap", "count"), [(2, 1), (8, 1), (12, 2), (30, 2)])
def test_what_is_far_apart_is_not_joined(gap: int, count: int) -> None:
    picture, row = pieces((10, 20), (20 + gap, 32 + gap))
    [after] = lattice.best([row], picture, Stub(wide_is_a_digit(least=0.5)))
    assert len(after) == count
    assert lattice.NEAR * HEIGHT == 10


@pytest.mark.parametrize(("sure", "count"), [(0.7, 2), (0.99, 1)])
def test_what_would_be_no_sure_digit_is_not_joined(sure: float, count: int) -> None:
    picture, row = pieces((10, 20), (26, 38), sure=0.3)
    [after] = lattice.best([row], picture, Stub(wide_is_a_digit(sure)))
    assert len(after) == count


# --- what is not questioned


def test_sure_digits_are_left_alone() -> None:
    picture, row = pieces((10, 20), (26, 38), (50, 70), sure=0.95)
    sure = [each._replace(outputs=np.where(np.arange(11) == 3, 0.95, 0)) for each in row]
    engine = Stub(wide_is_a_digit())
    rows = [sure]
    [after] = lattice.best(rows, picture, engine)
    assert all(one is other for one, other in zip(after, sure, strict=True))
    assert engine.batches == []


def test_nothing_stays_nothing() -> None:
    engine = Stub(wide_is_a_digit())
    assert lattice.best([], line((24,)), engine) == []
    assert engine.batches == []


def test_rows_are_searched_each_for_itself() -> None:
    picture = line((24,), (24, 24))
    above, below = line((24,), (24, 24)), line((24, 20), (24,), (24,))
    width = max(above.ink.shape[1], below.ink.shape[1])
    ink = np.concatenate(
        [np.pad(each.ink, ((0, 0), (0, width - each.ink.shape[1]))) for each in (above, below)]
    )
    picture = Picture(ink, 64, ink.shape[1], ink.shape[0])
    assert [len(row) for row in found(picture, Stub(narrow_is_a_digit()))[1]] == [3, 4]


def test_strips_have_a_bound_and_what_is_beyond_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "MOST", 1_000)
    engine = Stub(narrow_is_a_digit())
    before, after = found(line(*[(24,), (24, 24)] * 60, gap=30), engine)
    assert len(boxes(before)) == 120
    assert engine.strips == 1_000 // (round(52 * HIGH / HEIGHT) + SIDE)
    assert len(boxes(after)) == 120 + engine.strips
    assert boxes(after)[1].width < 30  # the first pair is parted, the last one is not
    assert boxes(after)[-1] == boxes(before)[-1]


def test_trials_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lattice, "MOST", 70)
    picture, row = pieces(*((i * 20, i * 20 + 12) for i in range(15)))
    engine = Stub(wide_is_a_digit())
    assert len(lattice.best([row] * 4, picture, engine)) == 4
    most_of_one = 3 + 3
    assert sum(engine.batches) <= 70 - 4 * 15 + most_of_one


@pytest.mark.parametrize(("several", "parted"), [(2, False), (40, True)])
def test_a_few_digits_on_a_page_of_text_are_none(several: int, parted: bool) -> None:
    """What is 36 wide is no digit, and what is 24 wide is one: here in pairs."""
    picture = line(*[(36,)] * (50 - several), *[(24, 24)] * several, gap=30)
    before, after = found(picture, Stub(narrow_is_a_digit(widest=0.65)))
    assert len(boxes(before)) == 50
    assert (len(boxes(after)) == 50 + several) == parted
    assert (boxes(after) == boxes(before)) == (not parted)


# --- any marks at all


class Chance:
    """An engine that says anything, but the same of the same picture."""

    model = "chance"

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        outputs = [self._outputs(int(pixels.sum() * 1000)) for pixels in batch]
        return np.stack(outputs) if outputs else np.empty((0, 11), dtype=np.float32)

    def windows(self, strip: Grey) -> Windows:
        random = np.random.default_rng((self.seed, int(strip.sum() * 1000)))
        nothing = [random.choice([0.1, 3]), *([0.1] * 11)]
        count = (strip.shape[1] - SIDE) // STRIDE + 1
        return random.dirichlet(nothing, count).astype(np.float32)

    def _outputs(self, number: int) -> NDArray[np.float32]:
        random = np.random.default_rng((self.seed, number))
        return random.dirichlet(np.full(11, random.choice([0.02, 0.3]))).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(4, 40), min_size=1, max_size=4), min_size=1, max_size=5),
    st.integers(2, 30),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_boxes_lie_in_the_picture_and_no_mark_is_lost(
    groups: list[list[int]], gap: int, scale: int, seed: int
) -> None:
    picture = line(*groups, gap=gap, scale=scale)
    before = read_rows(components.segment(picture), Chance(seed))
    after = lattice.best(before, picture, Chance(seed))
    assert len(after) == len(before)
    for row, searched in zip(before, after, strict=True):
        check_row(row, searched, picture, scale)


def check_row(row: Row, searched: Row, picture: Picture, scale: int) -> None:
    """Each mark found lies within those that it is of, and all of them are still there."""
    for each in searched:
        mark = each.mark
        height, width = mark.ink.shape
        assert mark.box == Box(mark.left * scale, mark.top * scale, width * scale, height * scale)
        assert mark.box.right <= picture.width
        assert mark.box.bottom <= picture.height
        assert mark.ink[0].any() and mark.ink[-1].any()
        assert mark.ink[:, 0].any() and mark.ink[:, -1].any()
        around = [other.mark for other in row if is_shared(other.mark, mark)]
        assert around
        hull = around[0].box
        for other in around[1:]:
            hull = hull.union(other.box)
        assert hull.union(mark.box) == hull
    for each in row:
        assert any(is_shared(each.mark, other.mark) for other in searched)


def is_shared(one: Mark, other: Mark) -> bool:
    across = min(one.box.right, other.box.right) - max(one.box.x, other.box.x)
    down = min(one.box.bottom, other.box.bottom) - max(one.box.y, other.box.y)
    return across > 0 and down > 0
