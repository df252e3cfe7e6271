"""From a grey picture to ink: the background, its light and what is printed on it are taken away.

Whatever the picture was (a photo in shadow, white chalk, a drawing on nothing), what leaves this
module is ink on an empty background: 0 where there is none. Drawings and clean scans take a fast
way; a network finds the ink of all else.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from digitapp.engine import Engine
from digitapp.vision import ruling
from digitapp.vision.background import TIGHT, is_ink_dark, on_plain_background
from digitapp.vision.levels import FAINT, Foreground, varied
from digitapp.vision.segment import segment
from digitapp.vision.types import Box, Bytes, Ink, Scan, connect

ALIKE = 0.1
"""A picture is noise if its neighbouring pixels correlate by at most this.

Those of heavily peppered digits correlate more.
"""

SPARSE = 0.13
"""Ink that fills no more than this share of a picture is sparse."""

SAMPLE = 256
"""Rows and columns of a large picture in which noise is looked for."""

OUTLINE = 28
"""A digit in 28x28 pixels has at least so many pairs of neighbours that differ by FAINT or more.

The smallest of MNIST-C have 30, paper has up to 26.
"""

CONTRAST = 64
"""A picture that is read as it is has at least so many greys between its lightest and darkest."""

LIKELY = 128
"""A pixel is writing from this probability on, of 255."""

COPIES = (256, 384, 512, 768)
"""Longer sides of the copies that the network looks at, in pixels; the first one tells which."""

ONCE = 1.25
"""A picture that is larger than the first copy by no more than this factor is looked at once."""

ALSO = 0.7
"""On a plain background at least this share of what the network takes for writing is ink."""

SPECK = 0.1
"""A piece of ink whose longer side is less than this share of the largest one's is a speck."""

DUSTY = 300
"""Of so many pieces specks count too: each is looked at when the ink is read."""

BILINEAR = Image.Resampling.BILINEAR

HEIGHT = 32
"""The height of usual writing on the copy that is looked at, in pixels: the network is at its best.

Large digits on a large copy look like lines, small ones on a small copy run together.
"""

SMALL = 14
"""If usual writing is less high on the largest copy, the picture is looked at as it is."""


def find_ink(scan: Scan, engine: Engine) -> Ink:
    """Take the background away, whether ink is dark or light; name what was printed on it."""
    around, side = varied(scan.grey), max(scan.grey.shape)
    plain = on_plain_background(scan.grey, around)
    ink = _plain_ink(scan, plain) if plain else None
    is_drawn = ink is not None and side > TIGHT and _hangs_together(ink)
    if not is_drawn and _is_noise(scan.grey, around):
        return Ink(np.zeros_like(scan.grey), LIKELY, scan.width, scan.height)
    if ink and (side <= TIGHT or not ruling.is_ruled(ink.connected, scan.grey.shape)):
        return ink
    writing, lines = _segment(scan.grey, engine)
    crisp = plain and _crisp(scan, plain, writing, lines)
    return crisp or _found(scan, writing, lines)


def _plain_ink(scan: Scan, plain: Foreground) -> Ink:
    return Ink(plain.values, plain.threshold, scan.width, scan.height, around=plain.around)


def _crisp(scan: Scan, plain: Foreground, writing: Bytes, lines: Bytes) -> Ink | None:
    """The ink on a plain background, without what the network takes for ruling.

    Its edges are those of the picture, not of a copy. None where the network sees other ink.
    """
    size = scan.grey.shape[1], scan.grey.shape[0]
    large = (Image.fromarray(each).resize(size, BILINEAR) for each in (writing, lines))
    found, ruled = (np.asarray(each) >= LIKELY for each in large)
    near = np.asarray(Image.fromarray(found).convert("L").filter(ImageFilter.MaxFilter(3))) > 0
    if np.count_nonzero(plain.mask & near) < ALSO * np.count_nonzero(found):
        return None
    if not ruled.any():
        return Ink(plain.values, plain.threshold, scan.width, scan.height, (), ruled)
    left_out = ruling.left_out(ruled, scan.width, scan.height)
    values = plain.values * near
    return Ink(values, plain.threshold, scan.width, scan.height, left_out, ruled)


def on_other_copies(scan: Scan, ink: Ink, engine: Engine) -> Iterator[Ink]:
    """The network's ink on the negative, and on smaller and larger copies, if it was asked at all.

    It learned more of dark ink than of light ink.
    """
    if ink.ruling is None:
        return
    side = max(ink.values.shape)
    yield _found(scan, *segment(~scan.grey, engine.ink, side))
    for other in COPIES if max(scan.grey.shape) > ONCE * COPIES[0] else ():
        if other < max(scan.grey.shape) and other != side:
            yield _found(scan, *segment(scan.grey, engine.ink, other))


def _found(scan: Scan, writing: Bytes, lines: Bytes) -> Ink:
    """The network's writing as ink, and what it took for ruling."""
    ruled = lines >= LIKELY
    left_out = ruling.left_out(ruled, scan.width, scan.height)
    return Ink(writing, LIKELY, scan.width, scan.height, left_out, ruled)


def others(scan: Scan, ink: Ink) -> list[Ink]:
    """Other ink that a picture may have, where the first is not read.

    That on a plain background, and the network's with all that it took for ruling.
    """
    if ink.ruling is None:
        return []
    found = []
    if plain := on_plain_background(scan.grey, varied(scan.grey)):
        found.append(_plain_ink(scan, plain))
    values = np.maximum(ink.values, ink.ruling * np.uint8(255))
    return [*found, Ink(values, ink.threshold, scan.width, scan.height)]


def _segment(grey: Bytes, engine: Engine) -> tuple[Bytes, Bytes]:
    """Writing and ruling on the copy on which writing has the best size."""
    first, *others, largest = COPIES
    side = max(grey.shape)
    if side <= ONCE * first:
        return segment(grey, engine.ink, side)
    found = segment(grey, engine.ink, first)
    wanted = first * HEIGHT / max(_usual_height(found[0]), 1)
    copy = min((each for each in others if each >= wanted), default=largest)
    if wanted > first:
        found = segment(grey, engine.ink, copy)
    if copy == largest < side and _usual_height(found[0]) < SMALL:
        found = segment(grey, engine.ink, side)
    return found


def _usual_height(writing: Bytes) -> float:
    """The height of components that half of the ink does not exceed, in pixels; 0 without ink."""
    found = connect(writing >= LIKELY)
    if not found.count:
        return 0.0
    heights = found.boxes[:, 3] - found.boxes[:, 1]
    order = heights.argsort()
    sums = found.areas[order].cumsum()
    return float(heights[order][sums.searchsorted(sums[-1] / 2)])


def pieces(ink: Ink) -> int:
    """How many connected pieces the ink has, without specks if these are no more than DUSTY.

    To see that costs little.
    """
    if ink.connected.count <= 1:
        return ink.connected.count
    boxes = ink.connected.boxes
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    if len(longer) > DUSTY:
        return len(longer)
    return int(np.count_nonzero(longer >= SPECK * longer.max()))


def as_is(scan: Scan) -> Ink | None:
    """The whole picture as light ink, its background too.

    None of a picture that shows nothing: noise, paper, light that slowly changes.
    """
    if _is_noise(scan.grey, varied(scan.grey)) or _is_smooth(scan.grey) or _is_pale(scan.grey):
        return None
    ink = ~scan.grey if is_ink_dark(scan.grey) else scan.grey
    return Ink(ink, FAINT, scan.width, scan.height)


def _hangs_together(ink: Ink) -> bool:
    """Whether most pixels of sparse ink touch another one: neighbours are alike, it is no noise.

    A piece of n pixels has n - 1 pairs that touch, beside each other or aslant. Of noise, see
    `_is_noise`, there are 4 ALIKE n, and by chance 4 SPARSE n. This takes a tenth of its time.
    """
    pixels = int(np.count_nonzero(ink.connected.labels))
    return pixels <= SPARSE * ink.values.size and ink.connected.count <= ALIKE * pixels


def _is_noise(grey: Bytes, around: Box) -> bool:
    """Whether neighbouring pixels are no more alike than by chance; some of a large picture's.

    The corners count too: a thin slanted line has ink at its corners alone. Outside `around` all
    pixels are like the first one, so that their number says what they add.
    """
    step = -(-max(grey.shape) // SAMPLE)
    top, left = around.y // step * step, max(around.x - 1, 0) // step * step
    part = grey[top : around.bottom, left : around.right + 1]
    rows, middle = slice(None, -1, step), slice(1, -1, step)
    ends = part[rows, middle], part[1::step, middle], part[rows, 2::step]
    pixels = np.stack(ends, dtype=np.float32).reshape(len(ends), -1)
    count = len(range(0, grey.shape[0] - 1, step)) * len(range(1, grey.shape[1] - 1, step))
    first = float(grey[0, 0])
    mean = first + float((pixels[0] - first).sum()) / max(count, 1)
    here, below, right = pixels - np.float32(mean)
    outside = (count - here.size) * (first - mean) ** 2
    least = 2 * ALIKE * (float(here @ here) + outside)
    if float(here @ (below + right)) + 2 * outside > least:
        return False  # as in most pictures
    before = part[rows, :-2:step].ravel() - np.float32(mean)
    return bool(float(below @ (before + right)) + 2 * outside <= least)


def _is_smooth(grey: Bytes) -> bool:
    """Whether too few neighbouring pixels differ as ink and background do."""
    ends = (grey[1:], grey[:-1]), (grey[:, 1:], grey[:, :-1])
    steps = sum(np.count_nonzero(np.maximum(*end) - np.minimum(*end) >= FAINT) for end in ends)
    return bool(steps < OUTLINE)


def _is_pale(grey: Bytes) -> bool:
    """Whether light and dark are too close for writing; a hundredth of each does not count."""
    low, high = np.quantile(grey, (0.01, 0.99))
    return bool(high - low < CONTRAST)
