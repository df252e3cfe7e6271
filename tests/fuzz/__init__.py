"""Fuzzing the pictures' way and the API; see `pictures` and `schema`."""

from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")
"""The files from which fuzzing starts."""
