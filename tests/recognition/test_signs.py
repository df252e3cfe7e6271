"""Where a sign may stand in its row."""

import numpy as np
import pytest

from digitapp.recognition import signs
from digitapp.recognition.classify import Read, Row
from digitapp.recognition.symbols import A_DIGIT, CLASSES, FIRST_SIGN, SIGN_CLASSES, SIGNS
from digitapp.vision.types import Candidate
from tests.recognition.test_lattice import HEIGHT


def placed(text: str, step: int = 30) -> Row:
    """A row read so, a symbol each `step` pixels, in which every sign may as well be a 1."""
    kinds = np.eye(SIGN_CLASSES, dtype=np.float32)
    row = []
    for place, symbol in enumerate(text):
        said = np.zeros(CLASSES, np.float32)
        said[int(symbol) if symbol.isdigit() else 1] = 1
        kind = kinds[A_DIGIT]
        if symbol in SIGNS:
            kind = 0.4 * kind + 0.6 * kinds[FIRST_SIGN + SIGNS.index(symbol)]
        ink = Candidate(np.ones((HEIGHT, 20), dtype=np.float32), place * step, 0)
        row.append(Read(ink, np.zeros((28, 28, 1), np.float32), said, kind))
    return row


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("12/3", "12/3"),
        ("2023/01/12", "2023/01/12"),
        ("1:1000", "1:1000"),
        ("50/-", "50/-"),
        ("/23", "123"),
        ("23/", "231"),
        ("123/456", "1231456"),
        ("12345/6", "1234516"),
        (":5", "15"),
        ("5.", "5."),
    ],
)
def test_a_slash_and_a_colon_stand_between_few_digits(text: str, read_as: str) -> None:
    assert "".join(each.text for each in signs.in_place(placed(text))) == read_as


def test_a_wide_gap_ends_a_number() -> None:
    close, far = placed("1234/5"), placed("1234/5", step=60)
    assert "".join(each.text for each in signs.in_place(close)) == "1234/5"
    assert "".join(each.text for each in signs.in_place(far)) == "123415"
