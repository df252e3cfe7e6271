"""The model behind one small protocol."""

from typing import TYPE_CHECKING, Protocol

from digitapp.errors import Unavailable

if TYPE_CHECKING:  # NumPy is loaded by the engines: the window opens without
    import numpy as np
    from numpy.typing import NDArray

    from digitapp.engine.batch import Batch, Windows
    from digitapp.marks import Grey


MODELS = ("digits.tflite", "strings.tflite")
"""What the default engine runs, among the program's assets."""


class Engine(Protocol):
    """Runs the networks. Safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """The model's name and its file's hash, as answers carry it."""
        ...

    def probabilities(self, batch: "Batch") -> "NDArray[np.float32]":
        """Calibrated probabilities of the ten digits and of "no digit" for each mark, [N, 11].

        Raises:
            Busy: no slot came free in time.
        """
        ...

    def windows(self, strip: "Grey") -> "Windows":
        """What each window of a strip [28, W] shows, [(W - 28) / 2 + 1, 12].

        Raises:
            Busy: no slot came free in time.
        """
        ...


def load(name: str, slots: int = 1, wait_s: float = 2.0) -> Engine:
    """Load the engine called `litert` or `keras`, with `slots` recognitions at the same time.

    Raises:
        Unavailable: no engine of that name, or its packages are not installed.
    """
    if name == "litert":
        from digitapp.engine.litert import LiteRTEngine

        return LiteRTEngine(slots, wait_s)
    if name == "keras":
        from digitapp.engine.keras import KerasEngine

        return KerasEngine()
    raise Unavailable(f"There is no engine called {name!r}. Choose litert or keras.")
