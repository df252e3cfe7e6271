"""Answers for people, a line each."""

from collections.abc import Mapping, Sequence
from typing import Any

ALTERNATIVES = 3
"""Most second readings that plain output shows for a row."""


def plain(answer: Mapping[str, Any]) -> str:
    """An answer in one line for people: `2024 (or 2074?) / 1999`.

    Where there is doubt that no alternative tells, it says what to look at.
    """
    symbols = answer["symbols"]
    rows = answer["text"].split("\n") if symbols else []
    said = " / ".join(_plain_row(symbols, number, text) for number, text in enumerate(rows))
    unread = sum(symbol["text"] == "?" for symbol in symbols)
    looks = [f"{unread} not read"] if unread else []
    if left := sum(map(_may_be_writing, answer["left_out"])):
        looks.append(f"{left} left out that may be writing")
    more = f" [look at it: {', '.join(looks)}]" if looks else ""
    return (said or "(nothing to read)") + more


def _may_be_writing(left_out: Mapping[str, Any]) -> bool:
    from digitapp.recognition.answer import MAY_BE_WRITING

    return left_out["why"] in MAY_BE_WRITING


def _plain_row(symbols: Sequence[Mapping[str, Any]], row: int, text: str) -> str:
    """The row's text, and how else it may read: with one doubtful symbol's second best each."""
    own = [symbol for symbol in symbols if symbol["row"] == row]
    places = [place for place, each in enumerate(text) if each != " "]
    others = [
        text[:place] + symbol["alternatives"][1]["text"] + text[place + 1 :]
        for place, symbol in zip(places, own, strict=True)
        if symbol["doubtful"] and len(symbol["alternatives"]) > 1
    ]
    more = ", ..." if len(others) > ALTERNATIVES else ""
    return f"{text} (or {', '.join(others[:ALTERNATIVES])}{more}?)" if others else text
