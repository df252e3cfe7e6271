"""Reads handwritten digits from drawings, scans and photos."""

__version__ = "0.1.0"
