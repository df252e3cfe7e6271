"""Suites of pictures: their truth, how they are read, their figures, and all that is written."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitapp.engine import Engine
from digitapp.paths import asset
from digitapp.recognition.classify import NO_DIGIT
from tests.drawings import draw, encode, write
from tests.train import stand_in
from train import __main__ as command
from train import plots, report, sheets, suites
from train.calibrate import Bin
from train.suites import Reading, Truth

PICTURES: dict[str, tuple[bytes, str]] = {
    "three.png": (encode(draw(3)), "3"),
    "seven.png": (encode(draw(7, ground=0, ink=255)), "7"),
    "misnamed.png": (encode(draw(8)), "4"),
    "rows.png": (encode(write("20", "37")), "20|37"),
    "blank.png": (encode(Image.new("L", (80, 80), 255)), ""),
    "no-blank.png": (encode(draw(2)), ""),
    "cut.png": (encode(draw(5))[:200], "5"),
    "no-picture.png": (b"nothing like a picture", ""),
}
"""Each file's bytes and what the table of truth says of it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite `mixed` by two hands, its table beside it; one of its pictures is missing."""
    place = tmp_path_factory.mktemp("suites")
    (place / "mixed").mkdir()
    for name, (content, _) in PICTURES.items():
        (place / "mixed" / name).write_bytes(content)
    labels = {name: label for name, (_, label) in PICTURES.items()} | {"missing.png": "6"}
    rows = [
        {"file": f"mixed/{name}", "suite": "mixed", "label": label, "source": f"hand {index % 2}"}
        for index, (name, label) in enumerate(labels.items())
    ]
    table(place, [*rows, {"file": "other/1.png", "suite": "other", "label": "1", "source": "x"}])
    return place / "mixed"


def table(place: Path, rows: list[dict[str, str]]) -> None:
    with (place / "truth.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("file", "suite", "label", "source"))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def read(folder: Path, engine: Engine) -> dict[str, Reading]:
    return {reading.truth.path.name: reading for reading in suites.readings([folder], engine)}


def reading(
    label: str, text: str | None, source: str = "one", confidence: float = 0.9, most: float = 0.1
) -> Reading:
    """A reading that might have been; its text's `?` stand for a best guess of 8."""
    truth = Truth(Path(f"suite/{label}.png"), "suite", label, source)
    best = (text or "").replace("?", "8")
    return Reading(truth, text, best=best, confidence=confidence, least=most, most=most)


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
    table(tmp_path, [{"file": "a.png", "suite": "s", "label": "1", "source": "x"}])
    assert [truth.path for truth in suites.truths(tmp_path)] == [tmp_path.resolve() / "a.png"]


def test_no_table_leads_out_of_the_folder(tmp_path: Path) -> None:
    row = {"file": "../secret.png", "suite": "s", "label": "1", "source": "x"}
    table(tmp_path, [row])
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
    assert 0 <= three.least == three.most < NO_DIGIT
    assert len(three.tiles) == 1
    assert len(three.tiles[0]) == 784
    assert rows.best == "20\n37"
    assert len(rows.tiles) == suites.SHOWN
    assert rows.least <= rows.most


def test_the_thresholds_agree_with_the_program(read: dict[str, Reading]) -> None:
    for one in read.values():
        assert one.refused_at(NO_DIGIT) == one.refused
        if not one.truth.label:
            assert one.silent_at(NO_DIGIT) == one.right


def test_bare_pixels_are_read_too(engine: Engine) -> None:
    digit = stand_in.arrays()["x_test"][3] / 255
    assert suites.read_pixels(digit.astype(np.float32), engine) == "3"
    assert suites.read_pixels(np.zeros((28, 28), dtype=np.float32), engine) == ""


# --- figures

SUITE = [
    reading("1", "1", "one", 0.99, 0.01),
    reading("2", "2", "one", 0.98, 0.02),
    reading("3", "5", "one", 0.6, 0.3),
    reading("4", "?", "two", 0.7, 0.8),
    reading("12", "12", "two", 0.9, 0.4),
    reading("6", None, "three", 0.0, 0.0),
    reading("", "", "three", 0.0, 0.0),
    reading("", "?", "three", 0.5, 0.9),
    reading("", "7", "three", 0.5, 0.2),
    reading("", None, "three", 0.0, 0.0),
]


def test_figures_by_hand() -> None:
    facts = suites.figures(SUITE)
    assert json.loads(json.dumps(facts, allow_nan=False))["pictures"] == 10
    assert facts["unreadable"] == 2
    assert facts["exact"] == 0.5  # 1, 2, 12, nothing, ?
    assert facts["sources"] == 3
    assert facts["macro"] == pytest.approx((2 / 3 + 1 / 2 + 2 / 5) / 3)
    assert facts["refused"] == pytest.approx(2 / 6)
    assert facts["not_read_as_digit"] == 0.5
    assert facts["coverage_at_0.1%_error"] == pytest.approx(3 / 6)
    gaps = 0.01 + 0.02 + 0.6 + 0.1  # of 0.99 and 0.98 (one bin), 0.6 (wrong), 0.9
    assert facts["expected_calibration_error"] == pytest.approx(gaps / 4)


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


def test_the_bootstrap_knows_the_standard_error() -> None:
    shares = np.random.default_rng(2).random(200)
    low, high = suites.bootstrap(shares)
    reach = 1.96 * shares.std() / np.sqrt(len(shares))
    assert low == pytest.approx(shares.mean() - reach, abs=0.005)
    assert high == pytest.approx(shares.mean() + reach, abs=0.005)
    assert suites.bootstrap(np.full(9, 0.25)) == (0.25, 0.25)


def test_confusions_by_hand() -> None:
    counts = report.confusion(SUITE)
    assert counts.sum() == 9  # without the number
    for row, said in ((1, "1"), (3, "5"), (4, "?"), (6, "none"), (10, "?"), (10, "7")):
        assert counts[row, report.READ_AS.index(said)] == 1
    assert counts[10, report.READ_AS.index("none")] == 2
    assert report.confusion([reading("4", "4?")])[4, report.READ_AS.index("more")] == 1


# --- what is written


@pytest.fixture(scope="module")
def written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evaluation of the suite, started as a shell starts it with `suites/*`."""
    out = tmp_path_factory.mktemp("out")
    (out / "misses-9.png").write_bytes(b"of an earlier evaluation")
    command.main(["evaluate", "--out", str(out), str(folder), str(folder.parent / "truth.csv")])
    return out


def test_tables_charts_and_sheets_are_written(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == {
        "suites.json",
        "suites.md",
        "suites-confusion.png",
        "suites-reliability.png",
        "suites-rejection.png",
        "misses-1.png",
    }
    for path in written.glob("*.png"):
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 100


def test_the_tables_say_what_was_read(written: Path) -> None:
    facts = json.loads((written / "suites.json").read_text())
    assert facts["suites"]["mixed"]["pictures"] == 9
    assert facts["suites"]["mixed"]["exact"] == pytest.approx(4 / 9)
    missed = {miss["file"]: miss for miss in facts["misses"]}
    assert missed["mixed/misnamed.png"]["read"] == "8"
    assert "damaged" in missed["mixed/cut.png"]["reason"]
    assert len(missed) == 5
    text = (written / "suites.md").read_text()
    assert "| mixed | 9 | 44.44% (18.88% to 73.34%) | 2 |" in text
    assert facts["model"] in text


def test_a_runs_own_model_is_measured_in_its_folder(folder: Path, tmp_path: Path) -> None:
    content = asset("digits.tflite").read_bytes()
    (tmp_path / "digits.tflite").write_bytes(content + b"\0" * 16)  # another file, another hash
    command.main(["evaluate", str(folder), "--run", str(tmp_path)])
    facts = json.loads((tmp_path / "suites.json").read_text())
    assert facts["model"] == report.load_engine(tmp_path).model
    assert facts["model"] != report.load_engine(None).model


def test_suites_are_for_evaluate_alone(folder: Path) -> None:
    with pytest.raises(SystemExit, match="evaluate"):
        command.main(["fit", str(folder)])


def test_corrupted_digits_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    path = stand_in.install(tmp_path, monkeypatch)
    monkeypatch.setattr(report, "SAMPLE", 10)
    out = tmp_path / "out"
    command.main(["evaluate", "--corrupted", "--data", str(path), "--out", str(out)])
    facts = json.loads((out / "corrupted.json").read_text())
    kinds = facts["kinds"]
    assert (facts["digits"], facts["sample"], len(kinds)) == (stand_in.TEST, 10, 17)
    images = (stand_in.arrays()["x_test"][..., None] / 255).astype(np.float32)
    said = engine.probabilities(images)[:, :10].argmax(axis=1)
    wrong = (said != stand_in.arrays()["y_test"]).mean()
    assert kinds["clean"]["alone"] == pytest.approx(wrong)
    shares = [
        row["alone"] for name, row in kinds.items() if name not in {"clean", "mean of the 15"}
    ]
    assert kinds["mean of the 15"]["alone"] == pytest.approx(np.mean(shares))
    assert "| zigzag | " in (out / "corrupted.md").read_text()
    assert (out / "corrupted.png").stat().st_size > 1_000


@pytest.mark.parametrize(("count", "pages"), [(0, 0), (1, 1), (64, 1), (65, 2)])
def test_every_miss_is_on_a_sheet(tmp_path: Path, count: int, pages: int) -> None:
    paths = sheets.misses([SUITE[2]] * count, tmp_path)
    assert paths == [tmp_path / f"misses-{number + 1}.png" for number in range(pages)]
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16", "CMYK"])
def test_a_miss_in_any_mode_is_drawn(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("miss.jpg" if mode == "CMYK" else "miss.png")
    Image.new(mode, (300, 40)).save(path)
    miss = Reading(Truth(path, "suite", "1\n2", "one"), "?", best="3", tiles=(bytes(784),) * 3)
    [sheet] = sheets.misses([miss], tmp_path)
    with Image.open(sheet) as image:
        assert image.height == sheets.CELL[1]


def test_charts_without_answers_are_drawn(tmp_path: Path) -> None:
    plots.reliability([], tmp_path / "none.png")
    plots.reliability([Bin(1.0, 0.9, 1.0)], tmp_path / "one.png")
    plots.rejection({}, tmp_path / "no-suite.png")
    plots.matrix(np.zeros((2, 3), dtype=np.int64), "ab", "cde", tmp_path / "empty.png")
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_the_pictures_stay_as_they_are(folder: Path) -> None:
    """Pictures are measured, never changed."""
    assert {path.name for path in folder.iterdir()} == set(PICTURES)
    for name, (content, _) in PICTURES.items():
        assert (folder / name).read_bytes() == content
