"""Digits and letters in a typeface: repeatable, and no letter that looks like a digit."""

import numpy as np
import pytest

from tests.train import stand_in
from train.synthesis import typeset
from train.synthesis.hershey import LATIN
from train.synthesis.typeset import DIGITS, Typefaces


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Typefaces:
    face = stand_in.typeface(tmp_path_factory.mktemp("typeset"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typeset, "FEWEST", 5)
        return typeset.sort([("hand", face)])


def test_letters_that_look_like_digits_are_left_out(faces: Typefaces) -> None:
    [(_, letters)] = faces.scripts
    assert set("λπωЩщ") <= set(letters)
    assert not set("Ззб") & set(letters)


def test_other_letters_than_of_other_scripts_are_not_taken(faces: Typefaces) -> None:
    [(_, letters)] = faces.scripts
    assert not set(DIGITS + LATIN + "Oolµ漢") & set(letters)


def test_digits_in_typefaces(faces: Typefaces) -> None:
    images, labels = typeset.digits(40, 1, faces)
    assert images.shape == (40, 28, 28, 1)
    assert 0 <= images.min() < 0.5 < images.max() <= 1
    assert labels.tolist() == np.resize(np.arange(10), 40).tolist()
    assert images.reshape(40, -1).any(axis=1).all()


def test_the_same_seed_writes_the_same_and_another_writes_otherwise(faces: Typefaces) -> None:
    one, same, other = (typeset.letters(12, seed, faces) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert len(np.unique(one.reshape(12, -1), axis=0)) == 12


def test_ink_is_cropped_to_its_box(faces: Typefaces) -> None:
    for digit in DIGITS:
        ink = typeset._ink(faces.hands[0], digit)
        assert ink.dtype == np.float32
        assert 0 <= ink.min() <= ink.max() <= 1
        assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()
