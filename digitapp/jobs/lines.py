"""Answers as lines of a file: JSON or CSV, written whole, and taken up where they stopped."""

import csv
import io
import json
import os
import stat
import sys
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


FORMULA = set("=+-@\uff1d\uff0b\uff0d\uff20")
"""With these a formula begins, in some spreadsheets with their wide forms too."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of lines.

    `header` is the first line, if there is one. `line` makes the line of a picture from its name
    and outcome, and `name` finds the name in it again; it raises ValueError in what is no such
    line. `is_whole` tells whether one lacks its end at most, `begins` whether it may be half of
    one. `key` is a name as `name` gives it.
    """

    header: str
    line: Callable[[str, bytes | DigitappError], str]
    name: Callable[[str], str]
    is_whole: Callable[[str], bool]
    begins: Callable[[str], bool]
    key: Callable[[str], str] = str


def json_line(name: str, outcome: bytes | DigitappError) -> str:
    """An object: the file's name, then the answer or the error."""
    if isinstance(outcome, DigitappError):
        return json.dumps({"file": name, **outcome.to_json()}) + "\n"
    return f'{{"file": {json.dumps(name)}, {outcome[1:].decode()}\n'


def csv_line(name: str, outcome: bytes | DigitappError) -> str:
    """A row of COLUMNS."""
    # A name is in quotes always: some spreadsheets part cells at semicolons, too.
    file = '"' + _in_sheet(name).replace('"', '""') + '",'
    if isinstance(outcome, DigitappError):
        return file + _row("", "", "", outcome.code)
    answer = json.loads(outcome)
    text = answer["text"].replace("\n", ROWS)
    least = min((each["confidence"] for each in answer["symbols"]), default="")
    return file + _row(text, "yes" if answer["doubt"] else "no", least, "")


def _json_name(line: str) -> str:
    found: Any = json.loads(line)
    if not isinstance(found, dict) or not isinstance(found.get("file"), str):
        raise ValueError(line)
    return str(found["file"])


def _is_whole_json(line: str) -> bool:
    try:
        return bool(_json_name(line))
    except ValueError:
        return False


def _begins_json(line: str) -> bool:
    start = '{"file": '
    return line.startswith(start) or start.startswith(line)


def _csv_cells(line: str) -> list[str]:
    [row] = csv.reader([line], strict=True)
    if len(row) != len(COLUMNS):
        raise ValueError(line)
    return row


def _csv_name(line: str) -> str:
    return _csv_cells(line)[0]


def _is_whole_csv(line: str) -> bool:
    """Whether all cells are there, of an answer or an error: the last one may be cut off."""
    try:
        _, _, doubt, _, error = _csv_cells(line)
    except (ValueError, csv.Error):
        return False
    codes = {kind.code for kind in DigitappError.__subclasses__()}
    return error in codes if not doubt else not error


def _row(*cells: object) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue()


def _in_sheet(name: str) -> str:
    """A file's name in a cell, one line, and no formula to a spreadsheet."""
    shown = printable(name)
    return f"./{shown}" if shown.lstrip()[:1] in FORMULA else shown


JSON = Form("", json_line, _json_name, _is_whole_json, _begins_json)
CSV = Form(_row(*COLUMNS), csv_line, _csv_name, _is_whole_csv, lambda _: True, _in_sheet)


class LineFile:
    """A file to which lines are added, each of them whole."""

    def __init__(self, path: Path, form: Form, resume: bool) -> None:
        """Open it. It must not be there yet, unless `resume` goes on with it.

        Raises:
            Unavailable: it is there, it cannot be written, it holds something else, or another
                run writes it.
        """
        self._form = form
        self._seen: Counter[str] = Counter()
        # A pipe is not waited for: it is refused.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            self._file = os.open(path, flags if resume else flags | os.O_EXCL, 0o666)
        except FileExistsError:
            raise Unavailable(
                f"{path} is there already. Give --resume to go on with it, or another name."
            ) from None
        except OSError as error:
            raise Unavailable(f"{path} cannot be written: {error.strerror}.") from None
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise Unavailable(f"{path} is a pipe or a device: give a file.")
            _lock(self._file, path)
            self._take_up(path)
        except BaseException:
            self.close()
            raise

    def lacks(self, name: str) -> bool:
        """Whether the file has no line of that picture. Each line counts for one question."""
        key = self._form.key(name)
        self._seen[key] -= 1
        return self._seen[key] < 0

    def has(self, name: str) -> bool:
        """Whether the file has had a line of that picture from the start."""
        return self._seen[self._form.key(name)] > 0

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
        whole, half = 0, ""
        with os.fdopen(os.dup(self._file), "rb") as file:
            for number, line in enumerate(file):
                text = line.decode(errors="replace").rstrip("\r\n")
                if not line.endswith(b"\n") and not self._form.is_whole(text):
                    half = text
                    break
                whole += len(line)
                self._note(text, number, path)
        self._remove(half, whole, path)
        if not whole:
            self.write(self._form.header)
        elif not half and not line.endswith(b"\n"):
            self.write("\n")  # a person has edited the last line

    def _remove(self, half: str, whole: int, path: Path) -> None:
        """Remove half a line, if it is one of this program."""
        header = "" if whole else self._form.header
        may_be_ours = header.startswith(half) if header else self._form.begins(half)
        if half and not may_be_ours:
            raise Unavailable(f"The end of {path} is none of these lines: give another name.")
        os.ftruncate(self._file, whole)

    def _note(self, line: str, number: int, path: Path) -> None:
        if number == 0 and self._form.header:
            if line != self._form.header.rstrip("\n"):
                raise Unavailable(f"{path} begins with other columns: give another name.")
            return
        if not line:
            return
        try:
            self._seen[self._form.name(line)] += 1
        except (ValueError, csv.Error):
            raise Unavailable(
                f"Line {number + 1} of {path} is none of these lines: give another name."
            ) from None


def _lock(file: int, path: Path) -> None:
    """Keep other runs from writing the same file; Windows has no such lock in Python's library."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unavailable(
            f"Another run writes {path}: wait for it, or give another name."
        ) from None
    except OSError:  # some network drives know no locks
        pass
