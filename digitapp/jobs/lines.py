"""Answers as lines of a file: JSON or CSV, written whole, and taken up where they stopped."""

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitapp.errors import DigitappError, Unavailable
from digitapp.files import printable

COLUMNS = ("file", "text", "doubt", "confidence", "error")
"""Of CSV: `confidence` is the least of the picture's symbols, `error` the code of an error."""

ROWS = " | "
"""What stands between the rows of a picture in a cell: it is no symbol, and keeps it one line."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of lines.

    `header` is the first line, if there is one. `line` makes the line of a picture from its name
    and outcome, and `name` finds the name in it again; it raises ValueError in what is no such
    line. `key` is a name as `name` gives it.
    """

    header: str
    line: Callable[[str, bytes | DigitappError], str]
    name: Callable[[str], str]
    key: Callable[[str], str] = str


def json_line(name: str, outcome: bytes | DigitappError) -> str:
    """An object: the file's name, then the answer or the error."""
    if isinstance(outcome, DigitappError):
        return json.dumps({"file": name, **outcome.to_json()}) + "\n"
    return f'{{"file": {json.dumps(name)}, {outcome[1:].decode()}\n'


def csv_line(name: str, outcome: bytes | DigitappError) -> str:
    """A row of COLUMNS."""
    if isinstance(outcome, DigitappError):
        return _row(_in_sheet(name), "", "", "", outcome.code)
    answer = json.loads(outcome)
    text = answer["text"].replace("\n", ROWS)
    least = min((each["confidence"] for each in answer["symbols"]), default="")
    return _row(_in_sheet(name), text, "yes" if answer["doubt"] else "no", least, "")


def _json_name(line: str) -> str:
    found: Any = json.loads(line)
    if not isinstance(found, dict) or not isinstance(found.get("file"), str):
        raise ValueError(line)
    return str(found["file"])


def _csv_name(line: str) -> str:
    [row] = csv.reader([line])
    if len(row) != len(COLUMNS):
        raise ValueError(line)
    return row[0]


def _row(*cells: object) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue()


def _in_sheet(name: str) -> str:
    """A file's name in a cell, one line, and no formula to a spreadsheet."""
    shown = printable(name)
    return f"./{shown}" if shown[:1] in {"=", "+", "-", "@"} else shown


JSON = Form("", json_line, _json_name)
CSV = Form(_row(*COLUMNS), csv_line, _csv_name, _in_sheet)


class LineFile:
    """A file to which lines are added, each of them whole."""

    def __init__(self, path: Path, form: Form, resume: bool) -> None:
        """Open it. It must not be there yet, unless `resume` goes on with it.

        Raises:
            Unavailable: it is there, it cannot be written, or it holds something else.
        """
        self._form = form
        self._seen: Counter[str] = Counter()
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._file = os.open(path, flags if resume else flags | os.O_EXCL, 0o666)
        except FileExistsError:
            raise Unavailable(
                f"{path} is there already. Give --resume to go on with it, or another name."
            ) from None
        except OSError as error:
            raise Unavailable(f"{path} cannot be written: {error.strerror}.") from None
        try:
            self._take_up(path)
        except BaseException:
            self.close()
            raise

    def lacks(self, name: str) -> bool:
        """Whether the file has no line of that picture. Each line counts for one question."""
        key = self._form.key(name)
        self._seen[key] -= 1
        return self._seen[key] < 0

    def write(self, line: str) -> None:
        """Add a line.

        Raises:
            OSError: the disk is full.
        """
        left = memoryview(line.encode(errors="backslashreplace"))
        while left:
            left = left[os.write(self._file, left) :]

    def close(self) -> None:
        """Close it; harmless twice."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _take_up(self, path: Path) -> None:
        """Note which pictures have a line, and remove half a line at the end."""
        with os.fdopen(os.dup(self._file), "rb") as file:
            whole = 0
            for number, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                self._note(line.decode(errors="replace"), number, path)
        os.ftruncate(self._file, whole)
        if not whole:
            self.write(self._form.header)

    def _note(self, line: str, number: int, path: Path) -> None:
        if number == 0 and self._form.header:
            if line != self._form.header:
                raise Unavailable(f"{path} begins with other columns: give another name.")
            return
        try:
            self._seen[self._form.name(line)] += 1
        except (ValueError, csv.Error):
            raise Unavailable(
                f"Line {number + 1} of {path} is none of these lines: give another name."
            ) from None
