"""An engine that is loaded once it is needed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from digitapp.engine import Engine

if TYPE_CHECKING:
    from digitapp.engine import Floats


class Later:
    """Stands for the engine that `load` makes: the first call loads it, and all wait for that."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._engine: Future[Engine] = Future()

    @property
    def model(self) -> str:
        """See `Engine.model`; raises what loading raised."""
        return self._loaded().model

    def probabilities(self, batch: "Floats") -> "Floats":
        """See `Engine.probabilities`; raises what loading raised, too."""
        return self._loaded().probabilities(batch)

    def windows(self, line: "Floats") -> "Floats":
        """See `Engine.windows`; raises what loading raised, too."""
        return self._loaded().windows(line)

    def ink(self, picture: "Floats") -> "Floats":
        """See `Engine.ink`; raises what loading raised, too."""
        return self._loaded().ink(picture)

    def signs(self, around: "Floats") -> "Floats":
        """See `Engine.signs`; raises what loading raised, too."""
        return self._loaded().signs(around)

    def _loaded(self) -> Engine:
        with self._loading:
            if not self._engine.done():
                try:
                    self._engine.set_result(self._load())
                except BaseException as error:  # noqa: BLE001 (it is told to whoever asks)
                    self._engine.set_exception(error)
        return self._engine.result()
