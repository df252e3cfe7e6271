"""Shards: the same rows as JSON lines and as Parquet."""

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from digitapp.cluster import shards
from digitapp.engine import Engine
from digitapp.errors import NotFound, Unavailable
from digitapp.recognition import pipeline
from tests import drawings


@pytest.fixture
def answer(engine: Engine) -> dict[str, Any]:
    return pipeline.recognize(drawings.png(7), engine).answer.to_json()


@pytest.fixture
def rows(answer: dict[str, Any]) -> list[shards.Row]:
    nothing = answer | {"text": "", "symbols": [], "numbers": []}
    return [
        ("a/1.png", json.dumps(answer).encode()),
        ("b\udcff.png", NotFound()),
        ("c.png", json.dumps(nothing).encode()),
    ]


def test_json_lines_are_those_of_recognize(rows: list[shards.Row], answer: dict[str, Any]) -> None:
    one, two, three = map(json.loads, shards.json_lines(rows).splitlines())
    assert one == {"file": "a/1.png", **answer}
    assert two == {"file": "b\udcff.png", **NotFound().to_json()}
    assert three["symbols"] == []


def test_parquet_holds_all_of_an_answer(rows: list[shards.Row], answer: dict[str, Any]) -> None:
    one, two, three = pq.read_table(io.BytesIO(shards.parquet(rows))).to_pylist()
    least = answer["symbols"][0]["confidence"]
    assert rounded(one) == rounded(
        {"file": "a/1.png", "confidence": least, "error": None, "message": None, **answer}
    )
    assert two["file"] == r"b\udcff.png"
    assert (two["error"], two["message"]) == (NotFound.code, NotFound.default)
    assert two["text"] is two["doubt"] is two["symbols"] is None
    assert three["confidence"] is None
    assert three["symbols"] == []


def test_parquet_has_a_column_for_each_key_of_an_answer(answer: dict[str, Any]) -> None:
    names = set(shards.schema().names)
    assert names == {*answer, "file", "confidence", "error", "message"}
    symbols = {each.name for each in shards.schema().field("symbols").type.value_type}
    assert symbols == set(answer["symbols"][0])


def test_no_rows(rows: list[shards.Row]) -> None:
    assert shards.json_lines([]) == b""
    empty = pq.read_table(io.BytesIO(shards.parquet([])))
    assert (empty.num_rows, empty.schema.names) == (0, shards.schema().names)


def test_without_its_package_parquet_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(Unavailable, match=r"digitapp\[batch\]"):
        shards.parquet([])


def rounded(value: Any) -> Any:
    """The same with floats of 32 bits' precision."""
    if isinstance(value, float):
        return pytest.approx(value, abs=1e-5)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value
