"""Reading pictures from Python: `digitapp.read` for one, `digitapp.Reader` for many."""

import json
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING

from digitapp.config import Options
from digitapp.errors import DigitappError
from digitapp.jobs import rights
from digitapp.jobs.batch import Batch, told
from digitapp.jobs.pool import Processes, processors
from digitapp.jobs.sources import Source, picture
from digitapp.recognition.answer import Answer

if TYPE_CHECKING:
    from digitapp.engine import Engine


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a source: an answer, or the error why there is none."""

    source: Source
    answer: Answer | None = None
    error: DigitappError | None = None


def read(source: Source, *, one_digit: bool = False, input: bool = False) -> Answer:
    """What a picture says.

    It is read in this process, which loads the networks with the first picture. For pictures of
    strangers, and for many, use `Reader`.

    Args:
        source: a file's path or bytes, a Pillow image, or a NumPy array; see `sources.Source`.
        one_digit: all ink of the picture is one digit.
        input: symbols have the `pixels` that the network saw.

    Raises:
        DigitappError: it cannot be read: BadRequest, NotFound, TooLarge, UnsupportedFormat,
            UnreadableImage or Busy. `message` is a sentence, `code` stays the same.
    """
    from digitapp.recognition import pipeline

    reading = pipeline.recognize(picture(source), _engine(), Options(one_digit=one_digit))
    return Answer.from_json(reading.answer.to_json(input))  # rounded, as every entry point gives it


class Reader:
    """Reads many pictures, in processes of few rights: a file that breaks one is an error, no more.

    ```python
    with digitapp.Reader() as reader:
        for result in reader.map(paths):
            print(result.source, result.answer.text if result.answer else result.error)
    ```
    """

    def __init__(
        self,
        jobs: int | None = None,
        *,
        one_digit: bool = False,
        input: bool = False,
        timeout_s: float = rights.BUDGET_S,
    ) -> None:
        """Start the processes.

        Args:
            jobs: how many; None takes one for each processor that this program may use.
            one_digit: all ink of a picture is one digit.
            input: symbols have the `pixels` that the network saw.
            timeout_s: a picture may take so many seconds of processor time.

        Raises:
            ValueError: `jobs` is less than 1, or `timeout_s` is out of its range.
            Unavailable: the processes do not start.
        """
        if jobs is not None and jobs < 1:
            raise ValueError("jobs must be 1 or more.")
        if not 0 < timeout_s <= rights.LONGEST_S:
            raise ValueError(f"timeout_s must be more than 0, and at most {rights.LONGEST_S:,}.")
        self._flags = [
            name for name, given in (("one_digit", one_digit), ("input", input)) if given
        ]
        self._pool = Processes(processors() if jobs is None else jobs, timeout_s)
        self._end = weakref.finalize(self, self._pool.close)  # of one that nobody closes, too

    def read(self, source: Source) -> Answer:
        """What a picture says; safe to call from several threads.

        Raises:
            DigitappError: see `digitapp.read`; InternalError if it broke the process that read it.
        """
        [outcome] = self._pool.read_bunch([picture(source)], self._flags)
        return _answer(told(outcome))

    def map(self, sources: Iterable[Source], *, in_order: bool = True) -> Iterator[Result]:
        """What each source says, while others are still read; errors are values.

        Args:
            sources: see `sources.Source`; some more of them are taken than are read.
            in_order: results come in the order of the sources; else as soon as they are there. No
                result is given out while `sources` waits for its next one.

        Raises:
            TypeError: it is one source, not several.
            Unavailable: the reader is closed, or another process has made it.
            Exception: what `sources` raises, once those before it are read.
        """
        if isinstance(sources, (str, bytes)):
            raise TypeError("map takes several sources: give a list, or use read.")
        return self._mapped(sources, in_order)

    def _mapped(self, sources: Iterable[Source], in_order: bool) -> Iterator[Result]:
        batch = Batch(self._pool, picture, self._flags)
        for source, outcome in batch.run(sources, in_order):
            if isinstance(outcome, DigitappError):
                yield Result(source, error=outcome)
            else:
                yield Result(source, _answer(outcome))

    def close(self) -> None:
        """End the processes; harmless twice."""
        self._end()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _answer(outcome: bytes | DigitappError) -> Answer:
    """The answer that JSON holds; raises an error."""
    if isinstance(outcome, DigitappError):
        raise outcome
    return Answer.from_json(json.loads(outcome))


@cache
def _engine() -> "Engine":
    from digitapp.engine import load

    return load("litert")
