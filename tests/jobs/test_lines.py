"""Lines of a file: whole, in a form that can be read again, and taken up where they stopped."""

import csv
import json
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from digitapp.errors import NotFound, Unavailable
from digitapp.jobs.lines import CSV, JSON, Form, LineFile, csv_line, json_line

ANSWER = json.dumps(
    {"text": "12\n3", "doubt": True, "symbols": [{"confidence": 0.9}, {"confidence": 0.4}]}
).encode()
EMPTY = json.dumps({"text": "", "doubt": False, "symbols": []}).encode()

NAMES = [
    "a.png",
    "a b,c.png",
    'say "7".png',
    "=1+1.png",
    "ä\n\x1b.png",
    "\udcff.png",
    "-",
    "./-.png",
]


def test_a_json_line_is_the_answer_with_its_file_in_front() -> None:
    line = json_line("a.png", ANSWER)
    assert json.loads(line) == {"file": "a.png", **json.loads(ANSWER)}
    assert json.loads(json_line("a.png", NotFound())) == {"file": "a.png", **NotFound().to_json()}


def test_a_csv_row_is_one_line_with_the_least_confidence() -> None:
    assert csv_line("a;b.png", ANSWER) == '"a;b.png",12 | 3,yes,0.4,\n'
    assert csv_line("a.png", EMPTY) == '"a.png",,no,,\n'
    assert csv_line('"a".png', NotFound()) == '"""a"".png",,,,not-found\n'


@pytest.mark.parametrize("form", [JSON, CSV], ids=["json", "csv"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_again_whatever_it_is(form: Form, name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with closing(LineFile(out, form, resume=False)) as file:
        assert file.lacks(name)
        file.write(form.line(name, EMPTY))
    assert out.read_bytes().count(b"\n") == (2 if form is CSV else 1)
    with closing(LineFile(out, form, resume=True)) as file:
        assert not file.lacks(name)
        assert file.lacks(name)  # its one line counts once
        assert file.lacks("other.png")


@pytest.mark.parametrize("name", ["=cmd", "+1", "-1", "@x"])
def test_no_name_is_a_formula(name: str) -> None:
    [row] = csv.reader([csv_line(name, EMPTY)])
    assert row[0] == f"./{name}"


@pytest.mark.parametrize("form", [JSON, CSV], ids=["json", "csv"])
def test_half_a_line_is_removed_and_the_others_stay(form: Form, tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole = form.header + form.line("a.png", EMPTY)
    for cut in range(1, len(form.line("b.png", EMPTY)) - 1):
        out.write_text(whole + form.line("b.png", EMPTY)[:cut])
        with closing(LineFile(out, form, resume=True)) as file:
            assert not file.lacks("a.png")
            assert file.lacks("b.png")
        assert out.read_text() == whole


@pytest.mark.parametrize("form", [JSON, CSV], ids=["json", "csv"])
@pytest.mark.parametrize("outcome", [EMPTY, ANSWER, NotFound()])
def test_a_line_that_lacks_its_end_alone_is_kept(
    form: Form, outcome: bytes | NotFound, tmp_path: Path
) -> None:
    """As an editor may leave it."""
    out = tmp_path / "out"
    whole = form.header + form.line("a.png", outcome)
    out.write_text(whole[:-1])
    with closing(LineFile(out, form, resume=True)) as file:
        assert not file.lacks("a.png")
    assert out.read_text() == whole


def test_half_an_error_is_no_error(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for cut in ('"a.png",,,,not-fo', '"a.png",,,,', '"a.png",,,'):
        out.write_text(CSV.header + cut)
        with closing(LineFile(out, CSV, resume=True)) as file:
            assert file.lacks("a.png")


def test_line_ends_of_a_spreadsheet_are_no_hindrance(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes((CSV.header + csv_line("a.png", EMPTY) + "\n").replace("\n", "\r\n").encode())
    with closing(LineFile(out, CSV, resume=True)) as file:
        assert not file.lacks("a.png")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")
def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    first = LineFile(out, CSV, resume=False)
    with pytest.raises(Unavailable, match="Another run"):
        LineFile(out, CSV, resume=True)
    first.close()
    LineFile(out, CSV, resume=True).close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with names")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Unavailable, match="is a pipe or a device"):
            LineFile(path, JSON, resume=True)


def test_half_a_header_is_written_anew(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text(CSV.header[:5])
    LineFile(out, CSV, resume=True).close()
    assert out.read_text() == CSV.header


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine")
    with pytest.raises(Unavailable, match="--resume"):
        LineFile(out, CSV, resume=False)
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (CSV, "name,marks\n"),
        (CSV, CSV.header + "a,b\n"),
        (JSON, '{"my": "precious data"}'),
        (JSON, "precious"),
        (CSV, "precious"),
        (JSON, "7\n"),
        (JSON, "text\n"),
        (JSON, '{"name": "a"}\n'),
    ],
)
def test_a_file_of_something_else_is_left_alone(form: Form, text: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text(text)
    with pytest.raises(Unavailable, match="give another name"):
        LineFile(out, form, resume=True)
    assert out.read_text() == text


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written: No such file"):
        LineFile(tmp_path / "gone" / "out.csv", CSV, resume=False)
