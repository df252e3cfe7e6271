"""Answers in one line for people."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from digitapp.cli.plain import plain
from digitapp.recognition.answer import Answer, Symbol
from digitapp.vision.types import Box, LeftOut


def symbol(text: str, second: str = "0", *, doubtful: bool = False) -> Symbol:
    alternatives = ((text, 0.7), (second, 0.3))
    return Symbol(text, 0.7, doubtful, alternatives, None, Box(0, 0, 1, 1), 0, 0, bytes(784))


def doubt(best: str, second: str) -> Symbol:
    return symbol(best, second, doubtful=True)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "(nothing to read)"),
        ([["7"]], "7"),
        ([[doubt("7", "1")]], "7 (or 1?)"),
        ([["2", "0", doubt("2", "7"), "4"]], "2024 (or 2074?)"),
        ([["1", "2"], ["3"]], "12 / 3"),
        ([["1", "?"]], "1? [look at it: 1 not read]"),
        ([[doubt("1", "7"), doubt("4", "9")]], "14 (or 74, 19?)"),
        ([[doubt("1", "7")] * 4], "1111 (or 7111, 1711, 1171, ...?)"),
        ([["3", doubt(".", ","), "5"]], "3.5 (or 3,5?)"),
    ],
)
def test_plain_text_shows_rows_and_doubt(rows: Sequence[Sequence[str | Symbol]], text: str) -> None:
    symbols = [
        replace(symbol(each) if isinstance(each, str) else each, row=number, number=number)
        for number, row in enumerate(rows)
        for each in row
    ]
    assert plain(answer_of(symbols)) == text


def answer_of(symbols: Sequence[Symbol], *left_out: str) -> dict[str, Any]:
    parts = tuple(LeftOut(Box(0, 0, 1, 1), why) for why in left_out)
    return Answer(tuple(symbols), parts, False, 0, 10, 10, "digits", 1.0).to_json()


def test_plain_text_keeps_numbers_apart_and_doubt_in_its_place() -> None:
    row = [symbol("1"), replace(doubt("2", "7"), number=1), replace(symbol("3"), number=1)]
    assert plain(answer_of(row)) == "1 23 (or 1 73?)"


def test_plain_text_says_what_was_left_out_and_may_be_writing() -> None:
    said = plain(answer_of([symbol("7")], "ruling", "speck", "picture"))
    assert said == "7 [look at it: 1 left out that may be writing]"
    assert plain(answer_of([], "ruling")) == "(nothing to read)"
