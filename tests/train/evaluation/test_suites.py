"""Suites of pictures: their truth, how they are read, and their figures."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitapp.engine import Engine
from digitapp.recognition.classify import REJECT
from tests.train import stand_in
from tests.train.evaluation import a_suite
from tests.train.evaluation.a_suite import PICTURES, SUITE, write_table
from train.evaluation import suites
from train.evaluation.suites import Reading


@pytest.fixture(scope="module")
def read(folder: Path, engine: Engine) -> dict[str, Reading]:
    return {reading.truth.path.name: reading for reading in suites.readings([folder], engine)}


# --- the truth


def test_the_table_beside_a_folder_tells_of_its_pictures(folder: Path) -> None:
    found = suites.truths(folder)
    assert [truth.path.name for truth in found] == [*PICTURES, "missing.png"]
    assert {truth.suite for truth in found} == {"mixed"}
    assert found[3].label == "20\n37"
    assert found[1].source == "hand 1"


def test_a_folder_of_suites_is_all_of_them(folder: Path) -> None:
    assert {truth.suite for truth in suites.truths(folder.parent)} == {"mixed", "other"}


def test_a_table_inside_the_folder(tmp_path: Path) -> None:
    write_table(tmp_path, [{"file": "a.png", "suite": "s", "label": "1", "source": "x"}])
    assert [truth.path for truth in suites.truths(tmp_path)] == [tmp_path.resolve() / "a.png"]


def test_no_table_leads_out_of_the_folder(tmp_path: Path) -> None:
    row = {"file": "../secret.png", "suite": "s", "label": "1", "source": "x"}
    write_table(tmp_path, [row])
    with pytest.raises(ValueError, match="lists no picture"):
        suites.truths(tmp_path)


def test_without_a_table_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no truth\.csv"):
        suites.truths(tmp_path / "suite")


# --- reading


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("three.png", True),
        ("seven.png", True),
        ("misnamed.png", False),
        ("rows.png", True),
        ("blank.png", True),
        ("no-blank.png", False),
        ("cut.png", False),
        ("no-picture.png", False),
        ("missing.png", False),
    ],
)
def test_what_is_right(read: dict[str, Reading], name: str, right: bool) -> None:
    assert read[name].right == right


@pytest.mark.parametrize(
    ("name", "reason"),
    [("cut.png", "damaged"), ("no-picture.png", "no picture"), ("missing.png", "no such file")],
)
def test_what_cannot_be_read_has_its_reason(
    read: dict[str, Reading], name: str, reason: str
) -> None:
    assert read[name].text is None
    assert reason in read[name].reason
    assert read[name].refused


def test_what_the_network_said_is_kept(read: dict[str, Reading]) -> None:
    three, rows = read["three.png"], read["rows.png"]
    assert three.confidence > 0.5
    assert 0 <= three.least == three.most < REJECT
    assert len(three.tiles) == 1
    assert len(three.tiles[0]) == 784
    assert rows.best == "20\n37"
    assert len(rows.tiles) == suites.SHOWN
    assert rows.least <= rows.most


def test_the_thresholds_agree_with_the_program(read: dict[str, Reading]) -> None:
    for one in read.values():
        assert one.refused_at(REJECT) == one.refused
        if not one.truth.label:
            assert one.silent_at(REJECT) == one.right


def test_bare_pixels_are_read_too(engine: Engine) -> None:
    digit = stand_in.arrays()["x_test"][3] / 255
    assert suites.read_pixels(digit.astype(np.float32), engine) == "3"
    assert suites.read_pixels(np.zeros((28, 28), dtype=np.float32), engine) == ""


# --- figures


def test_figures_by_hand() -> None:
    facts = suites.figures(SUITE)
    assert json.loads(json.dumps(facts, allow_nan=False))["pictures"] == 10
    assert facts["unreadable"] == 2
    assert facts["exact"] == 0.5  # 1, 2, 12, nothing, ?
    assert facts["sources"] == 3
    assert facts["macro"] == pytest.approx((2 / 3 + 1 / 2 + 2 / 5) / 3)
    assert facts["refused"] == pytest.approx(2 / 6)
    assert facts["not_read_as_digit"] == 0.5
    assert facts["silent"] == pytest.approx(2 / 10)  # 5, 7
    assert facts["needless"] == 0
    assert facts["characters"] == pytest.approx(4 / 7)
    assert (facts["spaced"], facts["torn"]) == (None, 0)
    assert facts["coverage_at_0.1%_error"] == pytest.approx(3 / 6)
    gaps = 0.01 + 0.02 + 0.6 + 0.1  # of 0.99 and 0.98 (one bin), 0.6 (wrong), 0.9
    assert facts["expected_calibration_error"] == pytest.approx(gaps / 4)


def test_spaces_count_by_themselves() -> None:
    right = a_suite.reading("1 23|4", "1 23|4"), a_suite.reading("1 23|4", "123|4")
    facts = suites.figures(right)
    assert (facts["exact"], facts["characters"], facts["spaced"]) == (1, 1, 0.5)
    torn = suites.figures([a_suite.reading("123", "12 3"), a_suite.reading("45", "45")])
    assert (torn["exact"], torn["torn"], torn["spaced"]) == (1, 0.5, None)


def test_doubt_of_what_is_right_is_needless_and_a_wrong_sign_is_silent() -> None:
    sure = a_suite.reading("7", "7")
    doubtful = replace(sure, doubt=True)
    assert suites.figures([sure, doubtful])["needless"] == 0.5
    assert a_suite.reading("", "-").silent
    assert not a_suite.reading("", "?").silent


def in_suite(name: str, reading: Reading) -> Reading:
    return replace(reading, truth=replace(reading.truth, suite=name))


def test_shapes_may_be_signs_but_no_digits() -> None:
    sign, digit = a_suite.reading("", "-"), a_suite.reading("", "1-")
    for name in suites.SHAPES:
        assert in_suite(name, sign).right
        assert not in_suite(name, digit).right
    assert not sign.right


def test_where_a_row_holds_several_numbers_none_is_torn() -> None:
    for name in suites.MIXED:
        facts = suites.figures([in_suite(name, a_suite.reading("123", "12 3"))])
        assert (facts["exact"], facts["torn"]) == (1, None)


def test_a_suite_without_digits_and_one_without_others() -> None:
    digits, others = suites.figures(SUITE[:6]), suites.figures(SUITE[6:])
    assert digits["not_read_as_digit"] is None
    assert others["refused"] is None
    assert others["macro_95"] is None  # one source
    assert others["coverage_at_0.1%_error"] is None


@pytest.mark.parametrize(
    ("threshold", "refused", "misread", "silent"),
    [(0.02, 5 / 6, 0, 3 / 4), (0.5, 2 / 6, 1 / 4, 2 / 4), (0.95, 1 / 6, 2 / 5, 1 / 4)],
)
def test_rejection_by_hand(threshold: float, refused: float, misread: float, silent: float) -> None:
    [row] = [row for row in suites.rejection(SUITE) if row["threshold"] == threshold]
    assert row["refused"] == pytest.approx(refused)
    assert row["misread"] == pytest.approx(misread)
    assert row["not_read_as_digit"] == pytest.approx(silent)


def test_the_more_is_refused_the_more_is_silent() -> None:
    rows = suites.rejection(SUITE)
    for key in ("refused", "not_read_as_digit"):
        shares = [row[key] for row in rows]
        assert shares == sorted(shares, reverse=True, key=lambda share: share or 0.0)


def test_the_pictures_stay_as_they_are(read: dict[str, Reading], folder: Path) -> None:
    """Pictures are measured, never changed."""
    assert set(read) == {*PICTURES, "missing.png"}
    assert {path.name for path in folder.iterdir()} == set(PICTURES)
    for name, (content, _) in PICTURES.items():
        assert (folder / name).read_bytes() == content
