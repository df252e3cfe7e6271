"""The default engine: it runs the networks' LiteRT exports.

An interpreter that two threads share gives errors and wrong answers, so each call borrows one.
There are as many as calls run at the same time; the server's slots bound those (`web.limits`).
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from digitapp.engine import MODELS, NAME, SIDE, STEP, in_place
from digitapp.engine.released import content

Floats = NDArray[np.float32]

SHAPES = {
    "digits.tflite": (SIDE, SIDE, 1),
    "strings.tflite": (SIDE, SIDE, 1),
    "ink.tflite": (STEP, STEP, 1),
    "signs.tflite": (32, 64, 2),
}
"""What each network is ready for at first; those for line images and pages have no own width."""


MOST = 16
"""Pictures that a network gets at a time: 16 take a tenth less time than one by one, and room for
another number of them is made in 6 us. More gain nothing.
"""

SMALL = 256 * 256
"""Pages up to so many pixels have an interpreter of their own.

A page is looked at twice, first as a small copy. To make room for another size each time takes 10
to 90 ms.
"""


class LiteRTEngine:
    """Runs the program's networks, or those in other files.

    Args:
        path: the file of the network for single candidates; None takes the program's.
        strings: the file of the network for line images; None takes the program's.
        ink: the file of the network that finds writing; None takes the program's.
        signs: the file of the network for signs; None takes the program's.
        at_once: load every network now, and not when a picture first needs it.

    Raises:
        Unavailable: a file of the program is damaged.
    """

    def __init__(
        self,
        path: Path | None = None,
        strings: Path | None = None,
        ink: Path | None = None,
        signs: Path | None = None,
        *,
        at_once: bool = True,
    ) -> None:
        self._files = dict(zip(MODELS, (path, strings, ink, signs), strict=True))
        self._contents: dict[str, bytes] = {}
        self.model = f"{NAME} sha256:{hashlib.sha256(self._content(MODELS[0])).hexdigest()}"
        self._free = [_Networks(self._content)]
        with _quiet():
            self._free[0].load(_Networks.ALL if at_once else _Networks.ALL[:1])

    def probabilities(self, batch: Floats) -> Floats:
        """See `Engine.probabilities`."""
        with self._borrowed() as networks:
            return networks.digits.run_each(batch)

    def windows(self, line: Floats) -> Floats:
        """See `Engine.windows`."""
        with self._borrowed() as networks:
            [found] = networks.strings.run_as_large(line[np.newaxis, ..., np.newaxis])
            return np.asarray(found)

    def ink(self, picture: Floats) -> Floats:
        """See `Engine.ink`."""
        with self._borrowed() as networks:
            network = networks.small_ink if picture.size <= SMALL else networks.ink
            [found] = network.run_as_large(picture[np.newaxis, ..., np.newaxis])
            return in_place(found)

    def signs(self, around: Floats) -> Floats:
        """See `Engine.signs`."""
        with self._borrowed() as networks:
            return networks.signs.run_each(around)

    def _content(self, name: str) -> bytes:
        """A network's file, read and checked once."""
        if name not in self._contents:
            file = self._files[name]
            self._contents[name] = file.read_bytes() if file else content(name)
        return self._contents[name]

    @contextmanager
    def _borrowed(self) -> Iterator["_Networks"]:
        """Networks that no other call uses meanwhile; more are loaded when all are in use."""
        try:
            networks = self._free.pop()  # a list's pop and append are safe among threads
        except IndexError:
            networks = _Networks(self._content)
        try:
            yield networks
        finally:
            self._free.append(networks)


class _Network:
    """An interpreter of one thread: pictures are read side by side, not parts of one."""

    def __init__(self, content: bytes, shape: tuple[int, int, int]) -> None:
        # LiteRT gets the content, not a path: it cannot open every path.
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._source = self._interpreter.get_input_details()[0]["index"]
        output = self._interpreter.get_output_details()[0]
        self._target = output["index"]
        self._classes = int(output["shape"][-1])
        self._side = shape
        self._shape: tuple[int, ...] = ()
        self._make_room((1, *shape))

    def run_as_large(self, pictures: Floats) -> Floats:
        """The outputs for pictures of any size, [N, height, width, channels]."""
        self._make_room(pictures.shape)
        return self._run(pictures)

    def run_each(self, pictures: Floats) -> Floats:
        """The outputs for pictures of the network's own size, [N, classes]."""
        outputs = [np.empty((0, self._classes), np.float32)]
        for first in range(0, len(pictures), MOST):
            some = pictures[first : first + MOST]
            self._make_room((len(some), *self._side))
            outputs.append(self._run(some))
        return np.concatenate(outputs)

    def _make_room(self, shape: tuple[int, ...]) -> None:
        """Make room for pictures of that shape, if the last ones had another."""
        if shape != self._shape:
            self._shape = ()  # until all of it is done
            self._interpreter.resize_tensor_input(self._source, shape)
            self._interpreter.allocate_tensors()
            self._shape = shape

    def _run(self, pictures: Floats) -> Floats:
        self._interpreter.set_tensor(self._source, pictures)
        self._interpreter.invoke()
        result: Floats = self._interpreter.get_tensor(self._target)
        return result


class _Networks:
    """What one call needs: each network is loaded when it is first asked for."""

    ALL = ("digits", "strings", "ink", "signs", "small_ink")

    def __init__(self, content: Callable[[str], bytes]) -> None:
        self._content = content

    def load(self, names: Iterable[str]) -> None:
        """Load networks before they are asked for."""
        for name in names:
            getattr(self, name)

    @cached_property
    def digits(self) -> _Network:
        return self._network("digits.tflite")

    @cached_property
    def strings(self) -> _Network:
        return self._network("strings.tflite")

    @cached_property
    def ink(self) -> _Network:
        return self._network("ink.tflite")

    @cached_property
    def signs(self) -> _Network:
        return self._network("signs.tflite")

    @cached_property
    def small_ink(self) -> _Network:
        return self._network("ink.tflite")

    def _network(self, name: str) -> _Network:
        return _Network(self._content(name), SHAPES[name])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep LiteRT's remark on its own start off stderr; its Python side has no setting for that."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is no stderr to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
