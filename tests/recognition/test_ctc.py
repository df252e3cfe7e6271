"""From windows to digits: the digits that are most probable in any windows, and where."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitapp.recognition import ctc
from digitapp.recognition.ctc import Windows
from digitapp.recognition.symbols import BLANK, CLASSES, LINE_CLASSES, text, to_line


def windows(*said: dict[str, float]) -> Windows:
    """What each window says: digits, and `?` for none. The rest is blank."""
    result = np.zeros((len(said), LINE_CLASSES), dtype=np.float32)
    for row, symbols in zip(result, said, strict=True):
        for symbol, probability in symbols.items():
            row[to_line("0123456789?".index(symbol))] = probability
        row[BLANK] = 1 - row.sum()
    return result


def said(found: list[ctc.Found]) -> str:
    return "".join(text(int(one.outputs.argmax())) for one in found)


def test_symbols_are_read_from_the_left() -> None:
    found = ctc.find(windows({}, {"3": 0.9}, {}, {}, {"1": 0.95}, {}, {"?": 0.8}, {}))
    assert said(found) == "31?"
    assert [one.column for one in found] == [2, 8, 12]
    assert [float(one.outputs.max()) for one in found] == pytest.approx([0.9, 0.95, 1])


def test_one_digit_may_be_said_of_several_windows() -> None:
    assert said(ctc.find(windows({"3": 0.9}, {"3": 0.9}, {"3": 0.6}, {}))) == "3"


def test_twice_the_same_digit_is_two_if_nothing_lies_between() -> None:
    assert said(ctc.find(windows({"1": 0.9}, {}, {"1": 0.9}))) == "11"


def test_a_digit_between_two_windows_is_found() -> None:
    """In each of them nothing is more probable, in both together the digit is."""
    found = ctc.find(windows({}, {"6": 0.45}, {"6": 0.45}, {}))
    assert said(found) == "6"
    assert found[0].outputs[6] == pytest.approx(1 - 0.55**2)


def test_a_digit_keeps_all_its_windows() -> None:
    """The 3 is first said far from the 1, and last said beside it."""
    before: list[dict[str, float]] = [{}] * 5
    found = ctc.find(windows(*before, {"3": 0.5}, {"3": 0.9}, {"3": 0.6}, {}, {"1": 0.9}, {}))
    assert said(found) == "31"
    assert [one.column for one in found] == [12, 18]
    assert [float(one.outputs.max()) for one in found] == pytest.approx([0.95, 0.9])


def test_nothing_gives_nothing() -> None:
    assert ctc.find(windows({}, {}, {})) == []
    assert ctc.find(windows({"3": 0.3}, {"7": 0.2}, {})) == []


def test_outputs_are_probabilities() -> None:
    [one] = ctc.find(windows({}, {"3": 0.6, "8": 0.3, "?": 0.05}, {}))
    assert one.outputs.shape == (CLASSES,)
    assert one.outputs.sum() == pytest.approx(1)
    assert one.outputs[[3, 8]] == pytest.approx([0.6, 0.3])


def chance(seed: int, length: int) -> Windows:
    random = np.random.default_rng(seed)
    rows = random.dirichlet([2, *([0.15] * 3)], length)
    return np.concatenate([rows, np.zeros((length, 8))], axis=1).astype(np.float32)


def by_hand(windows: Windows) -> tuple[int, ...]:
    """The most probable symbols by going through all paths."""
    sums: dict[tuple[int, ...], float] = {}
    for path in product(range(4), repeat=len(windows)):
        symbols = tuple(symbol for symbol, _ in groupby(path) if symbol != BLANK)
        sums[symbols] = sums.get(symbols, 0) + float(np.prod(windows[range(len(path)), path]))
    return max(sums, key=lambda symbols: sums[symbols])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_it_finds_what_going_through_all_paths_finds(seed: int, length: int) -> None:
    windows = chance(seed, length)
    windows[windows < ctc.LEAST] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ctc, "BEAMS", 10_000)  # with fewer it may miss the best one
        assert ctc._best(windows).symbols == by_hand(windows)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_places_go_from_left_to_right(seed: int, length: int) -> None:
    columns = [one.column for one in ctc.find(chance(seed, length))]
    assert columns == sorted(set(columns))
    assert all(0 <= column < 2 * length for column in columns)
