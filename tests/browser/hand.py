"""A hand that writes on the sheet with mouse, finger or pen."""

from collections.abc import Sequence

from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

Path = Sequence[tuple[float, float]]

PATHS: dict[str, list[Path]] = {
    "0": [[(5, 0), (2, 1), (0.5, 4), (1, 8), (4, 10), (7, 8.5), (8, 5), (7, 1.5), (4.8, 0)]],
    "1": [[(4, 0), (4, 3), (4, 6), (4, 10)]],
    "2": [[(1, 2), (3, 0), (6, 0.5), (7, 3), (4, 6.5), (0.5, 10), (4, 9.7), (8, 10)]],
    "3": [[(1, 1), (4, 0), (7, 2), (6, 4), (3, 5), (6.5, 6), (7.5, 8), (5, 10), (1, 9)]],
    "4": [[(3, 0), (1.5, 3.5), (0, 6), (4, 6), (8, 6)], [(5.5, 2), (5.3, 6), (5.2, 10)]],
    "5": [[(2, 0), (1.7, 2), (1.5, 4.2), (5, 4), (7.5, 6.5), (5, 9.8), (1, 9)], [(2, 0), (7.5, 0)]],
    "6": [[(6, 0), (2, 4), (0.5, 7), (3, 10), (6.5, 8.5), (6, 5.8), (3, 5.5), (1, 7)]],
    "7": [[(0, 0), (3, 0), (7, 0), (5.5, 3.5), (4, 7), (3, 10)]],
    "~": [[(0, 5), (1, 2), (2, 8), (3, 1), (4, 9), (5, 2), (6, 8), (7, 1), (8, 7), (1, 8), (7, 3)]],
}
"""Own handwriting, strokes in a square of ten; `~` is a scribble."""


def write(
    driver: WebDriver,
    text: str,
    *,
    pointer: str = "mouse",
    x: float = 0.35,
    y: float = 0.2,
    size: float = 0.6,
    step: float = 0.95,
) -> None:
    """Write on the sheet.

    `x` and `y` are the text's top left in parts of the sheet, `size` its height in parts of the
    sheet's, `step` from digit to digit in heights of the text.
    """
    for index, character in enumerate(text):
        for path in PATHS[character]:
            points = [
                (x * 4 / 3 + size * (px / 10 + index * step), y + size * py / 10) for px, py in path
            ]
            stroke(driver, points, pointer)


def stroke(driver: WebDriver, points: Path, pointer: str = "mouse", release: bool = True) -> None:
    """One stroke, its points in parts of the sheet's height from its top left."""
    sheet = driver.find_element(By.ID, "paper")
    source = PointerInput(pointer, f"{pointer}-1")  # type: ignore[no-untyped-call]
    builder = ActionBuilder(driver, mouse=source, duration=12)
    places = [_offset(sheet, point) for point in points]
    source.create_pointer_move(0, *places[0], origin=sheet)
    source.create_pointer_down(button=0, pressure=0.7)  # type: ignore[no-untyped-call]
    for place in places[1:]:
        source.create_pointer_move(12, *place, origin=sheet, pressure=0.7)
    if release:
        source.create_pointer_up(button=0)  # type: ignore[no-untyped-call]
    builder.perform()


def _offset(sheet: WebElement, point: tuple[float, float]) -> tuple[int, int]:
    """From the sheet's middle, in CSS pixels, as WebDriver counts."""
    width, height = sheet.size["width"], sheet.size["height"]
    return round(point[0] * height - width / 2), round(point[1] * height - height / 2)
