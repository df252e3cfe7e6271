"""`digitapp serve --engine keras` over HTTP: the .keras file itself gives the same answers."""

import importlib.util
from collections.abc import Iterator

import pytest

from digitapp.engine import Engine
from digitapp.recognition import pipeline
from tests.drawings import png
from tests.web.client import ask
from tests.web.processes import Process, serve

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="needs TensorFlow: python -m pip install '.[keras]'",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with serve("--engine", "keras") as process:
        yield process


def test_it_says_that_keras_runs(server: Process) -> None:
    assert ask(server.url, "GET", "/api/model").json["engine"] == "keras"


@pytest.mark.parametrize("digit", range(10))
def test_it_reads_as_the_default_engine_does(server: Process, engine: Engine, digit: int) -> None:
    [keras] = ask(server.url, "POST", "/api/recognize", png(digit)).json["symbols"]
    [litert] = pipeline.recognize(png(digit), engine).answer.to_json()["symbols"]
    assert keras["text"] == litert["text"] == str(digit)
    assert keras["probabilities"] == pytest.approx(litert["probabilities"], abs=2e-4)


def test_it_refuses_as_the_default_engine_does(server: Process) -> None:
    response = ask(server.url, "POST", "/api/recognize", b"seven")
    assert (response.status, response.code) == (415, "unsupported-format")
