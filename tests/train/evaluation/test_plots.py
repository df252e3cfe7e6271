"""Charts are drawn of whatever a run gives."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from train.evaluation import plots
from train.evaluation.metrics import Bin


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


def test_the_learning_curve_bears_a_perfect_epoch(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("epoch,accuracy,val_accuracy\n0,0.5,0.75\n1,0.9,1.0\n2,1.0,1.0\n")
    plots.curves([history], tmp_path / "curves.png")
    assert min(size(tmp_path / "curves.png")) > 200


def test_the_confusions(tmp_path: Path) -> None:
    labels = np.arange(100) % 10
    plots.confusion(labels, np.roll(labels, 1), tmp_path / "confusion.png")
    assert min(size(tmp_path / "confusion.png")) > 200


@pytest.mark.parametrize("count", [0, 1, 10, 25])
def test_the_sheet_of_misread_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(plots, "MOST", 20)
    images: NDArray[np.float32] = np.zeros((count + 3, 28, 28, 1), dtype=np.float32)
    labels = np.zeros(count + 3, dtype=np.int64)
    plots.misread(images, labels, labels + 1, np.arange(count), tmp_path / "misread.png")
    _, height = size(tmp_path / "misread.png")
    assert 50 < height < 500


def test_charts_without_answers_are_drawn(tmp_path: Path) -> None:
    plots.reliability([], tmp_path / "none.png")
    plots.reliability([Bin(1.0, 0.9, 1.0)], tmp_path / "one.png")
    plots.rejection({}, tmp_path / "no-suite.png")
    plots.matrix(np.zeros((2, 3), dtype=np.int64), "ab", "cde", tmp_path / "empty.png")
    assert len(list(tmp_path.glob("*.png"))) == 4
