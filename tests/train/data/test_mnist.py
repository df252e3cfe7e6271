"""MNIST in three splits, and nothing else in its place."""

import io
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tests.train import stand_in
from train import TrainError
from train.data import mnist, npm
from train.data.mnist import FILES


def test_the_splits_and_their_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = mnist.load(stand_in.install(tmp_path, monkeypatch))
    held = len(stand_in.HELD)
    parts = (digits.train, digits.validation, digits.test)
    assert [len(part) for part in parts] == [stand_in.TRAIN - held, held, stand_in.TEST]
    for part in parts:
        assert part.images.shape == (len(part), 28, 28, 1)
        assert part.images.dtype == np.float32
        assert part.labels.dtype == np.int64
        assert (part.images.min(), part.images.max()) == (0, 1)


def test_every_digit_is_in_one_split_in_its_order() -> None:
    arrays = stand_in.arrays()
    digits = mnist.split(arrays, stand_in.HELD)
    kept = np.setdiff1d(np.arange(stand_in.TRAIN), stand_in.HELD)
    for part, places in ((digits.train, kept), (digits.validation, stand_in.HELD)):
        assert np.array_equal(np.rint(part.images[..., 0] * 255), arrays["x_train"][places])
        assert np.array_equal(part.labels, arrays["y_train"][places])
    assert np.array_equal(np.rint(digits.test.images[..., 0] * 255), arrays["x_test"])


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_an_array_that_is_not_mnists_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = stand_in.install(tmp_path, monkeypatch)
    arrays = stand_in.arrays()
    arrays[name].flat[0] ^= 1
    np.savez(path, **arrays)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"{name} is not MNIST's"):
        mnist.load(path)


def pack(path: Path) -> None:
    """Write the stand-in's arrays as the package holds MNIST's."""
    with tarfile.open(path, "w:gz") as archive:
        for name, array in stand_in.arrays().items():
            head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            member = tarfile.TarInfo(f"package/data/{FILES[name]}")
            member.size = len(head) + array.nbytes
            archive.addfile(member, io.BytesIO(head + array.tobytes()))


def test_the_package_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in.install(tmp_path, monkeypatch)
    pack(tmp_path / mnist.PACKAGE.file)
    from_file, from_package = (mnist.load(each) for each in (path, tmp_path / mnist.PACKAGE.file))
    for one, other in zip(splits(from_file), splits(from_package), strict=True):
        assert np.array_equal(one.images, other.images)
        assert np.array_equal(one.labels, other.labels)


def splits(digits: mnist.Digits) -> list[mnist.Split]:
    return [digits.train, digits.validation, digits.test]


def test_without_a_file_the_package_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.install(tmp_path, monkeypatch)
    pack(tmp_path / mnist.PACKAGE.file)
    fetched = {(mnist.PACKAGE,): [tmp_path / mnist.PACKAGE.file]}
    monkeypatch.setattr(npm, "find", lambda packages: fetched[tuple(packages)])
    assert len(mnist.load().test) == stand_in.TEST


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"There is no file .*none\.npz"):
        mnist.load(tmp_path / "none.npz")


def test_a_file_that_holds_objects_is_not_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stand_in.install(tmp_path, monkeypatch)
    objects = {name: np.array([print], dtype=object) for name in stand_in.arrays()}
    np.savez(path, **objects)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="pickle"):
        mnist.load(path)


def test_the_held_out_digits_are_whole_and_in_range() -> None:
    held = mnist.held_out()
    assert held.shape == (5_027,)
    assert held.dtype == np.int64
    assert (np.diff(held) > 0).all()
    assert held[0] >= 0
    assert held[-1] < 60_000


def test_the_head_of_a_split() -> None:
    split = stand_in.splits().train
    assert len(split.head(10)) == 10
    assert np.array_equal(split.head(10).images, split.images[:10])
    assert len(split.head(None)) == len(split)
