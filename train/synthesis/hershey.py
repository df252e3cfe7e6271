"""Letters of several alphabets as pen strokes: Dr. A. V. Hershey's vector fonts (1967).

They come with the package Hershey-Fonts and are used to train, never shipped. Letters that are also
digits in some hand are left out.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from HersheyFonts import HersheyFonts

from train.synthesis.glyphs import Points

LATIN = "ACEFGHJKLMNPRTUVWXYacdefhjkmnprtuvwxy"
"""Without O o I i l S s Z z q g b B D Q."""

KANA = (  # indices into the Japanese font
    *range(4, 18),
    *range(21, 25),
    *(26, 27, 33, 34, 36, 37, 38, 39, 41, 42, 43, 45, 46, 48),
    *(51, 52, 53, 54, 55, 56, 58, 59, 60, 62, 63, 64, 65, 66, 67, 68, 70, 71, 72),
    *(76, 78, 79, 81, 82, 83, 88, 89, 90, 91, 92, 93, 95, 96, 98, 100, 101),
    *range(102, 114),
    *(116, 117, 118, 119, 121, 123, 124, 126, 127, 128, 129, 130, 131, 133, 135, 136),
    *(139, 142, 143, 144, 145, 146, 147, 148, 150, 151, 152, 159, 161, 162),
    *range(168, 193),
)

FONTS: dict[str, str] = {
    "rowmans": LATIN,
    "cursive": LATIN,
    "scripts": LATIN,
    "greeks": "ACDEGJKLMNPQRSTVWXacegjklmpqstvwx",
    "cyrillic": "ACDEFGHIKLMNPQRSTWXYacdefghiklmnpqrstwxy",
}
"""The characters that are taken from each font.

Theta, phi and ef are left out: they look like a zero with a bar.
"""


@cache
def glyphs() -> tuple[tuple[Points, ...], ...]:
    """Every letter as its strokes, each [N, 2] from 0 to 100, x to the right and y down."""
    return tuple(glyph for glyph in _all() if glyph)


def _all() -> Iterator[tuple[Points, ...]]:
    for name, characters in FONTS.items():
        font = _load(name)
        yield from (_scaled(font[character]) for character in characters)
    kana = list(_load("japanese").values())
    yield from (_scaled(kana[index]) for index in KANA)


def _load(name: str) -> dict[str, list[Points]]:
    font = HersheyFonts()
    font.load_default_font(name)
    return {
        character: [np.array(list(stroke), dtype=float) for stroke in glyph.strokes]
        for character, glyph in font.all_glyphs.items()
    }


def _scaled(strokes: list[Points]) -> tuple[Points, ...]:
    drawn = [stroke for stroke in strokes if len(stroke) > 1]
    if not drawn:
        return ()
    every = np.concatenate(drawn)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = 100 / max(float((high - low).max()), 1.0)
    return tuple((stroke - (low + high) / 2) * scale + 50 for stroke in drawn)
