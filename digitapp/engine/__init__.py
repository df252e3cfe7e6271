"""The networks behind one small protocol: arrays go in, probabilities come out."""

from typing import TYPE_CHECKING, Protocol

from digitapp.errors import Unavailable

if TYPE_CHECKING:  # the engines load NumPy: the window opens without it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

NAME = "digits-2"
"""The model's name, as answers carry it."""

SIDE = 28
"""Height of the networks' input in pixels; a single candidate's is as wide."""

STEP = 32
"""The sides of a picture for the ink network are multiples of so many pixels."""

ENGINES = ("litert", "keras")
"""What runs the networks."""

MODELS = ("digits.tflite", "strings.tflite", "ink.tflite", "signs.tflite")
"""What the default engine runs, among the program's assets."""


class Engine(Protocol):
    """Runs the networks. Safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """The model's name and its file's hash, as answers carry it."""
        ...

    def probabilities(self, batch: "Floats") -> "Floats":
        """What each candidate is, calibrated.

        Args:
            batch: [N, 28, 28, 1], 0 = background, 1 = ink.

        Returns:
            [N, 11]: the probabilities of the ten digits and of "no digit"; each row sums to 1.
        """
        ...

    def windows(self, line: "Floats") -> "Floats":
        """What each window of 28x28 pixels along a line image shows in its middle.

        Args:
            line: [28, W], 0 = background, 1 = ink.

        Returns:
            [(W - 28) / 2 + 1, 12]: the probabilities of nothing, of the ten digits and of "no
            digit"; each row sums to 1.
        """
        ...

    def ink(self, picture: "Floats") -> "Floats":
        """Which pixels are writing and which are ruling.

        A picture of another size than the last one takes about twice as long.

        Args:
            picture: [H, W] grey, from 0 to 1; H and W are multiples of STEP.

        Returns:
            [H, W, 2]: each pixel's probabilities of writing and of ruling.
        """
        ...

    def signs(self, around: "Floats") -> "Floats":
        """Whether candidates in their rows are digits, signs, other writing or parts.

        Args:
            around: [N, 32, 64, 2], as `vision.context` gives them.

        Returns:
            [N, 11]: the probabilities of a digit, of the eight signs in the order of
            `symbols.SIGNS`, of other writing and of what is not one symbol; each row sums to 1.
        """
        ...


def in_place(fours: "Floats") -> "Floats":
    """The ink network's outputs, [H / 2, W / 2, 8], each of four pixels, as [H, W, 2]."""
    height, width, _ = fours.shape
    pixels = fours.reshape(height, width, 2, 2, 2).swapaxes(1, 2)
    return pixels.reshape(2 * height, 2 * width, 2)


def load(name: str, at_once: bool = True) -> Engine:
    """Load the engine called `litert` or `keras`.

    With `at_once` False, a network of the former is loaded when a picture first needs it.

    Raises:
        Unavailable: there is no engine of that name, or its packages are not installed.
    """
    check(name)
    if name == "litert":
        from digitapp.engine.litert import LiteRTEngine

        return LiteRTEngine(at_once=at_once)
    from digitapp.engine.keras import KerasEngine

    return KerasEngine()


def check(name: str) -> None:
    """Raise Unavailable if there is no engine of that name."""
    if name not in ENGINES:
        raise Unavailable(f"There is no engine called {name!r}. Choose {' or '.join(ENGINES)}.")
