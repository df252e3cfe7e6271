"""The classes of both networks and their numbers."""

DIGITS = 10
"""The digits are the classes 0 to 9."""

NO_DIGIT = 10
"""The class of what is no digit."""

CLASSES = 11
"""What the digits' network tells apart."""

BLANK = 0
"""The line network's class of a window that shows nothing, the blank of its CTC loss."""

LINE_CLASSES = CLASSES + 1
"""What the line network tells apart: the blank, then the classes of the digits' network."""


def line_class(label: int) -> int:
    """The line network's class of what the digits' network calls `label`."""
    return label + 1
