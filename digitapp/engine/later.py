"""An engine that loads while other things start."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from digitapp.engine import Batch, Engine


class Later:
    """Stands for the engine that `load` makes in a thread of its own; whoever asks it, waits."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._engine: Future[Engine] = Future()
        threading.Thread(target=self._load, args=(load,), daemon=True).start()

    @property
    def model(self) -> str:
        """See `Engine.model`; raises what loading raised."""
        return self._engine.result().model

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        """See `Engine.probabilities`; raises what loading raised, too."""
        return self._engine.result().probabilities(batch)

    def _load(self, load: Callable[[], Engine]) -> None:
        try:
            self._engine.set_result(load())
        except BaseException as error:  # noqa: BLE001 (it is told to whoever asks)
            self._engine.set_exception(error)
