"""A reader that is made once it is needed."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future

from digitapp.errors import Unavailable
from digitapp.jobs.reader import Reader


class Later:
    """Stands for the reader that `make` makes: the first call makes it, and all wait for that."""

    engine = "litert"

    def __init__(self, make: Callable[[], Reader]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._reader: Future[Reader] = Future()

    @property
    def model(self) -> str:
        """See `Reader.model`; raises what making it raised."""
        return self._made().model

    def read(self, data: bytes, flags: Collection[str]) -> bytes:
        """See `Reader.read`; raises what making it raised, too."""
        return self._made().read(data, flags)

    def close(self) -> None:
        """Release what the reader holds. If it is not made by then, it never is."""
        with self._making:
            if not self._reader.done():
                self._reader.set_exception(Unavailable("The program ends."))
        if self._reader.exception() is None:
            self._reader.result().close()

    def _made(self) -> Reader:
        with self._making:
            if not self._reader.done():
                self._reader.set_result(self._make())  # if that fails, the next call tries again
        return self._reader.result()
