"""A shard: the rows of an item's pictures in one file, as JSON lines or as Parquet.

A row of JSON lines is what `digitapp recognize --json` prints. Parquet has the same as columns.
"""

import io
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from digitapp.errors import DigitappError, Unavailable
from digitapp.jobs import lines

if TYPE_CHECKING:
    import pyarrow

Row = tuple[str, bytes | DigitappError]
"""A picture's name below the source, and its answer as JSON or its error."""

NO_PARQUET = (
    'Parquet needs another package: python -m pip install "digitapp[batch]", or in a clone '
    "python -m pip install '.[batch]'."
)


def json_lines(rows: Sequence[Row]) -> bytes:
    """The rows as JSON lines."""
    return "".join(lines.json_line(name, outcome) for name, outcome in rows).encode()


def parquet(rows: Sequence[Row]) -> bytes:
    """The rows as a Parquet file, see `schema`.

    Raises:
        Unavailable: its package is not installed.
    """
    columns = schema()
    from pyarrow import Table
    from pyarrow.parquet import write_table

    file = io.BytesIO()
    table = Table.from_pylist([_columns(name, outcome) for name, outcome in rows], columns)
    write_table(table, file, compression="zstd")
    return file.getvalue()


def schema() -> "pyarrow.Schema":
    """The columns: those of CSV first, then what else an answer holds.

    What an error has not is null. Boxes are x, y, width and height in pixels.

    Raises:
        Unavailable: Parquet's package is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise Unavailable(NO_PARQUET) from None
    text, yes, real, whole = pa.string(), pa.bool_(), pa.float32(), pa.int32()
    box = pa.list_(whole, 4)
    alternative = pa.struct({"text": text, "probability": real})
    symbol = {
        "text": text,
        "confidence": real,
        "doubtful": yes,
        "alternatives": pa.list_(alternative),
        "probabilities": pa.list_(real),
        "box": box,
        "row": whole,
        "number": whole,
    }
    number = pa.struct({"text": text, "box": box, "row": whole, "doubt": yes})
    return pa.schema(
        {
            "file": text,
            "text": text,
            "doubt": yes,
            "confidence": real,
            "error": text,
            "message": text,
            "symbols": pa.list_(pa.struct(symbol)),
            "numbers": pa.list_(number),
            "left_out": pa.list_(pa.struct({"box": box, "why": text})),
            "turned": whole,
            "width": whole,
            "height": whole,
            "model": text,
            "elapsed_ms": real,
        }
    )


def _columns(name: str, outcome: bytes | DigitappError) -> dict[str, Any]:
    # What is no text in a file's name can stand in JSON, and not in Parquet.
    row: dict[str, Any] = {"file": name.encode(errors="backslashreplace").decode()}
    if isinstance(outcome, DigitappError):
        return row | {"error": outcome.code, "message": outcome.message}
    answer: dict[str, Any] = json.loads(outcome)
    least = min((each["confidence"] for each in answer["symbols"]), default=None)
    return row | answer | {"confidence": least}


FORMS: dict[str, Callable[[Sequence[Row]], bytes]] = {"jsonl": json_lines, "parquet": parquet}
"""What makes a shard, by the ending of its file."""
