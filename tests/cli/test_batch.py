"""`digitapp batch`: what people see of a job, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from digitapp.cli.main import main
from tests import drawings


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for digit in range(10):
        (folder / f"{digit}.png").write_bytes(drawings.png(digit))
    return folder


def rows(out: Path) -> list[dict[str, str]]:
    shards = sorted((out / "results").glob("*.jsonl"))
    return [json.loads(line) for shard in shards for line in shard.read_text().splitlines()]


def test_a_folder(scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(scans), str(out)]) == 0
    said, errors = capsys.readouterr()
    first, second, third = said.splitlines()
    assert first.startswith("10 pictures are done, 10 of them by this run: ")
    assert second.endswith(" are doubtful. 0 could not be read.")
    assert third == f"The results are in {out}."
    assert errors == ""
    assert [row["file"][0] for row in rows(out)] == [row["text"] for row in rows(out)]
    assert main(["batch", str(scans), str(out)]) == 0
    assert "10 pictures are done, 0 of them by this run" in capsys.readouterr().out


def test_pictures_that_cannot_be_read_are_counted_by_their_errors(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (scans / "text.png").write_bytes(b"no picture")
    (scans / "empty.png").touch()
    assert main(["batch", str(scans), str(tmp_path / "out")]) == 1
    said = capsys.readouterr().out
    assert "2 could not be read: 1 bad-request, 1 unsupported-format." in said


def test_relative_folders_are_the_same_from_elsewhere(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["batch", "scans", "out"]) == 0
    monkeypatch.chdir(scans)
    assert main(["batch", ".", "../out"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scans"], "Missing argument 'DESTINATION'"),
        (["scans", "out", "--form", "xml"], "'xml' is not one of 'jsonl', 'parquet'"),
        (["scans", "out", "--ray", "auto", "--jobs", "2"], "Give --ray or --jobs, not both."),
        (["gone", "out"], "There is no folder"),
        (["https://example.org/scans", "out"], "begins with s3://, gs://, az://"),
        (["empty", "out"], "There is no picture in"),
        (["", "out"], "The name of a folder or a bucket is empty."),
        (["scans", ""], "The name of a folder or a bucket is empty."),
    ],
)
def test_what_cannot_be_done_is_said(
    scans: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["batch", *words]) == 2
    assert said in capsys.readouterr().err


def test_another_job_is_refused(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["batch", str(scans), out]) == 0
    assert main(["batch", str(scans), out, "--one-digit"]) == 2
    assert "holds the results of another job" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for others")
@pytest.mark.parametrize("stop", ["SIGKILL", "SIGINT"])
def test_stopped_and_started_again(scans: Path, tmp_path: Path, stop: str) -> None:
    for number in range(1_500):
        (scans / f"{number:05}-{number % 10}.png").symlink_to(scans / f"{number % 10}.png")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "digitapp", "batch", "--jobs", "2", str(scans), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as job:
        end = time.monotonic() + 60
        while not list(out.glob("done/*.json")):
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(job.pid, getattr(signal, stop))
        job.communicate(timeout=30)
    assert job.returncode == {"SIGKILL": -9, "SIGINT": 130}[stop]
    done = {each.name: each.read_bytes() for each in out.glob("results/*.jsonl")}
    marked = [name for name in done if (out / "done" / f"{name[:6]}.json").exists()]
    assert 0 < len(marked) < len(list(out.glob("items/*.json")))
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    names = sorted(path.name for path in scans.glob("*.png"))
    assert Counter(row["file"] for row in rows(out)) == Counter(names)
    assert all((out / "results" / name).read_bytes() == done[name] for name in marked)
