"""What the measurements of the whole program write."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from digitapp.engine import MODELS, Engine
from digitapp.paths import asset
from digitapp.recognition import pipeline
from tests.drawings import encode, write
from tests.train import stand_in
from tests.train.evaluation.a_suite import SUITE, reading
from train import __main__ as command
from train.evaluation import report
from train.synthesis.compose import Composed


def test_confusions_by_hand() -> None:
    counts = report.confusion(SUITE)
    assert counts.sum() == 9  # without the number
    for row, said in ((1, "1"), (3, "5"), (4, "?"), (6, "none"), (10, "?"), (10, "7")):
        assert counts[row, report.READ_AS.index(said)] == 1
    assert counts[10, report.READ_AS.index("none")] == 2
    assert report.confusion([reading("4", "4?")])[4, report.READ_AS.index("more")] == 1
    assert report.confusion([reading("", "-")])[10, report.READ_AS.index("sign")] == 1
    assert not report.confusion([reading("-", "-"), reading("?", "?")]).any()


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


@pytest.mark.parametrize("name", MODELS)
def test_each_of_a_runs_networks_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A file that is no network cannot be loaded: so it was not the program's own."""
    shutil.copyfile(asset("digits.tflite"), tmp_path / "digits.tflite")
    report.load_engine(tmp_path)
    missing = capsys.readouterr().out
    assert all(f"has no {other}:" in missing for other in MODELS[1:])
    (tmp_path / name).write_bytes(b"no network")
    with pytest.raises(ValueError, match="not a valid Flatbuffer"):
        report.load_engine(tmp_path)
    assert f"has no {name}:" not in capsys.readouterr().out


def test_spaces_do_not_count_in_composed_numbers(
    monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    picture = encode(write("2037"))
    pictures = [Composed(picture, "2037"), Composed(picture, "20\n37")]
    apart = SimpleNamespace(answer=SimpleNamespace(text="20 37"))
    monkeypatch.setattr(pipeline, "recognize", lambda *_: apart)
    facts = report._read_composed(pictures, engine)
    assert (facts["exact"], facts["count"]) == (0.5, 0.5)
    assert facts["digits"] == pytest.approx(1 - 1 / 9)


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
