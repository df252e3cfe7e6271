"""Stand-ins for what is fetched: a small MNIST, drawn here, and a package with a typeface."""

import hashlib
import io
import tarfile
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from numpy.typing import NDArray

from digitapp.vision.normalize import normalize
from tests.drawings import coverage
from train.data import mnist, typefaces
from train.data.npm import Package
from train.data.typefaces import Typeface
from train.synthesis import typeset
from train.synthesis.hershey import LATIN

TRAIN, TEST = 700, 60
HELD = np.arange(5, TRAIN, 7)
"""Indices of the training digits that are held out."""

Arrays = dict[str, NDArray[np.uint8]]


def arrays() -> Arrays:
    """Arrays named, shaped and typed as MNIST's."""
    images, labels = _digits(TRAIN + TEST)
    return {
        "x_train": images[:TRAIN].copy(),
        "y_train": labels[:TRAIN].copy(),
        "x_test": images[TRAIN:].copy(),
        "y_test": labels[TRAIN:].copy(),
    }


def splits() -> mnist.Digits:
    """The same as the trainer splits it."""
    return mnist.split(arrays(), HELD)


def assert_images(images: np.ndarray, count: int, empty: float = 0.0) -> None:
    """Images as the network sees them, of which at most a share of `empty` is nothing."""
    assert images.shape == (count, 28, 28, 1)
    assert 0 <= images.min() <= images.max() <= 1
    assert (~images.reshape(count, -1).any(axis=1)).mean() <= empty


@cache
def _digits(count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = [_image(int(label), number // 10) for number, label in enumerate(labels)]
    return np.stack(images), labels


def _image(digit: int, variant: int) -> NDArray[np.uint8]:
    """A digit with a turn and a pen of its own."""
    pen, turn = (1 / 10, 1 / 14, 1 / 7)[variant % 3], (variant % 11 - 5) * 3
    ink = (np.asarray(coverage(digit, 60, pen, turn)) / 255).astype(np.float32)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    image = normalize(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(np.rint(image * 255), dtype=np.uint8)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the file and let the trainer take it for MNIST; returns its path."""
    content = arrays()
    for name, array in content.items():
        monkeypatch.setitem(mnist.HASHES, name, hashlib.sha256(array.tobytes()).hexdigest())
    monkeypatch.setattr(mnist, "held_out", lambda: HELD)
    path = folder / "mnist.npz"
    np.savez(path, **content)  # type: ignore[arg-type]
    return path


# --- a typeface


TAKEN = typeset.DIGITS + LATIN + "Oolµ" + "αγδθλοπωАБЗОЩбгдзощ" + "漢"
"""What the stand-in can draw."""


@cache
def _woff() -> bytes:
    """A typeface of matplotlib's with the signs of TAKEN, in the form of the packages' files."""
    font = TTFont(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    only = subset.Subsetter()
    only.populate(text=TAKEN)
    only.subset(font)
    font.flavor = "woff"
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def pack_typeface(folder: Path) -> Package:
    """Write a package with that typeface, a bold one and a note, as `npm pack` would."""
    unchecked = Package("@fontsource/standin", "1.0.0", "")
    path, content = folder / unchecked.file, _woff()
    with tarfile.open(path, "w:gz") as archive:
        for name in ("standin-latin-400-normal.woff", "standin-latin-700-normal.woff", "note.md"):
            member = tarfile.TarInfo(f"package/files/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Package(unchecked.name, unchecked.version, digest)


def install_typeface(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the package and let the trainer list it alone; returns its folder."""
    package = pack_typeface(folder)
    monkeypatch.setattr(typefaces, "listed", lambda: [("hand", package)])
    monkeypatch.setattr(typeset, "FEWEST", 5)
    return folder


def typeface(folder: Path) -> Typeface:
    """The stand-in, opened."""
    package = pack_typeface(folder)
    return typefaces.open_package(package, folder / package.file)
