"""The model's source gives the same answers as its export."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from digitapp.engine import NAME, Engine, load
from digitapp.errors import Unavailable
from digitapp.paths import asset
from digitapp.vision.types import Grey
from tests.engine.inputs import drawn, extremes, line_images, noise, pages

SENTENCE = "The keras engine needs TensorFlow: python -m pip install keras tensorflow."


@pytest.fixture(scope="module")
def keras() -> Engine:
    return load("keras")


def test_the_model_is_named_by_its_bytes(keras: Engine) -> None:
    digest = hashlib.sha256(asset("digits.keras").read_bytes()).hexdigest()
    assert keras.model == f"{NAME} sha256:{digest}"


@pytest.mark.parametrize(
    "batch",
    [drawn(), drawn(turn=12), drawn(pen=1 / 40), drawn(pen=1 / 6), noise(), extremes()],
    ids=["drawn", "turned", "thin", "thick", "noise", "extreme"],
)
def test_both_engines_agree(keras: Engine, engine: Engine, batch: np.ndarray) -> None:
    assert np.abs(keras.probabilities(batch) - engine.probabilities(batch)).max() < 1e-4


@pytest.mark.parametrize("line", line_images(), ids=["57", "2024", "noise", "nothing", "full"])
def test_both_engines_agree_on_line_images(keras: Engine, engine: Engine, line: Grey) -> None:
    assert np.abs(keras.windows(line) - engine.windows(line)).max() < 1e-4


@pytest.mark.parametrize("page", pages(), ids=["page", "part", "noise", "white", "black"])
def test_both_engines_find_the_same_ink(keras: Engine, engine: Engine, page: Grey) -> None:
    assert np.abs(keras.ink(page) - engine.ink(page)).max() < 1e-4


def test_an_empty_batch_gives_no_rows(keras: Engine) -> None:
    assert keras.probabilities(drawn()[:0]).shape == (0, 11)


def test_many_threads_get_the_answers_of_one(keras: Engine) -> None:
    expected = keras.probabilities(drawn())
    with ThreadPoolExecutor(6) as threads:
        for found in threads.map(lambda _: keras.probabilities(drawn()), range(24)):
            assert np.abs(found - expected).max() < 1e-6


def test_without_keras_people_are_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(Unavailable) as caught:
        load("keras")
    assert caught.value.message == SENTENCE


def test_keras_without_tensorflow_is_not_enough() -> None:
    """In a process of its own: here Keras has long found its TensorFlow."""
    script = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from digitapp.engine import load\n"
        "from digitapp.errors import Unavailable\n"
        "try: load('keras')\n"
        "except Unavailable as error: print(error.message)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120)
    assert run.stdout.decode().strip() == SENTENCE, run.stderr.decode()
