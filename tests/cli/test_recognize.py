"""`digitapp recognize`: what it prints and writes, and what it takes up again."""

import base64
import csv
import io
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest
from PIL import Image

from digitapp.cli.main import main
from digitapp.config import MAX_BODY
from digitapp.jobs import wire
from tests import drawings, family
from tests.benchmarks.pages import scribbles
from tests.cli.program import TIMEOUT_S, running
from tests.web.processes import wait_until


class TestPictures:
    def test_says_what_a_picture_says(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven)]) == 0
        assert capsys.readouterr().out == f"{seven}: 7\n"

    def test_reads_folders_in_order(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for digit in (3, 1, 4):
            (tmp_path / f"{digit}.png").write_bytes(drawings.png(digit))
        assert main(["recognize", str(tmp_path)]) == 0
        lines = [line.rsplit(os.sep, 1)[1] for line in capsys.readouterr().out.splitlines()]
        assert lines == ["1.png: 1", "3.png: 3", "4.png: 4"]

    def test_an_empty_picture_says_that_there_is_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Image.new("L", (50, 50), 255).save(tmp_path / "white.png")
        assert main(["recognize", str(tmp_path / "white.png")]) == 0
        assert capsys.readouterr().out.endswith("white.png: (nothing to read)\n")

    def test_a_failure_is_a_line_and_the_others_go_on(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = tmp_path / "notes.txt"
        text.write_text("seven")
        gone, folder = tmp_path / "gone.png", tmp_path / "folder"
        folder.mkdir()
        assert main(["recognize", *map(str, (text, gone, folder, seven))]) == 1
        out, err = capsys.readouterr()
        assert out == f"{seven}: 7\n"
        assert [line.split(": ")[0] for line in err.splitlines()] == [
            str(text),
            str(gone),
            str(folder),
        ]

    def test_a_file_over_the_bound_is_refused(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "large.png"
        path.touch()
        os.truncate(path, MAX_BODY + 1)
        assert main(["recognize", str(path), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "too-large"

    def test_a_name_cannot_command_the_terminal(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(tmp_path / "a\n\x1b[31m\udcffé.png")]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "a\\n\\x1b[31m\\udcffé.png: There is no such file." in line

    def test_one_digit_takes_all_ink_as_one(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pair = Image.new("L", (600, 280), 255)
        pair.paste(drawings.draw(1), (0, 0))
        pair.paste(drawings.draw(7), (320, 0))
        pair.save(tmp_path / "pair.png")
        main(["recognize", str(tmp_path / "pair.png"), "--json"])
        main(["recognize", str(tmp_path / "pair.png"), "--json", "--one-digit"])
        many, one = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        assert many["text"] == "17"
        assert len(one["symbols"]) == 1

    @pytest.mark.usefixtures("piped")
    def test_reads_the_standard_input(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["recognize", "-"]) == 0
        assert capsys.readouterr().out == "-: 4\n"


class TestJson:
    def test_a_line_is_the_answer_with_its_file(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert list(answer) == [
            *("file", "text", "doubt", "symbols", "numbers", "left_out"),
            *("turned", "width", "height", "model", "elapsed_ms"),
        ]
        assert (answer["file"], answer["text"]) == (str(seven), "7")
        assert (answer["width"], answer["height"]) == (280, 280)
        assert "input" not in answer["symbols"][0]

    def test_input_adds_what_the_cnn_saw(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--json", "--input"]) == 0
        (digit,) = json.loads(capsys.readouterr().out)["symbols"]
        assert len(base64.b64decode(digit["input"])) == 784

    def test_a_failure_is_a_line_too(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = tmp_path / "gone.png"
        assert main(["recognize", str(gone), str(seven), "--json"]) == 1
        out, err = capsys.readouterr()
        first, second = (json.loads(line) for line in out.splitlines())
        message = "There is no such file."
        assert first == {"file": str(gone), "error": {"code": "not-found", "message": message}}
        assert second["text"] == "7"
        assert err == ""


class TestStages:
    def test_the_pictures_go_into_the_folder_and_the_answers_stay(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        other = tmp_path / "other" / "seven.png"
        other.parent.mkdir()
        other.write_bytes(drawings.png(1))
        folder = tmp_path / "made" / "here"
        assert main(["recognize", "--stages", str(folder), str(seven), str(other)]) == 0
        assert capsys.readouterr().out == f"{seven}: 7\n{other}: 1\n"
        assert sorted(path.name for path in folder.iterdir()) == [
            f"{stem}-{stage}.png"
            for stem in ("seven (2)", "seven")
            for stage in ("1-grey", "2-ink", "3-marks", "4-input")
        ]

    def test_nothing_is_written_of_a_picture_that_cannot_be_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "made"
        assert main(["recognize", "--stages", str(folder), str(tmp_path / "gone.png")]) == 1
        assert list(folder.iterdir()) == []

    def test_a_folder_that_cannot_be_made_is_one_line_and_status_2(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", "--stages", str(seven), str(seven)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"digitapp: The folder {str(seven)!r} cannot be made: ")

    def test_a_picture_that_cannot_be_written_is_a_line_and_the_others_go_on(
        self, tmp_path: Path, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one = tmp_path / "one.png"
        one.write_bytes(drawings.png(1))
        (tmp_path / "made" / "seven-1-grey.png").mkdir(parents=True)
        assert main(["recognize", "--stages", str(tmp_path / "made"), str(seven), str(one)]) == 1
        out, err = capsys.readouterr()
        assert out == f"{one}: 1\n"
        assert "seven-1-grey.png' cannot be written" in err

    @pytest.mark.usefixtures("piped")
    def test_the_standard_input_has_its_pictures_too(self, tmp_path: Path) -> None:
        assert main(["recognize", "--stages", str(tmp_path), "-"]) == 0
        assert (tmp_path / "picture-3-marks.png").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process: run it on Linux or macOS")
def test_a_picture_that_breaks_its_reader_is_a_line_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for digit in (3, 1, 4):
        (tmp_path / f"{digit}.png").write_bytes(drawings.png(digit))
    send, broken = wire.send_bunch, drawings.png(3)

    def breaking(pipe: IO[bytes], how: wire.How, pictures: Sequence[wire.Picture]) -> None:
        if broken in pictures:
            [reader] = set(family.members(os.getpid())) - before
            os.kill(reader, signal.SIGPROF)
        send(pipe, how, pictures)

    before = set(family.members(os.getpid()))
    monkeypatch.setattr(wire, "send_bunch", breaking)
    assert main(["recognize", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert [line[-1] for line in out.splitlines()] == ["1", "4"]
    assert "takes too long" in err
    assert set(family.members(os.getpid())) == before


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """A folder of ten digits, in order, and one file that is none."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for digit in range(10):
        (folder / f"{digit}.png").write_bytes(drawings.png(digit, 60))
    (folder / "x.png").write_bytes(b"no picture")
    return folder


def timeless(path: Path) -> list[dict[str, object]]:
    """The answers of a file of JSON lines, without what differs each time."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: part for name, part in each.items() if name != "elapsed_ms"} for each in found]


class TestOut:
    def test_a_pile_is_read_by_several_processes_in_order(self, pile: Path, tmp_path: Path) -> None:
        one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
        assert main(["recognize", str(pile), "--jobs", "1", "--out", str(one)]) == 1
        assert main(["recognize", str(pile), "--jobs", "2", "--out", str(two)]) == 1
        assert timeless(one) == timeless(two)
        assert [Path(str(each["file"])).name for each in timeless(one)] == [
            *(f"{digit}.png" for digit in range(10)),
            "x.png",
        ]

    def test_csv_has_a_row_for_each_picture(self, pile: Path, tmp_path: Path) -> None:
        out = tmp_path / "marks.csv"
        assert main(["recognize", str(pile), "--out", str(out)]) == 1
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        assert [row["text"] for row in rows] == [*map(str, range(10)), ""]
        assert [row["error"] for row in rows] == [""] * 10 + ["unsupported-format"]
        assert all(float(row["confidence"]) > 0.5 for row in rows[:10])
        assert {row["doubt"] for row in rows[:10]} <= {"yes", "no"}

    def test_csv_on_the_standard_output_has_its_header_once(
        self, pile: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(pile / "1.png"), str(pile / "2.png"), "--csv"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "file,text,doubt,confidence,error"
        assert len(lines) == 3

    def test_what_is_there_is_not_written_over(
        self, pile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "marks.csv"
        out.write_text("mine")
        assert main(["recognize", str(pile), "--out", str(out)]) == 2
        assert out.read_text() == "mine"
        assert "--resume" in capsys.readouterr().err

    def test_it_goes_on_where_it_was_cut_off(self, pile: Path, tmp_path: Path) -> None:
        whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
        main(["recognize", str(pile), "--out", str(whole)])
        lines = whole.read_bytes().splitlines(keepends=True)
        cut.write_bytes(b"".join(lines[:4]) + lines[4][:50])
        assert main(["recognize", str(pile), "--out", str(cut), "--resume"]) == 1
        assert cut.read_bytes().splitlines(keepends=True)[:4] == lines[:4]
        assert timeless(cut) == timeless(whole)

    def test_nothing_is_read_twice(self, pile: Path, tmp_path: Path) -> None:
        out = tmp_path / "out.csv"
        main(["recognize", str(pile), "--out", str(out)])
        before = out.read_bytes()
        assert main(["recognize", str(pile), "--out", str(out), "--resume"]) == 0
        assert out.read_bytes() == before

    @pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")
    def test_killed_and_resumed_it_ends_as_if_it_had_not_been(
        self, pile: Path, tmp_path: Path
    ) -> None:
        whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
        many = [str(pile)] * 40
        main(["recognize", *many, "--out", str(whole)])
        for wait_s in (0.7, 0.9):
            with running("recognize", *many, "--out", killed, "--resume") as process:
                time.sleep(wait_s)
                process.kill()
                process.wait(TIMEOUT_S)
        before = killed.read_bytes()
        main(["recognize", *many, "--out", str(killed), "--resume"])
        assert killed.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
        assert timeless(killed) == timeless(whole)


class TestSources:
    def test_a_manifest_names_pictures(
        self, pile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        manifest = tmp_path / "list.txt"
        manifest.write_text(f"{pile / '3.png'}\n\n{pile / '1.png'}\n")
        assert main(["recognize", "--manifest", str(manifest)]) == 0
        assert [line[-1] for line in capsys.readouterr().out.splitlines()] == ["3", "1"]

    def test_a_manifest_may_have_zero_bytes_and_holds_no_patterns(
        self, pile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        manifest = tmp_path / "list.txt"
        manifest.write_bytes(f"\ufeff{pile / '3.png'}\0{pile / '[12].png'}\0".encode())
        assert main(["recognize", "--manifest", str(manifest)]) == 1
        out, err = capsys.readouterr()
        assert out == f"{pile / '3.png'}: 3\n"
        assert "no such file" in err

    def test_an_empty_file_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "empty.png").touch()
        assert main(["recognize", str(tmp_path / "empty.png")]) == 1
        assert "The file is empty." in capsys.readouterr().err

    def test_an_empty_manifest_is_nothing_to_do(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "list.txt").touch()
        assert main(["recognize", "--manifest", str(tmp_path / "list.txt")]) == 0
        assert capsys.readouterr().out == ""

    def test_a_pattern_is_expanded(self, pile: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["recognize", str(pile / "[1-3].png")]) == 0
        assert [line[-1] for line in capsys.readouterr().out.splitlines()] == ["1", "2", "3"]

    @pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")
    def test_a_watched_folder_is_read_as_it_fills(self, pile: Path) -> None:
        with running("recognize", pile, "--watch", "--json") as process:
            assert process.stdout
            first = [json.loads(process.stdout.readline()) for _ in range(11)]
            assert [each.get("text") for each in first] == [*map(str, range(10)), None]
            (pile / "new.png").write_bytes(drawings.png(7))
            assert json.loads(process.stdout.readline())["text"] == "7"
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT_S) == 1  # x.png was not read
            assert process.stderr
            assert process.stderr.read() == ""

    def test_stages_do_not_go_into_a_watched_folder(
        self, pile: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(pile), "--watch", "--stages", str(pile / "stages")]) == 2
        assert "would fill a watched folder" in capsys.readouterr().err

    @pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")
    def test_a_watch_goes_on_with_its_file(self, pile: Path, tmp_path: Path) -> None:
        out = tmp_path / "out.csv"
        main(["recognize", str(pile), "--out", str(out)])
        count = len(out.read_text().splitlines())
        with running("recognize", pile, "--watch", "--out", out, "--resume") as process:
            for number in range(2):
                time.sleep(1.5 if number else 3)
                (pile / "3.png").write_bytes(drawings.png(7, 60 + number))
                wanted = count + number + 1
                assert wait_until(lambda n=wanted: len(out.read_text().splitlines()) == n)  # type: ignore[misc]
            process.send_signal(signal.SIGTERM)
            assert process.wait(TIMEOUT_S) == 0

    def test_only_folders_are_watched(
        self, seven: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recognize", str(seven), "--watch"]) == 2
        assert "--watch takes folders" in capsys.readouterr().err


class TestJobs:
    @pytest.mark.parametrize(("count", "jobs"), [(1, 1), (8, 1), (9, 3), (2, 2)])
    def test_more_than_a_few_are_read_by_all_processors(
        self, count: int, jobs: int, seven: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[int] = []

        class Noted:
            def __init__(self, count: int, _budget_s: float) -> None:
                started.append(count)
                raise KeyboardInterrupt

        monkeypatch.setattr("digitapp.jobs.pool.Processes", Noted)
        monkeypatch.setattr("digitapp.jobs.pool.processors", lambda: 3)
        asked = ["--jobs", "5"] if count == 2 else []
        assert main(["recognize", *[str(seven)] * count, *asked]) == 130
        assert started == [jobs]

    def test_a_picture_has_the_time_that_was_asked_for(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "crowd.png"
        path.write_bytes(scribbles())
        assert main(["recognize", str(path), "--timeout", "0.1", "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "too-large"
