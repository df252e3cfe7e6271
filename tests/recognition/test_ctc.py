"""From windows to digits: the digits that are most probable in any windows, and where."""

from itertools import product

import numpy as np
import pytest
from digitapp.engine.batch import Windows
from hypothesis import given, settings
from hypothesis import strategies as st

from digitapp.recognition import ctc


def windows(*said: dict[str, float]) -> Windows:
    """What each window says: digits, and `?` for none; the rest is nothing."""
    result = np.zeros((len(said), 12), dtype=np.float32)
    for row, signs in zip(result, said, strict=True):
        for sign, probability in signs.items():
            row["0123456789?".index(sign) + 1] = probability
        row[0] = 1 - row.sum()
    return result


def text(found: list[ctc.Found]) -> str:
    return "".join("0123456789?"[int(one.outputs.argmax())] for one in found)


def test_signs_are_read_from_the_left() -> None:
    found = ctc.find(windows({}, {"3": 0.9}, {}, {}, {"1": 0.95}, {}, {"?": 0.8}, {}))
    assert text(found) == "31?"
    assert [one.column for one in found] == [2, 8, 12]
    assert [float(one.outputs.max()) for one in found] == pytest.approx([0.9, 0.95, 1])


def test_one_digit_may_be_said_of_several_windows() -> None:
    assert text(ctc.find(windows({"3": 0.9}, {"3": 0.9}, {"3": 0.6}, {}))) == "3"


def test_twice_the_same_digit_is_two_if_nothing_lies_between() -> None:
    assert text(ctc.find(windows({"1": 0.9}, {}, {"1": 0.9}))) == "11"


def test_a_digit_between_two_windows_is_found() -> None:
    """In each of them nothing is more probable, in both together the digit is."""
    found = ctc.find(windows({}, {"6": 0.45}, {"6": 0.45}, {}))
    assert text(found) == "6"
    assert found[0].outputs[6] == pytest.approx(1 - 0.55**2)


def test_a_digit_keeps_all_its_windows() -> None:
    """The 3 is first said far from the 1, and last said beside it."""
    before: list[dict[str, float]] = [{}] * 5
    found = ctc.find(windows(*before, {"3": 0.5}, {"3": 0.9}, {"3": 0.6}, {}, {"1": 0.9}, {}))
    assert text(found) == "31"
    assert [one.column for one in found] == [12, 18]
    assert [float(one.outputs.max()) for one in found] == pytest.approx([0.95, 0.9])


def test_nothing_gives_nothing() -> None:
    assert ctc.find(windows({}, {}, {})) == []
    assert ctc.find(windows({"3": 0.3}, {"7": 0.2}, {})) == []


def test_outputs_are_probabilities() -> None:
    [one] = ctc.find(windows({}, {"3": 0.6, "8": 0.3, "?": 0.05}, {}))
    assert one.outputs.shape == (11,)
    assert one.outputs.sum() == pytest.approx(1)
    assert one.outputs[[3, 8]] == pytest.approx([0.6, 0.3])


def chance(seed: int, length: int) -> Windows:
    random = np.random.default_rng(seed)
    rows = random.dirichlet([2, *([0.15] * 3)], length)
    return np.concatenate([rows, np.zeros((length, 8))], axis=1).astype(np.float32)


def by_hand(said: Windows) -> tuple[int, ...]:
    """The most probable signs by going through all paths."""
    sums: dict[tuple[int, ...], float] = {}
    for path in product(range(4), repeat=len(said)):
        merged = [sign for last, sign in zip((0, *path), path, strict=False) if sign != last]
        signs = tuple(sign for sign in merged if sign)
        sums[signs] = sums.get(signs, 0) + float(np.prod(said[range(len(path)), path]))
    return max(sums, key=lambda signs: sums[signs])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_it_finds_what_going_through_all_ways_finds(seed: int, length: int) -> None:
    said = chance(seed, length)
    found = ctc._best(said.astype(np.float32)).signs
    assert found == by_hand(said)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_places_go_from_left_to_right(seed: int, length: int) -> None:
    columns = [one.column for one in ctc.find(chance(seed, length))]
    assert columns == sorted(set(columns))
    assert all(0 <= column < 2 * length for column in columns)
