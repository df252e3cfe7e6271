"""The classes that the networks tell apart, and their numbers. No other module knows these.

The network for single candidates says eleven probabilities: those of the ten digits, then that of
"no digit". The line network says twelve of each window: that nothing is in its middle, then the
same eleven. The network for signs says eleven of a candidate in its row: that it is a digit, one of
the eight signs, other writing, or not one whole symbol.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DIGITS = 10
"""Classes 0 to 9 of a single candidate are the digits of these numbers."""

NO_DIGIT = 10
"""The class of a single candidate that is no digit."""

CLASSES = 11
"""Classes of a single candidate."""

BLANK = 0
"""The class of a line image's window in whose middle there is nothing."""

LINE_CLASSES = 1 + CLASSES
"""Classes of a window: BLANK, then those of a single candidate."""

SIGNS = ".,-/:+=%"
"""Classes 1 to 8 of the network for signs are these."""

A_DIGIT, FIRST_SIGN, OTHER, PART = 0, 1, 9, 10
"""The other classes of the network for signs, and the first of its signs.

OTHER is writing that is neither, PART is a part of a symbol, such as one dot of a colon, or more
than one.
"""

SIGN_CLASSES = 11
"""Classes of the network for signs."""

REJECTED = "?"
"""The text of a candidate that is no digit and no sign."""


def to_line(symbol: int) -> int:
    """The line network's class of a symbol, a class of single candidates."""
    return symbol + 1


def text(symbol: int) -> str:
    """How a symbol is written: a digit, or `?` for what is none."""
    return str(symbol) if symbol < DIGITS else REJECTED


SYMBOLS = "0123456789" + SIGNS
"""What may be read: the order of the probabilities in `weighed`."""


SHAPED, LEAST = "+=%", 0.1
"""Signs that the network for single candidates knows as "no digit", and how much it must say so.

A 2 with a wide loop looks like a plus in its row: 3 of 300 numbers of MNIST's digits held one.
"""

SHAPED_PLACES = [SIGNS.index(sign) for sign in SHAPED]
"""Where they stand among SIGNS."""

UNLIKE = 0.05
"""How probable such a sign stays where that network is sure of a digit."""


def weighed(digits: Floats, kinds: Floats) -> Floats:
    """The probabilities of all symbols, and last of none, by what two networks say.

    Whether a candidate is a digit or other writing is told by the network for single candidates;
    that for signs tells whether it is a sign, or not one symbol. SHAPED signs are less probable
    where the former sees a digit; what they lose goes to the digits.

    Args:
        digits: [11] of the network for single candidates.
        kinds: [11] of the network for signs.

    Returns:
        [19]: of SYMBOLS, then of none.
    """
    seen = kinds[FIRST_SIGN : FIRST_SIGN + len(SIGNS)]
    signs = seen.copy()
    signs[SHAPED_PLACES] *= min(float(digits[NO_DIGIT]) / LEAST + UNLIKE, 1.0)
    written = kinds[A_DIGIT] + kinds[OTHER] + seen.sum() - signs.sum()
    none = written * digits[NO_DIGIT] + kinds[PART]
    return np.concatenate([written * digits[:DIGITS], signs, [none]]).astype(np.float32)
