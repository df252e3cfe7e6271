"""A job's items: each is some pictures, has a file that names them, and a mark once it is done.

They lie at the job's destination, as `items/000012.json` and `done/000012.json`. An item's file is
written once and never changed. So whoever dies leaves a job that others go on with: what has no
mark is done again, and what is in no item yet becomes one. The idea of a queue that is nothing but
files is olmOCR's (Poznanski et al., "olmOCR", 2025).
"""

import hashlib
import json
from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from digitapp.cluster.places import Found, Place
from digitapp.errors import Unavailable

K = TypeVar("K")
V = TypeVar("V")

SIZE = 1_000
"""Pictures of an item: two to six seconds of one processor, which a killed worker loses at most."""

EVEN = 4
"""Of a small job each worker gets so many items at least, so that all are busy to its end."""

ASKED = 16
"""So many files are asked for at the same time: a bucket's answer takes some 50 ms."""


@dataclass(slots=True)
class Mark:
    """What came of an item's pictures; `errors` counts them by their codes."""

    pictures: int = 0
    symbols: int = 0
    doubtful: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Mark") -> "Mark":
        return Mark(
            self.pictures + other.pictures,
            self.symbols + other.symbols,
            self.doubtful + other.doubtful,
            self.errors + other.errors,
        )

    def to_json(self) -> dict[str, Any]:
        """As the mark's file holds it."""
        return {
            "pictures": self.pictures,
            "symbols": self.symbols,
            "doubtful": self.doubtful,
            "errors": dict(self.errors),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Mark":
        """The mark that a file holds."""
        return cls(body["pictures"], body["symbols"], body["doubtful"], Counter(body["errors"]))


class Items:
    """The items of a job's destination, by their numbers from 1."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def pictures(self, number: int) -> list[Found]:
        """The pictures of an item.

        Raises:
            Unavailable: its file is damaged.
        """
        with _whole(_item(number)):
            return [Found(*each) for each in json.loads(self._place.read(_item(number)))]

    def create(self, number: int, pictures: list[Found]) -> bool:
        """Make an item, unless there is one of that number; whether it was made."""
        return self._place.create(_item(number), json.dumps(pictures).encode())

    def finish(self, number: int, mark: Mark) -> None:
        """Mark an item as done."""
        self._place.write(_done(number), json.dumps(mark.to_json()).encode())

    def numbers(self) -> list[int]:
        """All items."""
        return self._numbers("items")

    def done(self) -> list[int]:
        """The items that are done."""
        return self._numbers("done")

    def marks(self, numbers: Iterable[int]) -> Iterator[Mark]:
        """The marks of items that are done.

        Raises:
            Unavailable: one of them is damaged.
        """
        return _several(self._mark, numbers)

    def all_pictures(self, numbers: Iterable[int]) -> Iterator[list[Found]]:
        """The pictures of items, one item after the other."""
        return _several(self.pictures, numbers)

    def _mark(self, number: int) -> Mark:
        with _whole(_done(number)):
            return Mark.from_json(json.loads(self._place.read(_done(number))))

    def _numbers(self, folder: str) -> list[int]:
        numbers = (name.partition(".")[0] for name in self._place.names(folder))
        return sorted(int(number) for number in numbers if number.isdecimal())


class Index:
    """Puts pictures that are in no item yet into new ones.

    Several may do that for one job at the same time, such as a driver and one that is believed to
    be dead: a number is given once, and who comes too late takes the item that is there.
    """

    def __init__(self, items: Items) -> None:
        self._items = items
        self._next = 1
        self._known = _Names()
        self.pictures = 0
        self._take_up(items.numbers())

    def add(self, found: Iterable[Found], workers: int, told: Callable[[int], None]) -> None:
        """Make items of pictures that are in none; `told` hears of their number now and then."""
        new = (each for each in found if each.name not in self._known)
        while some := list(islice(new, EVEN * workers * SIZE)):
            size = min(SIZE, -(-len(some) // (EVEN * workers)))
            for start in range(0, len(some), size):
                self._append(some[start : start + size])
                told(self.pictures)

    def _append(self, pictures: list[Found]) -> None:
        # What was taken up since these were listed may lie across several of our items.
        while pictures := [each for each in pictures if each.name not in self._known]:
            if self._items.create(self._next, pictures):
                self._note(pictures)
                return
            self._take_up([self._next])

    def _take_up(self, numbers: list[int]) -> None:
        for pictures in self._items.all_pictures(numbers):
            self._note(pictures)
        self._known.sort()

    def _note(self, pictures: list[Found]) -> None:
        self._known.add(each.name for each in pictures)
        self.pictures += len(pictures)
        self._next += 1


class _Names:
    """Names that are asked for, in 8 bytes each.

    Of a million names two have the same 64 bits in one job of 36 million.
    """

    def __init__(self) -> None:
        self._sorted = array("Q")
        self._new = array("Q")

    def add(self, names: Iterable[str]) -> None:
        """Add names; they are found from the next `sort` on."""
        self._new.extend(map(_hash, names))

    def sort(self) -> None:
        self._sorted = array("Q", sorted([*self._sorted, *self._new]))
        self._new = array("Q")

    def __contains__(self, name: str) -> bool:
        wanted = _hash(name)
        at = bisect_left(self._sorted, wanted)
        return at < len(self._sorted) and self._sorted[at] == wanted


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """What a disk or a person has made of one of our files, in words."""
    try:
        yield
    except (ValueError, TypeError, KeyError):
        raise Unavailable(
            f"{name} at the destination is damaged. Remove the files with its number from items, "
            "results and done, and run the same command again: their pictures are read again."
        ) from None


def _several(read: Callable[[K], V], keys: Iterable[K]) -> Iterator[V]:
    """What `read` gives for each key, in order, ASKED at the same time and no more in memory."""
    keys = iter(keys)
    with ThreadPoolExecutor(ASKED) as threads:
        waiting = deque(threads.submit(read, key) for key in islice(keys, ASKED))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(threads.submit(read, key) for key in islice(keys, 1))


def _hash(name: str) -> int:
    data = name.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def _item(number: int) -> str:
    return f"items/{number:06}.json"


def _done(number: int) -> str:
    return f"done/{number:06}.json"
