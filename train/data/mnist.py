"""MNIST: fetched once, its hash checked, whole writers held out for validation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"

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
        """Those that are chosen."""
        return Split(self.images[chosen], self.labels[chosen])


def joined(splits: Sequence[Split]) -> Split:
    """Several splits as one."""
    images, labels = ([split.images for split in splits], [split.labels for split in splits])
    return Split(np.concatenate(images), np.concatenate(labels))


@dataclass(frozen=True)
class Digits:
    """MNIST in three parts: no writer is in two of them."""

    train: Split
    validation: Split
    test: Split


def load(path: Path | None = None) -> Digits:
    """Read MNIST from `path`, an .npz of Keras' form, or download it.

    Raises:
        ValueError: an array is not MNIST's; the message names it.
    """
    with np.load(path or _download(), allow_pickle=False) as archive:
        arrays = {name: _checked(name, archive[name]) for name in HASHES}
    return split(arrays, held_out())


def split(arrays: dict[str, NDArray[np.uint8]], held: NDArray[np.int64]) -> Digits:
    """Part the training digits by `held`, indices of the validation writers' images."""
    is_held = np.zeros(len(arrays["y_train"]), dtype=bool)
    is_held[held] = True
    return Digits(
        train=_split(arrays["x_train"][~is_held], arrays["y_train"][~is_held]),
        validation=_split(arrays["x_train"][is_held], arrays["y_train"][is_held]),
        test=_split(arrays["x_test"], arrays["y_test"]),
    )


def held_out() -> NDArray[np.int64]:
    """Indices of the training images by the writers who validate."""
    lines = (Path(__file__).parent / "holdout.txt").read_text().splitlines()
    numbers = " ".join(line for line in lines if not line.startswith("#")).split()
    return np.array(numbers, dtype=np.int64)


def _split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Split:
    return Split((images[..., np.newaxis] / 255).astype(np.float32), labels.astype(np.int64))


def _checked(name: str, array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() != HASHES[name]:
        raise ValueError(f"{name} is not MNIST's. Delete the file and let the trainer download it.")
    return array


def _download() -> Path:
    import keras

    return Path(keras.utils.get_file("mnist.npz", origin=URL))
