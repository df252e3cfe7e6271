"""Readings that are tried where the first one is poor: of other ink, turned, or as it is.

Each takes the first reading and gives a better one, or the first.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from digitapp.engine import Engine
from digitapp.recognition import classify
from digitapp.recognition.assemble import Found
from digitapp.recognition.classify import SURE, flat
from digitapp.vision import ink as inks
from digitapp.vision.types import Box, Candidate, Ink, Scan, as_grey, turned, turned_scan

Read = Callable[[Ink], Found]
"""Reads ink."""


class Ways(NamedTuple):
    """How ink is read: with all that the program knows, and each candidate by itself, once."""

    read: Read
    glance: Read


FEWEST, MOST = 3, 200
"""Only a picture of so many symbols is turned: one or two say too little, and time has a bound."""

MOST_COPIED = 60
"""Most symbols of a picture of which up to five other copies are read, for the same reason."""

PROMISING, PROMISING_TURNED = 0.15, 0.3
"""How clear ink must be at a glance to be read, as it lies and turned.

Thirty scribbles have up to .14; of 120 pictures that lay on a side the least had .42.
"""

COPIES_READ = 2
"""So many of these copies are read, those that are clearest at a glance."""

POOR, CLEARER = 0.75, 0.15
"""A reading is poor if its clarity is less than the first; another must have the second more."""

CLEAR_TURNED = 0.6
"""How clear a picture is at least the other way round. Its ink was found as it lay.

With 0.7 one in fifty stays as it lies.
"""

CERTAIN = 0.95
"""A picture that is read more clearly stands upright: a number on its head is read at .9 at most 16
times of 194.
"""

CLEARER_TURNED = 0.05, 0.3
"""How much clearer it is than before, with digits that tell which way is up and without.

Of 240 that stand upright none is clearer on its head.
"""

TALL = 1.3
"""A number of few symbols that lies on its side is so many times as high as wide at least."""

NOT_TELLING = {1: "01", 2: "01689", 3: "01"}
"""Digits that are digits the other way round, too, by how far a picture is turned.

They alone hardly tell which way is up: 60,000/- is -/000,09 on its head.
"""

LONE = 0.9
"""Other ink is taken for a lone digit if that is so sure. Of one that is so sure as it is no other
copies are read: of 7,830 open pictures none has another answer then.
"""

FEW, ALMOST, LITTLE = 12, 0.9, 0.03
"""Other ink is tried for at most so many symbols that are read less clearly than the second, and
taken if it is clearer by the third.
"""

PIECES = 8
"""A lone digit falls into at most so many pieces."""


def better(found: Found, scan: Scan, ways: Ways, engine: Engine) -> Found:
    """The best reading of a picture, of which `found` is the first."""
    if lone := _lone(found, scan, ways):
        return lone
    turned = turned_round(found, ways, partial(_turned_whole, scan, ways, engine))
    upright = _on_all_copies(found, scan, ways, engine)
    if turned and classify.clarity(turned.rows) > classify.clarity(upright.rows):
        return turned
    return upright


def _turned_whole(scan: Scan, ways: Ways, engine: Engine, quarters: int) -> Found:
    """The best reading of a picture turned by quarters, with ink of its own."""
    upright = turned_scan(scan, quarters)
    found = ways.read(inks.find_ink(upright, engine))
    return _lone(found, upright, ways) or _on_all_copies(found, upright, ways, engine)


def _lone(found: Found, scan: Scan, ways: Ways) -> Found | None:
    """The reading of other ink, if that is one sure digit and the first is none.

    It is asked for first: other copies and other sides take ten times as long.
    """
    other = with_other_ink(found, partial(inks.others, scan, found.ink), ways.read)
    return None if other is found else other


def _on_all_copies(found: Found, scan: Scan, ways: Ways, engine: Engine) -> Found:
    """The best reading as the picture lies, of all copies and of whatever ink they have."""
    if found.ink.ruling is None:
        return found  # the network was not asked: there is no other ink
    best = on_other_copies(found, partial(inks.on_other_copies, scan, found.ink, engine), ways)
    others = partial(inks.others, scan, best.ink)
    if best is not found:
        best = with_other_ink(best, others, ways.read)
    return without_cuts(best, others, ways.read)


def on_other_copies(found: Found, others: Callable[[], Iterable[Ink]], ways: Ways) -> Found:
    """The clearest reading of other copies' ink, if the first is poor and that is clearer.

    A sheet on a table looks like a thick stroke on a small copy, a large digit like lines on a
    large one. The copies that are clearest at a glance are read.
    """
    clarity, count = classify.clarity(found.rows), len(flat(found.rows))
    if clarity >= (ALMOST if count <= FEW else POOR) or count > MOST_COPIED:
        return found
    if classify.certainty(found.rows) >= LONE:
        return found

    def is_clearer(other: Found) -> bool:
        is_alike = clarity >= POOR and len(flat(other.rows)) == count
        return _clarity(other) >= clarity + (LITTLE if is_alike else CLEARER)

    read_again = [ways.read(ink) for ink in _promising(others(), ways, FEW if count <= FEW else 0)]
    return max(filter(is_clearer, read_again), key=_clarity, default=found)


def _promising(copies: Iterable[Ink], ways: Ways, few: int) -> list[Ink]:
    """Ink that is worth reading: all in no more than `few` pieces, and the clearest at a glance."""
    counted = [(inks.pieces(ink), ink) for ink in copies]
    whole = [ink for pieces, ink in counted if pieces <= few]
    looked_at = [ways.glance(ink) for pieces, ink in counted if few < pieces <= MOST_COPIED]
    worth_it = [each for each in looked_at if _clarity(each) >= PROMISING]
    clearest = sorted(worth_it, key=_clarity, reverse=True)[:COPIES_READ]
    return whole + [each.ink for each in clearest]


def _clarity(found: Found) -> float:
    return classify.clarity(found.rows)


def with_other_ink(found: Found, others: Callable[[], Sequence[Ink]], read: Read) -> Found:
    """The reading of other ink, if that is one sure digit and the first is none.

    A long straight stroke of a large digit looks like a ruled line to the network.
    """
    reads = flat(found.rows)
    if len(reads) > PIECES or (len(reads) == 1 and reads[0].is_sure and not _is_cut(found)):
        return found
    if not reads and not found.left_out:
        return found
    for ink in others():
        if inks.pieces(ink) > PIECES:
            continue
        again = read(ink)
        lone = flat(again.rows)
        if len(lone) == 1 and lone[0].text.isdigit() and lone[0].best >= LONE:
            return again
    return found


def without_cuts(found: Found, others: Callable[[], Sequence[Ink]], read: Read) -> Found:
    """The clearest reading of other ink, if ruling was taken away and that is clearer.

    The bar of a digit may lie in one line with another's.
    """
    reads, clarity = flat(found.rows), classify.clarity(found.rows)
    is_ruled = any(each.why == "ruling" for each in found.left_out)
    if not is_ruled or not 1 < len(reads) <= FEW or clarity >= ALMOST:
        return found
    read_again = [read(ink) for ink in others() if inks.pieces(ink) <= MOST_COPIED]
    whole = [each for each in read_again if len(flat(each.rows)) >= len(reads)]
    best = max(whole, key=lambda each: classify.clarity(each.rows), default=found)
    return best if classify.clarity(best.rows) > clarity + LITTLE else found


def _is_cut(found: Found) -> bool:
    """Whether ruling lies in or beside a lone digit: it may be a stroke of it."""
    box = found.ink.box(flat(found.rows)[0].candidate)
    reach = max(box.width, box.height) // 20 + 2
    return any(
        each.why == "ruling"
        and max(each.box.width, each.box.height) >= box.height // 3
        and each.box.x < box.right + reach
        and box.x < each.box.right + reach
        and each.box.y < box.bottom + reach
        and box.y < each.box.bottom + reach
        for each in found.left_out
    )


def turned_round(found: Found, ways: Ways, whole: Callable[[int], Found]) -> Found | None:
    """The reading of the picture turned by quarters, if the first is not clear and that is.

    Args:
        found: the first reading.
        ways: how ink is read; a glance tells which way is up.
        whole: reads the picture turned counterclockwise by so many quarters, with ink of its own.

    Returns:
        None where the picture stands upright.
    """
    clarity = _clarity(found)
    if clarity >= CERTAIN or not _may_be_turned(found):
        return None
    # Digits that touch show what they are to a whole reading alone; of few it takes little time.
    is_whole = len(flat(found.rows)) <= FEW and inks.pieces(found.ink) <= FEW
    look = ways.read if is_whole else ways.glance
    others = {quarters: look(turned(found.ink, quarters)) for quarters in (1, 2, 3)}
    best = max(others, key=lambda each: _clarity(others[each]))
    upright = clarity if is_whole else _clarity(ways.glance(found.ink))
    if not _is_clear(others[best], max(PROMISING_TURNED, upright + CLEARER_TURNED[0])):
        return None
    anew = whole(best)._replace(turned=best)
    clearer = CLEARER_TURNED[0 if _tells(anew, best) else 1]
    return anew if _is_clear(anew, max(CLEAR_TURNED, clarity + clearer)) else None


def _is_clear(found: Found, least: float) -> bool:
    return len(flat(found.rows)) >= FEWEST and classify.clarity(found.rows) >= least


def _may_be_turned(found: Found) -> bool:
    """Whether a picture that is not clear is tried the other way round.

    A number that lies on its side may look like one or two symbols, which are not sure.
    """
    reads = flat(found.rows)
    if len(reads) >= FEWEST:
        return len(reads) <= MOST and inks.pieces(found.ink) <= MOST
    if not reads or all(each.is_sure for each in reads):
        return False
    around = Box.around([found.ink.box(each.candidate) for each in reads])
    return around.height > TALL * around.width


def _tells(found: Found, quarters: int) -> bool:
    """Whether a sure digit tells which way is up."""
    return any(
        each.is_sure and not each.is_sign and each.text not in NOT_TELLING[quarters]
        for each in flat(found.rows)
    )


def as_it_is(found: Found, whole: Callable[[], Ink | None], engine: Engine) -> Found:
    """The reading of a picture of the network's own size as it is, if that is surer.

    In so few pixels a line or a splash cannot be told from strokes, but the network has learned to
    read with them.
    """
    if not found.rows or classify.certainty(found.rows) >= SURE:
        return found
    ink = whole()
    if ink is None:
        return found
    rows = [[classify.read_as_is(Candidate(as_grey(ink.values), 0, 0), engine)]]
    is_surer = classify.certainty(rows) > classify.certainty(found.rows)
    return Found(ink, rows, ()) if is_surer else found


def as_several(found: Found, ink: Ink, read: Read) -> Found:
    """The reading of such a picture as several symbols, if one is not sure and that is clearer."""
    if not found.rows or classify.certainty(found.rows) >= SURE:
        return found
    several = read(ink)
    is_clearer = classify.clarity(several.rows) > classify.clarity(found.rows)
    return several if is_clearer else found
