"""Each kind of corruption does what its name says, and the same again from the same seed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.train import stand_in
from train.evaluation import mnist_c
from train.evaluation.mnist_c import KINDS, SIDE, Images


@pytest.fixture(scope="module")
def clean() -> Images:
    """Twenty digits, [20, 28, 28]."""
    return (stand_in.arrays()["x_test"][:20] / 255).astype(np.float32)


def line(column: int) -> Images:
    """One image of a vertical line, a pixel wide."""
    picture = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    picture[:, 4:-4, column] = 1
    return picture


def middle(pictures: Images) -> NDArray[np.float64]:
    """Each image's centre of mass, [N, (x, y)], in pixels."""
    _, height, width = pictures.shape
    mass = pictures.sum(axis=(1, 2))
    across = pictures.sum(axis=1) @ np.arange(width)
    down = pictures.sum(axis=2) @ np.arange(height)
    return np.asarray(np.stack([across, down], axis=-1) / mass[:, None])


def test_there_are_fifteen() -> None:
    assert len(KINDS) == 15


@pytest.mark.parametrize("kind", KINDS)
def test_form_and_seed(kind: str, clean: Images) -> None:
    before = clean.copy()
    changed = mnist_c.corrupt(kind, clean, seed=3)
    assert np.array_equal(clean, before)
    assert changed.shape == clean.shape
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 1
    assert np.array_equal(changed, mnist_c.corrupt(kind, clean, seed=3))
    difference = np.abs(changed - clean).mean(axis=(1, 2))
    assert difference.min() > 0.005


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"scale", "brightness", "canny edges"}))
def test_another_seed_gives_other_images(kind: str, clean: Images) -> None:
    first, second = (mnist_c.corrupt(kind, clean, seed) for seed in (1, 2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_images(count: int, clean: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_c, "CHUNK", 3)
    for kind in KINDS:
        assert mnist_c.corrupt(kind, clean[:count]).shape == (count, SIDE, SIDE)


def test_every_chunk_has_noise_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_c, "CHUNK", 1)
    first, second = mnist_c.corrupt("impulse noise", np.tile(line(14), (2, 1, 1)))
    assert not np.array_equal(first, second)


# --- the kinds, one by one


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_shot_noise_leaves_the_background_and_the_mean(clean: Images) -> None:
    noisy = mnist_c.shot_noise(clean, random(), photons=3)
    assert not noisy[clean == 0].any()
    assert noisy.mean() == pytest.approx(clean.mean(), rel=0.1)
    assert np.allclose(noisy * 3, np.rint(noisy * 3))


def test_impulse_noise_hits_its_share() -> None:
    grey = np.full((20, SIDE, SIDE), 0.5, dtype=np.float32)
    noisy = mnist_c.impulse_noise(grey, random(), share=0.2)
    assert (noisy == 0).mean() == pytest.approx(0.1, abs=0.01)
    assert (noisy == 1).mean() == pytest.approx(0.1, abs=0.01)
    assert (noisy == 0.5).mean() == pytest.approx(0.8, abs=0.02)


def test_blurs_keep_the_ink(clean: Images) -> None:
    assert mnist_c.blur(clean, 1.0).sum() == pytest.approx(clean.sum(), rel=0.01)
    assert mnist_c.glass_blur(clean, random()).sum() == pytest.approx(clean.sum(), rel=0.1)


def test_motion_blur_spreads_along_its_line() -> None:
    dot = np.zeros((8, SIDE, SIDE), dtype=np.float32)
    dot[:, 14, 14] = 1
    moved = mnist_c.motion_blur(dot, random(), length=6)
    assert np.allclose(middle(moved), 14, atol=0.01)
    assert np.allclose(moved.sum(axis=(1, 2)), 1, atol=1e-5)
    lengths = (moved.max(axis=1) > 0.01).sum(axis=1)  # columns, at up to 45 degrees
    assert lengths.min() >= 5
    assert lengths.max() <= 8


@pytest.mark.parametrize("amount", [0.25, 0.5])
def test_shear_slants_by_its_amount(amount: float) -> None:
    slanted = mnist_c.shear(np.tile(line(14), (6, 1, 1)), random(), amount)
    reach = np.abs(middle(slanted[:, 4:8])[:, :1] - middle(slanted[:, -8:-4])[:, :1])
    assert reach == pytest.approx(amount * 16, abs=0.2)


@pytest.mark.parametrize("factor", [0.5, 0.8])
def test_scale_shrinks_both_ways(factor: float) -> None:
    square = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    square[:, 4:24, 4:24] = 1
    small = mnist_c.scale(square, random(), factor)
    assert small.sum() == pytest.approx(factor**2 * 400, rel=0.05)
    assert np.allclose(middle(small), (SIDE - 1) / 2, atol=0.01)


def test_rotate_turns_about_the_middle() -> None:
    lines = np.tile(line(13) + line(14), (6, 1, 1))
    assert np.allclose(mnist_c.rotate(lines, random(), 90)[:, 13:15, 5:-5], 1, atol=1e-5)
    turned = mnist_c.rotate(lines, random(), 25)
    assert np.allclose(middle(turned), 13.5, atol=0.01)
    reach = np.abs(middle(turned[:, 6:8])[:, 0] - middle(turned[:, -8:-6])[:, 0])
    assert reach == pytest.approx(14 * np.tan(np.radians(25)), abs=0.5)


def test_translate_moves_whole_images(clean: Images) -> None:
    moved = mnist_c.translate(clean, random(), distance=3)
    way = np.hypot(*(middle(moved) - middle(clean)).T)
    assert way.min() > 2
    assert way.max() < 4
    assert np.allclose(moved.sum(axis=(1, 2)), clean.sum(axis=(1, 2)), rtol=1e-4)


def test_brightness_ends_at_white() -> None:
    grey = np.full((1, SIDE, SIDE), 0.3, dtype=np.float32)
    assert np.allclose(mnist_c.brightness(grey, random(), 0.4), 0.7)
    assert np.allclose(mnist_c.brightness(grey, random(), 0.9), 1)


def test_a_stripe_inverts_whole_columns(clean: Images) -> None:
    striped = mnist_c.stripe(clean, random(), width=6)
    inside = np.abs(striped - clean).max(axis=1) > 1e-6
    assert set(inside.sum(axis=1)) == {6}
    for picture, original, columns in zip(striped, clean, inside, strict=True):
        assert np.allclose(picture[:, columns], 1 - original[:, columns])


def test_fog_lies_over_background_and_ink(clean: Images) -> None:
    haze = mnist_c.fog(np.zeros_like(clean), random(), density=1)
    assert haze.max() <= 0.5
    assert haze.mean() > 0.1
    assert np.allclose(mnist_c.fog(clean, random(), density=1), clean / 2 + haze, atol=1e-6)


def test_plasma_is_smooth() -> None:
    fields = mnist_c.plasma(20, random())
    assert fields.shape == (20, SIDE, SIDE)
    steps = np.abs(np.diff(fields, axis=1)).mean(), np.abs(np.diff(fields, axis=2)).mean()
    far = np.abs(fields[:, 14:] - fields[:, :14]).mean()
    assert max(steps) < 0.6 * far
    assert steps[0] == pytest.approx(steps[1], rel=0.15)


def test_spatter_covers_its_share(clean: Images) -> None:
    wet = mnist_c.spatter(np.zeros_like(clean), random(), share=0.1)
    assert (wet > 0).mean() == pytest.approx(0.1, abs=0.01)
    assert np.all(mnist_c.spatter(clean, random()) >= clean)


@pytest.mark.parametrize("kind", ["dotted line", "zigzag"])
def test_lines_go_from_side_to_side(kind: str, clean: Images) -> None:
    columns = mnist_c.corrupt(kind, np.zeros_like(clean)).max(axis=1) > 0.3
    assert columns[:, :4].any(axis=1).all()
    assert columns[:, -4:].any(axis=1).all()
    share = columns.mean()
    assert share > 0.95 if kind == "zigzag" else 0.4 < share < 0.95
    assert np.all(mnist_c.corrupt(kind, clean) >= clean)


def test_canny_draws_an_outline() -> None:
    square = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    square[:, 8:20, 8:20] = 1
    edges = mnist_c.canny_edges(square, random())[0]
    assert set(np.unique(edges)) == {0, 1}
    assert not edges[11:17, 11:17].any()
    assert not edges[:6].any()
    assert edges[12:16, :14].sum(axis=1).tolist() == [1] * 4
    assert 36 <= edges.sum() <= 60


@pytest.mark.parametrize(("bridge", "kept"), [(0.5, True), (0.02, False)])
def test_a_weak_edge_counts_where_it_hangs_on_a_strong_one(bridge: float, kept: bool) -> None:
    picture = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    picture[:, 4:14, 14:] = 1
    picture[:, 14:24, 14:] = bridge
    edges = mnist_c.canny_edges(picture, random(), low=0.1, high=0.3)[0]
    assert edges[6:12, 12:16].any(axis=1).all()
    assert bool(edges[18:22, 12:16].any()) == kept


def test_a_weak_edge_alone_is_none() -> None:
    picture = np.zeros((1, SIDE, SIDE), dtype=np.float32)
    picture[:, :, 14:] = 0.5
    assert not mnist_c.canny_edges(picture, random(), low=0.1, high=0.3).any()
    assert mnist_c.canny_edges(picture, random(), low=0.1, high=0.15).any()
