"""From bytes to answer: the corpus, and what Hypothesis makes of it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitapp.engine import Engine
from digitapp.errors import DigitappError
from digitapp.recognition.answer import Answer
from digitapp.recognition.pipeline import recognize
from digitapp.vision.types import Box
from tests.broken import SIGNATURES
from tests.fuzz import CORPUS
from tests.fuzz.seeds import seeds

# The program passes over what Pillow warns of. In tests that would be an error.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)

FILES = sorted(CORPUS.iterdir())
SEEDS = [data for _, data in seeds()]


def is_answered(data: bytes, engine: Engine) -> bool:
    """Whether there is an answer, or one of our own errors that blames the picture."""
    try:
        answer = recognize(data, engine).answer
    except DigitappError as error:
        return 400 <= error.status < 500
    return _holds_together(answer)


def _holds_together(answer: Answer) -> bool:
    """Whether the text is that of the symbols, all boxes lie in the picture, and doubt is told."""
    boxes = [each.box for each in answer.symbols] + [each.box for each in answer.numbers]
    boxes += [each.box for each in answer.left_out]
    return (
        "".join(answer.text.split()) == "".join(each.text for each in answer.symbols)
        and all(_is_within(box, answer.width, answer.height) for box in boxes)
        and (answer.doubt or not any(each.needs_a_look for each in answer.symbols))
        and bool(json.dumps(answer.to_json(with_input=True), allow_nan=False))
    )


def _is_within(box: Box, width: int, height: int) -> bool:
    is_some = box.width > 0 and box.height > 0
    return is_some and box.x >= 0 and box.y >= 0 and box.right <= width and box.bottom <= height


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_the_corpus(engine: Engine, file: Path) -> None:
    assert is_answered(file.read_bytes(), engine)


def test_the_corpus_is_what_the_seeds_are() -> None:
    assert {name for name, _ in seeds()} <= {file.name for file in FILES}


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_changed_bytes(engine: Engine, data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(SEEDS)))
    places = st.integers(0, len(changed) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        changed[place] = data.draw(st.integers(0, 255))
    assert is_answered(bytes(changed), engine)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_spliced_bytes(engine: Engine, data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(SEEDS)), data.draw(st.sampled_from(SEEDS))
    end = data.draw(st.integers(0, len(one)))
    start = data.draw(st.integers(0, len(other)))
    assert is_answered(one[:end] + other[start:], engine)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_behind_a_signature(engine: Engine, tail: bytes) -> None:
    assert all(is_answered(signature + tail, engine) for signature in SIGNATURES)


OPENED = """
import sys
from pathlib import Path
from digitapp import errors
from digitapp.vision import decode
try:
    decode.decode(Path(sys.argv[1]).read_bytes())
except errors.TooLarge as error:
    print(error)
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of itself so")
def test_a_gif_claims_no_memory() -> None:
    """To open this one Pillow fills 42,148 x 42,148 pixels, if it is let: 345 bytes, 1.8 GB."""
    line = [sys.executable, "-c", OPENED, str(CORPUS / "gif-frame-of-42148")]
    said, most_kib = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split(
        "\n", 1
    )
    assert "far too large" in said
    assert int(most_kib) < 300_000


def test_a_wide_claim_is_refused_from_its_header(engine: Engine) -> None:
    """16,777,216 x 1 pixels in a few bytes cost Pillow seconds and a gigabyte, if it is let."""
    start = time.perf_counter()
    with pytest.raises(DigitappError, match="16777216 x 1 pixels"):
        recognize((CORPUS / "png-wide").read_bytes(), engine)
    assert time.perf_counter() - start < 5  # not to be measured here, but not to be hours either
