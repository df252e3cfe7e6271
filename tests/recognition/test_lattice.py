"""What is split and joined by what the networks say, here a stand-in that goes by proportions.

Digits are full blocks. Where two touch, a thin bridge joins them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from digitapp.engine import SIDE, Engine
from digitapp.recognition import lattice, split
from digitapp.recognition.classify import Read, Row, flat, read_rows
from digitapp.recognition.ctc import Windows
from digitapp.recognition.symbols import (
    BLANK,
    CLASSES,
    LINE_CLASSES,
    NO_DIGIT,
    to_line,
)
from digitapp.vision.context import GAP
from digitapp.vision.normalize import LINE_HEIGHT, STRIDE
from digitapp.vision.types import Box, Bytes, Candidate, Grey, Ink
from tests.engine.inputs import Batch, digits_alone
from tests.inks import as_ink, rows

HEIGHT = 40
"""Of every block, in pixels."""

Says = Callable[[float], tuple[float, float]]
"""From width over height to how sure it is of a digit, and of none."""


class Stub:
    """An engine that reads a candidate's proportions; it keeps how many it was asked for."""

    model = "stub"

    def __init__(self, says: Says) -> None:
        self.says = says
        self.batches: list[int] = []
        self.lines = 0

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        self.batches.append(len(batch))
        outputs = np.zeros((len(batch), CLASSES), dtype=np.float32)
        for row, pixels in zip(outputs, batch[..., 0], strict=True):
            wide, high = (np.ptp(np.flatnonzero((pixels > 0.5).any(axis=n))) + 1 for n in (0, 1))
            row[7], row[NO_DIGIT] = self.says(wide / high)
        return outputs

    def windows(self, line: Grey) -> Windows:
        self.lines += 1
        inked = (line[:, SIDE // 2 :] > 0.5).mean(axis=0) > 0.5
        shape = (line.shape[1] - SIDE) // STRIDE + 1, LINE_CLASSES
        windows = np.zeros(shape, dtype=np.float32)
        windows[:, BLANK] = 1
        ends = np.flatnonzero(np.diff(inked, prepend=False, append=False))
        for first, end in ends.reshape(-1, 2):
            sure, none = self.says((end - first) / LINE_HEIGHT)
            place = round((first + end) / 2 / STRIDE)
            windows[place] = 0
            windows[place, [to_line(7), to_line(NO_DIGIT), BLANK]] = (
                sure,
                none,
                max(1 - sure - none, 0),
            )
        return windows

    def ink(self, picture: Grey) -> Grey:
        raise AssertionError(picture.shape)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)


def narrow_is_a_digit(sure: float = 0.99, widest: float = 0.8) -> Says:
    """Up to this width it is a digit; what is wider is none."""
    return lambda wide: (sure, 1 - sure) if wide <= widest else (0.05, 0.95)


def wide_is_a_digit(sure: float = 0.99, least: float = 0.55) -> Says:
    """From this width on it is a digit; of what is narrower it is not sure."""
    return lambda wide: (sure, 1 - sure) if wide >= least else (0.4, 0.3)


def line(*groups: Sequence[int], gap: int = 20, scale: int = 1, height: int = HEIGHT) -> Ink:
    """A row of candidates, apart by `gap`: each of blocks so wide that are bridged."""
    parts: list[Bytes] = []
    for widths in groups:
        parts.append(np.zeros((height, gap), dtype=np.uint8))
        for number, width in enumerate(widths):
            if number:
                bridge = np.zeros((height, 4), dtype=np.uint8)
                bridge[height // 2 : height // 2 + 3] = 255
                parts.append(bridge)
            parts.append(np.full((height, width), 255, dtype=np.uint8))
    return as_ink(np.pad(np.concatenate(parts, axis=1), ((20, 20), (0, 20))), scale)


def searched(ink: Ink, engine: Engine) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows before the search and after it."""
    before = read_rows(rows(ink), engine)
    return before, lattice.best(before, engine).rows


def boxes(ink: Ink, engine: Engine) -> tuple[list[Box], list[Box]]:
    """The boxes of all candidates before the search and after it."""
    before, after = searched(ink, engine)
    return boxes_of(ink, before), boxes_of(ink, after)


def boxes_of(ink: Ink, found: Sequence[Row]) -> list[Box]:
    return [ink.box(each.candidate) for each in flat(found)]


# --- splitting


@pytest.mark.parametrize("several", [(24, 24), (20, 28), (24, 20, 28), (24, 24, 24, 24)])
def test_digits_that_touch_are_split(several: tuple[int, ...]) -> None:
    before, after = boxes(line((24,), several, (24,)), Stub(narrow_is_a_digit()))
    assert len(before) == 3
    assert len(after) == 2 + len(several)
    assert after[0] == before[0]
    assert after[-1] == before[-1]
    for box, width in zip(after[1:-1], several, strict=True):
        assert width <= box.width <= width + 8  # with what it has of a bridge or two
        assert box.height == HEIGHT


def test_what_is_split_holds_all_the_ink_once() -> None:
    ink = line((24,), (24, 20))
    before, after = searched(ink, Stub(narrow_is_a_digit()))
    whole = flat(before)[1].candidate
    again = np.zeros_like(ink.values, dtype=np.float32)
    for each in (one.candidate for one in flat(after)[1:]):
        again[each.top : each.bottom, each.left : each.right] += each.ink
    assert np.array_equal(again[whole.top : whole.bottom, whole.left : whole.right], whole.ink)


def test_what_no_cut_makes_digits_of_stays_whole() -> None:
    before, after = boxes(line((24,), (24, 24)), Stub(narrow_is_a_digit(widest=0.3)))
    assert after == before


@pytest.mark.parametrize(("sure", "count"), [(0.75, 1), (0.99, 2)])
def test_what_stands_alone_is_split_only_into_sure_digits(sure: float, count: int) -> None:
    assert len(boxes(line((24, 24)), Stub(narrow_is_a_digit(sure)))[1]) == count
    in_a_row = boxes(line((24,), (24, 24)), Stub(narrow_is_a_digit(sure)))[1]
    assert len(in_a_row) == 3


def test_a_small_candidate_is_not_split() -> None:
    ink = line((24,), (4, 4), (24,))
    ink.values[32:60, 64:76] = 0  # of the pair 12 rows remain
    ink.values[24:28, 64:76] = 255  # and what joins it
    before, after = boxes(ink, Stub(narrow_is_a_digit(widest=0.9)))
    assert [max(box.width, box.height) for box in before] == [40, 12, 40]
    assert after == before


# --- joining


def fragments(*spans: tuple[int, int], sure: float = 0.4) -> Row:
    """Blocks from one column to another, each read as `sure` of a 3."""
    outputs = np.zeros(CLASSES, dtype=np.float32)
    outputs[[3, NO_DIGIT]] = sure, 0.3
    blocks = [
        Candidate(np.ones((HEIGHT, end - first), np.float32), first, 20) for first, end in spans
    ]
    return [Read(block, np.zeros((28, 28, 1), np.float32), outputs) for block in blocks]


def test_fragments_of_a_broken_digit_are_joined() -> None:
    row = fragments((10, 20), (26, 38))
    [[one]] = lattice.best([row], Stub(wide_is_a_digit())).rows
    assert as_ink(np.zeros((80, 300), np.uint8)).box(one.candidate) == Box(10, 20, 28, HEIGHT)
    has_ink = np.repeat([True, False, True], [10, 6, 12])  # of each column
    assert np.array_equal(one.candidate.ink > 0, np.tile(has_ink, (HEIGHT, 1)))
    assert one.best > 0.9


def test_three_fragments_are_joined() -> None:
    row = fragments((10, 16), (22, 28), (34, 40))
    [[one]] = lattice.best([row], Stub(wide_is_a_digit())).rows
    assert (one.candidate.left, one.candidate.ink.shape) == (10, (HEIGHT, 30))


def test_only_what_belongs_together_is_joined() -> None:
    row = fragments((10, 20), (26, 38), (100, 110), (116, 128))
    [joined] = lattice.best([row], Stub(wide_is_a_digit())).rows
    assert [(each.candidate.left, each.candidate.width) for each in joined] == [(10, 28), (100, 28)]


@pytest.mark.parametrize(("gap", "count"), [(2, 1), (8, 1), (12, 2), (30, 2)])
def test_what_is_far_apart_is_not_joined(gap: int, count: int) -> None:
    row = fragments((10, 20), (20 + gap, 32 + gap))
    [after] = lattice.best([row], Stub(wide_is_a_digit(least=0.5))).rows
    assert len(after) == count
    assert GAP * HEIGHT == 10


@pytest.mark.parametrize(("sure", "count"), [(0.45, 2), (0.99, 1)])
def test_what_would_be_no_probable_digit_is_not_joined(sure: float, count: int) -> None:
    row = fragments((10, 20), (26, 38), sure=0.3)
    [after] = lattice.best([row], Stub(wide_is_a_digit(sure))).rows
    assert len(after) == count


# --- what is not questioned


def test_sure_digits_are_left_alone() -> None:
    sure = [
        replace(each, outputs=np.where(np.arange(CLASSES) == 3, 0.95, 0).astype(np.float32))
        for each in fragments((10, 20), (26, 38), (50, 70))
    ]
    engine = Stub(wide_is_a_digit())
    [after] = lattice.best([sure], engine).rows
    assert all(one.candidate is other.candidate for one, other in zip(after, sure, strict=True))
    assert engine.batches == []


def test_nothing_stays_nothing() -> None:
    engine = Stub(wide_is_a_digit())
    assert lattice.best([], engine).rows == []
    assert engine.batches == []


def test_rows_are_searched_each_for_itself() -> None:
    above, below = line((24,), (24, 24)).values, line((24, 20), (24,), (24,)).values
    width = max(above.shape[1], below.shape[1])
    both = [np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in (above, below)]
    _, after = searched(as_ink(np.concatenate(both)), Stub(narrow_is_a_digit()))
    assert [len(row) for row in after] == [3, 4]


def test_line_images_have_a_bound_and_what_is_beyond_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(split, "MOST", 1_000)
    engine = Stub(narrow_is_a_digit())
    before, after = boxes(line(*[(24,), (24, 24)] * 60, gap=30), engine)
    assert len(before) == 120
    assert engine.lines == 1_000 // (round(52 * LINE_HEIGHT / HEIGHT) + SIDE)
    assert len(after) == 120 + engine.lines
    assert after[1].width < 30  # the first pair is split, the last one is not
    assert after[-1] == before[-1]


def test_trials_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lattice, "MOST", 70)
    row = fragments(*((i * 20, i * 20 + 12) for i in range(15)))
    engine = Stub(wide_is_a_digit())
    assert len(lattice.best([row] * 4, engine).rows) == 4
    most_of_one = 3 + 3
    assert sum(engine.batches) <= 70 - 4 * 15 + most_of_one


@pytest.mark.parametrize(("several", "are_split"), [(2, False), (40, True)])
def test_a_few_digits_on_a_page_of_text_are_none(several: int, are_split: bool) -> None:
    """What is 36 wide is no digit, and what is 24 wide is one: here in pairs."""
    ink = line(*[(36,)] * (50 - several), *[(24, 24)] * several, gap=30)
    before, after = boxes(ink, Stub(narrow_is_a_digit(widest=0.65)))
    assert len(before) == 50
    assert (len(after) == 50 + several) == are_split
    assert (after == before) == (not are_split)


# --- any candidates at all


class Chance:
    """An engine that says anything, but the same of the same picture."""

    model = "chance"

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        outputs = [self._outputs(int(pixels.sum() * 1000)) for pixels in batch]
        return np.stack(outputs) if outputs else np.empty((0, CLASSES), dtype=np.float32)

    def windows(self, line: Grey) -> Windows:
        random = np.random.default_rng((self.seed, int(line.sum() * 1000)))
        nothing = [random.choice([0.1, 3]), *([0.1] * CLASSES)]
        count = (line.shape[1] - SIDE) // STRIDE + 1
        return random.dirichlet(nothing, count).astype(np.float32)

    def ink(self, picture: Grey) -> Grey:
        raise AssertionError(picture.shape)

    def signs(self, batch: Batch) -> Batch:
        return digits_alone(batch)

    def _outputs(self, number: int) -> NDArray[np.float32]:
        random = np.random.default_rng((self.seed, number))
        return random.dirichlet(np.full(CLASSES, random.choice([0.02, 0.3]))).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(4, 40), min_size=1, max_size=4), min_size=1, max_size=5),
    st.integers(2, 30),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_boxes_lie_in_the_picture_and_no_candidate_is_lost(
    groups: list[list[int]], gap: int, scale: int, seed: int
) -> None:
    ink = line(*groups, gap=gap, scale=scale)
    before, after = searched(ink, Chance(seed))
    assert len(after) == len(before)
    for one, other in zip(before, after, strict=True):
        given = [each.candidate for each in one]
        found = [each.candidate for each in other]
        for candidate in found:
            check_place(candidate, ink, scale)
            around = [each for each in given if is_shared(each, candidate)]
            assert around
            hull = Candidate.union(around)
            assert ink.box(Candidate.union([hull, candidate])) == ink.box(hull)
        assert all(any(is_shared(each, candidate) for candidate in found) for each in given)


def check_place(found: Candidate, ink: Ink, scale: int) -> None:
    """A candidate is cropped to its ink, and its box lies in the picture."""
    height, width = found.ink.shape
    box = ink.box(found)
    assert box == Box(found.left * scale, found.top * scale, width * scale, height * scale)
    assert box.right <= ink.width
    assert box.bottom <= ink.height
    assert found.ink[0].any() and found.ink[-1].any()
    assert found.ink[:, 0].any() and found.ink[:, -1].any()


def is_shared(one: Candidate, other: Candidate) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0
