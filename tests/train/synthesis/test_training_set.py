"""What the trainer draws itself: digits in many styles, and what is no digit."""

from pathlib import Path

import numpy as np
import pytest

from tests.train import stand_in
from train import data, mixture, nodigit, pen, skeletons
from train.fit import Settings

AMOUNTS = Settings(styles=40, no_digits=24, hands=0, letters=0, pieces=16, share=0.25, digits=30)


@pytest.fixture(scope="module")
def digits() -> data.Split:
    return data.split(stand_in.arrays(), stand_in.HELD).train.head(100)


def assert_marks(images: np.ndarray, count: int, empty: float = 0.0) -> None:
    """Marks, of which at most a share of `empty` is nothing."""
    assert images.shape == (count, 28, 28, 1)
    assert 0 <= images.min() <= images.max() <= 1
    assert (~images.reshape(count, -1).any(axis=1)).mean() <= empty


def test_the_pens_digits() -> None:
    images, labels = pen.digits(60, seed=1)
    assert_marks(images, 60)
    assert labels.tolist() == np.resize(pen.CLASSES, 60).tolist()
    assert set(labels.tolist()) == set(range(10))


def test_the_same_seed_draws_the_same(digits: data.Split) -> None:
    assert np.array_equal(pen.digits(20, 1)[0], pen.digits(20, 1)[0])
    assert not np.array_equal(pen.digits(20, 1)[0], pen.digits(20, 2)[0])
    one, two = nodigit.make(20, 1, digits), nodigit.make(20, 1, digits)
    assert np.array_equal(one, two)


@pytest.mark.parametrize("count", [1, 2, 60])
def test_what_is_no_digit(digits: data.Split, count: int) -> None:
    assert_marks(nodigit.make(count, 3, digits), count, empty=0.25)


@pytest.mark.parametrize(
    "name", ["letter", "foreign", "built", "sign", "scribble", "strange", "blot"]
)
def test_each_kind_is_the_cnns_input(name: str) -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        mark = getattr(nodigit, name)(random)
        assert mark.shape == (28, 28)
        assert mark.any()


@pytest.mark.parametrize("name", ["spliced", "turned"])
def test_digits_spoilt_are_the_cnns_input(name: str, digits: data.Split) -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        mark = getattr(nodigit, name)(digits, random)
        assert mark.shape == (28, 28)
        assert mark.any()


def every_glyph() -> list[str]:
    groups = [*skeletons.DIGITS.values(), *skeletons.LETTERS.values(), skeletons.SIGNS]
    return [glyph for group in groups for glyph in group]


@pytest.mark.parametrize("glyph", every_glyph())
def test_every_glyph_is_strokes_within_its_sheet(glyph: str) -> None:
    for points in skeletons.strokes(glyph):
        assert points.ndim == 2
        assert len(points) >= 2
        assert -10 <= points.min() <= points.max() <= 110
        curve = skeletons.smooth(points)
        assert np.isfinite(curve).all()
        assert np.abs(curve[[0, -1]] - points[[0, -1]]).max() < 1e-9


def test_all_ten_digits_have_glyphs() -> None:
    assert sorted(skeletons.DIGITS) == list(range(10))


# --- the mixture


def test_an_epoch_is_all_of_mnist_and_a_share_of_the_rest(
    digits: data.Split, tmp_path: Path
) -> None:
    mixed = mixture.prepare(digits.head(30), AMOUNTS, tmp_path / "drawn.npz")
    assert len(mixed.digits) == 30 + 40 + 24
    assert mixed.epoch == 30 + 16
    random = np.random.default_rng(1)
    for _ in range(5):
        order = mixed.order(random)
        assert len(order) == len(set(order.tolist())) == mixed.epoch
        assert set(range(30)) <= set(order.tolist())
        assert order.max() < len(mixed.digits)
    assert not np.array_equal(mixed.order(random), mixed.order(random))


def test_what_was_drawn_is_labelled(digits: data.Split, tmp_path: Path) -> None:
    mixed = mixture.prepare(digits.head(30), AMOUNTS, tmp_path / "drawn.npz")
    assert np.array_equal(mixed.digits.labels[:30], digits.labels[:30])
    assert mixed.digits.labels[30:70].tolist() == np.resize(pen.CLASSES, 40).tolist()
    assert (mixed.digits.labels[70:] == nodigit.NO_DIGIT).all()
    assert mixed.digits.images.dtype == np.float32
    assert_marks(mixed.digits.images, 94, empty=0.1)


def test_the_settlings_see_parts_of_strings_besides(digits: data.Split, tmp_path: Path) -> None:
    mixed = mixture.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    more = mixture.enlarge(mixed, AMOUNTS, tmp_path / "more.npz")
    assert (more.mnist, more.share) == (mixed.mnist, mixed.share)
    assert len(more.digits) == len(mixed.digits) + 16
    assert np.array_equal(more.digits.images[: len(mixed.digits)], mixed.digits.images)
    assert_marks(more.digits.images[-16:], 16)
    assert (more.digits.labels[-16:] == nodigit.NO_DIGIT).sum() == round(0.3 * 16)


def test_a_second_start_draws_nothing_anew(
    digits: data.Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mixture.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    monkeypatch.delattr(mixture, "_draw")
    second = mixture.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    assert np.array_equal(first.digits.images, second.digits.images)


def test_an_interruption_while_drawing_leaves_nothing_half_done(
    digits: data.Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(np, "savez_compressed", interrupted)
        mixture.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    mixed = mixture.prepare(digits, AMOUNTS, tmp_path / "drawn.npz")
    assert len(mixed.digits) == len(digits) + 64


def middle(ink: np.ndarray) -> float:
    return float(ink[ink.shape[0] // 2, ink.shape[1] // 2])


def test_a_broad_pen_leaves_a_narrow_loop_open() -> None:
    curve = skeletons.smooth(skeletons.strokes(skeletons.DIGITS[0][0])[0])
    narrow = pen.place([curve * (0.35, 1.0)])
    assert middle(pen.draw(narrow, 28.0)) == 1  # the hole is gone
    assert middle(pen.draw_open(narrow, 28.0)) == 0
