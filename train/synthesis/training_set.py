"""What the network learns from: MNIST, what our own code draws and cuts, and typefaces."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from train import nodigit, pen, pieces, typefaces
from train.data import Split, joined


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
    def hands(self) -> int:
        """Digits in typefaces like handwriting."""

    @property
    def letters(self) -> int:
        """Letters in typefaces."""

    @property
    def pieces(self) -> int:
        """Parts that are cut from strings of digits."""

    @property
    def share(self) -> float:
        """Of all that is drawn or cut, in each epoch; 0 to 1."""


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
    """MNIST, digits by our own pen and what is no digit.

    What is drawn is put into `cache`, or taken from there, if an earlier start of this run drew it.
    """
    return _with(Mixture(mnist, len(mnist), amounts.share), cache, lambda: _draw(mnist, amounts))


def enlarge(mixture: Mixture, amounts: Amounts, cache: Path) -> Mixture:
    """The mixture with what the settlings see besides: cut parts, and typefaces' signs."""
    mnist = mixture.digits.head(mixture.mnist)
    return _with(mixture, cache, lambda: _draw_more(mnist, amounts))


def _with(mixture: Mixture, cache: Path, draw: Callable[[], list[Split]]) -> Mixture:
    if not cache.exists():
        drawn = joined(draw())
        part = cache.with_suffix(".part.npz")  # what an interruption leaves is no cache
        images = np.rint(drawn.images * 255).astype(np.uint8)
        np.savez_compressed(part, images=images, labels=drawn.labels)
        part.replace(cache)
    with np.load(cache) as drawn:
        more = Split(drawn["images"].astype(np.float32) / 255, drawn["labels"])
    return replace(mixture, digits=joined([mixture.digits, more]))


def _draw(mnist: Split, amounts: Amounts) -> list[Split]:
    print(f"drawing {amounts.styles} digits and {amounts.no_digits} marks that are none ...")
    return [
        Split(*pen.digits(amounts.styles, amounts.seed)),
        _none(nodigit.make(amounts.no_digits, amounts.seed, mnist)),
    ]


def _draw_more(mnist: Split, amounts: Amounts) -> list[Split]:
    print(f"cutting {amounts.pieces} parts from strings of digits ...")
    more = [Split(*pieces.make(amounts.pieces, amounts.seed, mnist))]
    if amounts.hands or amounts.letters:
        print(f"drawing {amounts.hands} digits and {amounts.letters} letters in typefaces ...")
        faces = typefaces.load()
        more.append(Split(*typefaces.digits(amounts.hands, amounts.seed, faces)))
        more.append(_none(typefaces.letters(amounts.letters, amounts.seed, faces)))
    return more


def _none(images: NDArray[np.float32]) -> Split:
    return Split(images, np.full(len(images), nodigit.NO_DIGIT, dtype=np.int64))
