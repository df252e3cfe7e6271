"""What the network learns from: MNIST, digits by our own pen, and what is no digit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from train import nodigit, pen
from train.data import Split


class Amounts(Protocol):
    """The settings of a run that say how much is drawn."""

    @property
    def seed(self) -> int:
        """Of what is drawn."""

    @property
    def styles(self) -> int:
        """Digits by our own pen."""

    @property
    def no_digits(self) -> int:
        """Marks that are none."""

    @property
    def share(self) -> float:
        """Of both, in each epoch; 0 to 1."""


@dataclass(frozen=True)
class Mixture:
    """`digits` holds MNIST's first, `mnist` of them, then what was drawn.

    An epoch takes all of MNIST and a new `share` of the rest.
    """

    digits: Split
    mnist: int
    share: float

    @property
    def epoch(self) -> int:
        """Marks in an epoch."""
        return self.mnist + round(self.share * (len(self.digits) - self.mnist))

    def order(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Shuffled indices of one epoch, [epoch]."""
        drawn = np.arange(self.mnist, len(self.digits))
        taken = random.choice(drawn, self.epoch - self.mnist, replace=False)
        return random.permutation(np.concatenate([np.arange(self.mnist), taken]))


def prepare(mnist: Split, amounts: Amounts, cache: Path) -> Mixture:
    """Draw what is drawn, or take it from `cache`, where an earlier start of this run put it."""
    if not cache.exists():
        _draw(mnist, amounts, cache)
    with np.load(cache) as drawn:
        images = np.concatenate([mnist.images, drawn["images"].astype(np.float32) / 255])
        labels = np.concatenate([mnist.labels, drawn["labels"]])
    return Mixture(Split(images, labels), len(mnist), amounts.share)


def _draw(mnist: Split, amounts: Amounts, cache: Path) -> None:
    print(f"drawing {amounts.styles} digits and {amounts.no_digits} marks that are none ...")
    styles, labels = pen.digits(amounts.styles, amounts.seed)
    others = nodigit.make(amounts.no_digits, amounts.seed, mnist)
    images = np.rint(np.concatenate([styles, others]) * 255).astype(np.uint8)
    every = np.concatenate([labels, np.full(len(others), nodigit.NO_DIGIT, dtype=np.int64)])
    part = cache.with_suffix(".part.npz")  # what an interruption leaves is no cache
    np.savez_compressed(part, images=images, labels=every)
    part.replace(cache)
