"""Contact sheets hold every miss, whatever its picture is like."""

from pathlib import Path

import pytest
from PIL import Image

from tests.train.evaluation.a_suite import SUITE
from train.evaluation import contact_sheets
from train.evaluation.suites import Reading, Truth


@pytest.mark.parametrize(("count", "pages"), [(0, 0), (1, 1), (64, 1), (65, 2)])
def test_every_miss_is_on_a_sheet(tmp_path: Path, count: int, pages: int) -> None:
    paths = contact_sheets.misses([SUITE[2]] * count, tmp_path)
    assert paths == [tmp_path / f"misses-{number + 1}.png" for number in range(pages)]
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16", "CMYK"])
def test_a_miss_in_any_mode_is_drawn(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("miss.jpg" if mode == "CMYK" else "miss.png")
    Image.new(mode, (300, 40)).save(path)
    miss = Reading(Truth(path, "suite", "1\n2", "one"), "?", best="3", tiles=(bytes(784),) * 3)
    [sheet] = contact_sheets.misses([miss], tmp_path)
    with Image.open(sheet) as image:
        assert image.height == contact_sheets.CELL[1]
