"""A sheet's layers: what is drawn, and what shall be found of it."""

import numpy as np
from PIL import Image

from train.synthesis.pages.sheet import LEAST, Layer, Sheet


def line(layer: Layer, width: float) -> tuple[float, float]:
    """The height of a line across, as drawn (by its ink) and as it shall be found."""
    layer.line(np.array([(10.0, 50.0), (90.0, 50.0)]), width)
    return tuple(ink(each)[:, 40:60].sum() / 20 for each in (layer.drawn, layer.found))


def ink(layer: Image.Image) -> np.ndarray:
    return np.asarray(layer, dtype=np.float64) / 255


def test_a_line_has_its_width() -> None:
    drawn, found = line(Layer(100), 6.0)
    assert drawn == found == 6


def test_a_hair_fine_line_is_pale_and_shall_be_found() -> None:
    drawn, found = line(Layer(100), 0.4)
    assert abs(drawn - 0.4) < 0.05
    assert found == round(LEAST)


def test_writing_and_ruling_have_layers_of_their_own() -> None:
    sheet = Sheet(50)
    sheet.stroke(np.array([(5.0, 5.0), (45.0, 45.0)]), 3)
    assert sheet.writing.drawn.getbbox()
    assert not sheet.ruling.drawn.getbbox()
    sheet.rule(np.array([(5.0, 45.0), (45.0, 5.0)]), 3)
    assert sheet.ruling.found.getbbox()


def test_ink_is_pasted_beside_what_is_there_and_over_the_edge() -> None:
    sheet = Sheet(50)
    sheet.paste(np.full((10, 10), 0.5, np.float32), 5, 5)
    sheet.paste(np.ones((10, 10), np.float32), 12, 12)
    sheet.paste(np.ones((10, 10), np.float32), 45, -5)
    drawn = ink(sheet.writing.drawn)
    assert drawn[6, 6] == 128 / 255
    assert drawn[13, 13] == 1
    assert drawn[0, 49] == 1


def test_a_line_off_the_sheet_is_left_out() -> None:
    layer = Layer(20)
    layer.line(np.array([(100.0, 5.0), (120.0, 5.0)]), 2)
    assert not layer.drawn.getbbox()
