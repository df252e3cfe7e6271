"""What the digits' network learns from: MNIST, what our own code draws, and typefaces."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitapp.recognition.symbols import NO_DIGIT
from train.data import typefaces
from train.data.mnist import Split, joined
from train.synthesis import non_digits, pen, typeset


class Amounts(Protocol):
    """The settings of a run that say how much is drawn."""

    @property
    def drawn(self) -> int:
        """The seed of what is drawn."""

    @property
    def styles(self) -> int:
        """Digits by our own pen."""

    @property
    def slashed(self) -> int:
        """MNIST's zeros with a slash or a bar."""

    @property
    def no_digits(self) -> int:
        """Images of what is no digit."""

    @property
    def hands(self) -> int:
        """Digits in typefaces like handwriting."""

    @property
    def letters(self) -> int:
        """Letters in typefaces."""

    @property
    def share(self) -> float:
        """Of all that is drawn, in each epoch; 0 to 1."""


@dataclass(frozen=True)
class TrainingSet:
    """`digits` holds MNIST's first, `mnist` of them, then what was drawn.

    An epoch takes all of MNIST and a new `share` of the rest.
    """

    digits: Split
    mnist: int
    share: float

    @property
    def epoch(self) -> int:
        """Images in an epoch."""
        return self.mnist + round(self.share * (len(self.digits) - self.mnist))

    def order(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Shuffled indices of one epoch, [epoch]."""
        drawn = np.arange(self.mnist, len(self.digits))
        taken = random.choice(drawn, self.epoch - self.mnist, replace=False)
        return random.permutation(np.concatenate([np.arange(self.mnist), taken]))


def prepare(mnist: Split, amounts: Amounts, cache: Path) -> TrainingSet:
    """MNIST, digits by our own pen and what is no digit.

    What is drawn goes into the file `cache`. If an earlier start of this run has drawn it, it is
    read from there.
    """
    first = TrainingSet(mnist, len(mnist), amounts.share)
    return _with(first, cache, lambda: _draw(mnist, amounts))


def enlarge(first: TrainingSet, amounts: Amounts, cache: Path, faces: Path | None) -> TrainingSet:
    """The same with what the later phases see besides: digits and letters in typefaces.

    Args:
        first: what `prepare` gives.
        amounts: how much is drawn.
        cache: as for `prepare`.
        faces: the folder of the typefaces' packages; None: they are fetched.
    """
    if not amounts.hands and not amounts.letters:
        return first
    return _with(first, cache, lambda: _draw_in_typefaces(amounts, faces))


def _with(first: TrainingSet, cache: Path, draw: Callable[[], list[Split]]) -> TrainingSet:
    if not cache.exists():
        drawn = joined(draw())
        part = cache.with_suffix(".part.npz")  # an interruption must not leave half a cache
        images = np.rint(drawn.images * 255).astype(np.uint8)
        np.savez_compressed(part, images=images, labels=drawn.labels)
        part.replace(cache)
    with np.load(cache) as drawn:
        more = Split(drawn["images"].astype(np.float32) / 255, drawn["labels"])
    return replace(first, digits=joined([first.digits, more]))


def _draw(mnist: Split, amounts: Amounts) -> list[Split]:
    print(f"drawing {amounts.styles} digits and {amounts.no_digits} images that are none ...")
    zeros = mnist.images[mnist.labels == 0]
    slashed = pen.slashed(zeros, amounts.slashed, amounts.drawn)
    return [
        Split(slashed, np.zeros(len(slashed), dtype=np.int64)),
        Split(*pen.digits(amounts.styles, amounts.drawn)),
        _none(non_digits.make(amounts.no_digits, amounts.drawn, mnist)),
    ]


def _draw_in_typefaces(amounts: Amounts, folder: Path | None) -> list[Split]:
    faces = typeset.sort(typefaces.load(folder))
    print(f"drawing {amounts.hands} digits and {amounts.letters} letters in typefaces ...")
    return [
        Split(*typeset.digits(amounts.hands, amounts.drawn, faces)),
        _none(typeset.letters(amounts.letters, amounts.drawn, faces)),
    ]


def _none(images: NDArray[np.float32]) -> Split:
    return Split(images, np.full(len(images), NO_DIGIT, dtype=np.int64))
