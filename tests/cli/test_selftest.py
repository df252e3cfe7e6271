"""The self-test: what it says when all is well, and when something is broken."""

from pathlib import Path

import pytest

from digitapp import engine, paths
from digitapp.cli import main, selftest
from digitapp.desktop import qt, window
from digitapp.engine import Engine
from digitapp.errors import Unavailable
from digitapp.jobs.reader import Here
from digitapp.recognition import pipeline
from digitapp.web import serve


@pytest.fixture(autouse=True)
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Unavailable(qt.NO_DISPLAY)

    monkeypatch.setattr(window, "check", refuse)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    """The server reads in this process: it starts sooner."""
    monkeypatch.setattr(serve, "make_reader", lambda *_: Here(engine))


def test_a_whole_program_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--selftest"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("model", "digits", "PNG", "JPEG", "GIF", "BMP", "WebP", "server", "window")
    ]
    assert [line[9:11] for line in lines[:-1]] == ["ok"] * 8
    assert "ok, 0123456789 (" in lines[1]
    assert lines[-1].startswith("window   not checked: There is no display here. (")
    assert last == "All is well."


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", engine.MODELS)
def test_another_model_than_the_card_s_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    model = tmp_path / name
    model.write_bytes(paths.asset(name).read_bytes() + b"\0")
    asset = paths.asset
    monkeypatch.setattr(paths, "asset", lambda name: model if name == model.name else asset(name))
    assert main.main(["--selftest"]) == 1
    out = capsys.readouterr().out
    assert f"model    FAILED: ValueError: the SHA-256 of {name} is " in out
    assert "digits   ok" in out
    assert out.endswith("Something is broken: install digitapp again.\n")


def test_a_fault_is_a_line_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no such codec")

    monkeypatch.setattr(pipeline, "recognize", fail)
    assert selftest.run() == 1
    out = capsys.readouterr().out
    assert out.count("FAILED: OSError: no such codec") == 6
    assert "server   ok" in out


@pytest.mark.usefixtures("in_process")
def test_a_window_that_lacks_a_library_is_a_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Unavailable("The window needs libEGL.so.1.")

    monkeypatch.setattr(window, "check", refuse)
    assert selftest.run() == 1
    assert "window   FAILED: Unavailable: The window needs libEGL.so.1." in capsys.readouterr().out


@pytest.mark.parametrize("digit", range(10))
def test_each_of_its_digits_is_read_without_doubt(digit: int, engine: Engine) -> None:
    picture = selftest.encode(selftest.draw(str(digit)))
    answer = pipeline.recognize(picture, engine).answer
    assert answer.text == str(digit)
    assert not answer.doubt
