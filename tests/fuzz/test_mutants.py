"""Changed files: checksums are repaired, and whatever they hold, there is an answer or an error."""

import io
from itertools import islice

import pytest
from PIL import Image, UnidentifiedImageError

from digitapp.engine import Engine
from digitapp.formats import sniff
from tests.broken import SAMPLES
from tests.fuzz.mutants import mutants, repaired
from tests.fuzz.test_pictures import is_answered

pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)


def test_whole_files_stay_as_they_are() -> None:
    assert all(repaired(data) == data for data in SAMPLES.values())


def test_a_checksum_is_repaired() -> None:
    broken = bytearray(SAMPLES["PNG"])
    broken[29] ^= 1  # in the first chunk's checksum
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(broken), formats=["PNG"]).load()
    assert repaired(bytes(broken)) == SAMPLES["PNG"]


def test_the_same_seed_makes_the_same() -> None:
    assert list(islice(mutants(3), 50)) == list(islice(mutants(3), 50))


def test_mutants_are_of_every_kind_and_answered(engine: Engine) -> None:
    found = list(islice(mutants(1), 1_500))
    kinds = {kind.name for data in found if (kind := sniff(data))}
    assert {"PNG", "JPEG", "GIF", "BMP", "WebP"} <= kinds
    assert all(is_answered(data, engine) for data in found)
