"""The training set: MNIST first, then what is drawn once and kept."""

from pathlib import Path

import numpy as np
import pytest

from digitapp.recognition.symbols import NO_DIGIT
from tests.train import stand_in
from train.data.mnist import Split
from train.networks.fit_digits import Settings
from train.synthesis import pen, training_set

AMOUNTS = Settings(styles=40, slashed=6, no_digits=24, hands=12, letters=8, share=0.25)


@pytest.fixture(scope="module")
def digits() -> Split:
    return stand_in.splits().train.head(30)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "drawn.npz"


@pytest.fixture(scope="module")
def first(digits: Split, cache: Path) -> training_set.TrainingSet:
    return training_set.prepare(digits, AMOUNTS, cache)


def test_an_epoch_is_all_of_mnist_and_a_share_of_the_rest(first: training_set.TrainingSet) -> None:
    assert len(first.digits) == 30 + 6 + 40 + 24
    assert first.epoch == 30 + round(0.25 * 70)
    random = np.random.default_rng(1)
    for _ in range(5):
        order = first.order(random)
        assert len(order) == len(set(order.tolist())) == first.epoch
        assert set(range(30)) <= set(order.tolist())
        assert order.max() < len(first.digits)
    assert not np.array_equal(first.order(random), first.order(random))


def test_what_was_drawn_is_labelled(digits: Split, first: training_set.TrainingSet) -> None:
    assert np.array_equal(first.digits.labels[:30], digits.labels)
    assert not first.digits.labels[30:36].any()
    assert first.digits.labels[36:76].tolist() == np.resize(pen.CLASSES, 40).tolist()
    assert (first.digits.labels[76:] == NO_DIGIT).all()
    assert first.digits.images.dtype == np.float32
    stand_in.assert_images(first.digits.images, 100, empty=0.1)


def test_the_later_phases_see_typefaces_besides(
    first: training_set.TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = stand_in.install_typeface(tmp_path, monkeypatch)
    more = training_set.enlarge(first, AMOUNTS, tmp_path / "more.npz", faces)
    assert (more.mnist, more.share) == (first.mnist, first.share)
    assert len(more.digits) == len(first.digits) + 20
    assert np.array_equal(more.digits.images[: len(first.digits)], first.digits.images)
    stand_in.assert_images(more.digits.images[-20:], 20)
    assert more.digits.labels[-20:-8].tolist() == np.resize(np.arange(10), 12).tolist()
    assert (more.digits.labels[-8:] == NO_DIGIT).all()


def test_a_run_without_typefaces_asks_for_none(
    first: training_set.TrainingSet, tmp_path: Path
) -> None:
    none = Settings(hands=0, letters=0)
    assert training_set.enlarge(first, none, tmp_path / "more.npz", tmp_path) is first
    assert not list(tmp_path.iterdir())


def test_a_second_start_draws_nothing_anew(
    digits: Split,
    first: training_set.TrainingSet,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(training_set, "_draw")
    second = training_set.prepare(digits, AMOUNTS, cache)
    assert np.array_equal(first.digits.images, second.digits.images)


def test_an_interruption_while_drawing_leaves_nothing_half_done(
    digits: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(np, "savez_compressed", interrupted)
        training_set.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    whole = training_set.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    assert len(whole.digits) == len(digits) + 70
