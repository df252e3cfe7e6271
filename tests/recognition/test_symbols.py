"""The classes and their numbers: those of the shipped networks, and known in one place."""

import ast
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from digitapp.engine import SIDE, Engine
from digitapp.recognition import symbols
from digitapp.recognition.symbols import (
    A_DIGIT,
    BLANK,
    CLASSES,
    DIGITS,
    FIRST_SIGN,
    LINE_CLASSES,
    NO_DIGIT,
    SIGN_CLASSES,
    SIGNS,
    SYMBOLS,
    to_line,
    weighed,
)
from tests.engine.inputs import drawn, line_images

ROOT = Path(__file__).resolve().parent.parent.parent

SOURCES = [
    path
    for folder in ("digitapp/recognition", "digitapp/vision", "digitapp/engine", "train")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != Path(symbols.__file__)
]

NUMBERS = {NO_DIGIT, CLASSES, LINE_CLASSES}


def class_numbers(source: str) -> set[int]:
    """Lines with a bare class number as an index, a slice's bound or an array's last side."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(slice=index):
                parts: list[ast.expr | None] = [index]
            case ast.Slice(lower=lower, upper=upper):
                parts = [lower, upper]
            case ast.Tuple(elts=[_, *_, last]):
                parts = [last]
            case _:
                continue
        if any(isinstance(part, ast.Constant) and part.value in NUMBERS for part in parts):
            found.add(node.lineno)
    return found


def test_the_digits_come_first_and_none_is_last() -> None:
    assert (DIGITS, NO_DIGIT, CLASSES) == (10, 10, 11)
    assert [symbols.text(symbol) for symbol in range(CLASSES)] == [*"0123456789", "?"]


def test_the_line_network_has_blank_before_the_same_classes() -> None:
    assert [to_line(symbol) for symbol in range(CLASSES)] == list(range(1, LINE_CLASSES))
    assert BLANK == 0


def test_the_shipped_networks_have_these_classes(engine: Engine) -> None:
    assert engine.probabilities(drawn()).shape == (10, CLASSES)
    assert engine.windows(line_images()[0]).shape[1] == LINE_CLASSES


def test_the_shipped_networks_mean_the_same_by_them(engine: Engine) -> None:
    crossing = np.zeros((1, SIDE, SIDE, 1), dtype=np.float32)
    crossing[:, 4:24, 6:9] = crossing[:, 4:24, 19:22] = crossing[:, 12:15, 6:22] = 1  # an H
    assert engine.probabilities(drawn()).argmax(axis=1).tolist() == list(range(DIGITS))
    assert engine.probabilities(crossing).argmax(axis=1).tolist() == [NO_DIGIT]
    windows = engine.windows(line_images()[1]).argmax(axis=1).tolist()  # 2024, within a margin
    said = [symbol for symbol, _ in groupby(windows) if symbol != BLANK]
    assert said == [to_line(digit) for digit in (2, 0, 2, 4)]
    assert windows[0] == windows[-1] == BLANK


@pytest.mark.parametrize(
    ("sign", "none", "chosen"),
    [("+", 0.9, "+"), ("+", 0.0, "2"), ("%", 0.1, "%"), (".", 0.0, "."), ("-", 0.0, "-")],
)
def test_a_sign_with_a_shape_of_its_own_is_no_digit_to_both_networks(
    sign: str, none: float, chosen: str
) -> None:
    digits = np.zeros(CLASSES, np.float32)
    digits[[2, NO_DIGIT]] = 1 - none, none
    kinds = np.zeros(SIGN_CLASSES, np.float32)
    kinds[[A_DIGIT, FIRST_SIGN + SIGNS.index(sign)]] = 0.4, 0.6
    found = weighed(digits, kinds)
    assert found.sum() == pytest.approx(1)
    assert SYMBOLS[int(found[:-1].argmax())] == chosen


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_knows_their_numbers(path: Path) -> None:
    lines = class_numbers(path.read_text(encoding="utf-8"))
    assert not lines, f"{path.relative_to(ROOT)}: use recognition.symbols in lines {lines}"


@pytest.mark.parametrize(
    "source", ["said[10]", "said[:, :10]", "said[..., 11]", "np.zeros((count, 11))", "said[:10]"]
)
def test_a_number_would_be_found(source: str) -> None:
    assert class_numbers(source) == {1}
