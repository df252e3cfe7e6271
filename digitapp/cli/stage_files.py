"""A folder of pictures that show how other pictures were read."""

import unicodedata
from pathlib import Path

from digitapp.errors import Unavailable
from digitapp.recognition import visualize
from digitapp.recognition.answer import Reading

LONGEST = 50
"""Characters of a name that are kept: with four bytes each they fit into any file system."""


class Album:
    """Each reading's stages as PNG files of its own, NAME-1-grey.png to NAME-4-input.png."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where there is none.

        Raises:
            Unavailable: it cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(_sentence("folder", folder, "made", error)) from None
        self._folder = folder
        self._taken: set[str] = set()

    def add(self, name: str, reading: Reading) -> None:
        """Write the pictures of the file called `name`, a path; files of an earlier run give way.

        Raises:
            Unavailable: a picture cannot be written.
        """
        stem = self._free(safe(name))
        for stage, image in visualize.pictures(reading):
            path = self._folder / f"{stem}-{stage}.png"
            try:
                path.write_bytes(visualize.png(image))
            except OSError as error:
                raise Unavailable(_sentence("picture", path, "written", error)) from None

    def _free(self, stem: str) -> str:
        """The name, or one with a number: two files of one run may have the same."""
        name, number = stem, 1
        while name.casefold() in self._taken:  # to some systems, a and A are one
            number += 1
            name = f"{stem} ({number})"
        self._taken.add(name.casefold())
        return name


def safe(name: str) -> str:
    """A path's last part without its ending, of nothing but letters, digits, blanks, - and _."""
    stem = unicodedata.normalize("NFC", Path(name).stem)
    kept = "".join(char if char.isalnum() or char in " -_" else "_" for char in stem)
    return kept[:LONGEST].strip(" -_") or "picture"


def _sentence(what: str, path: Path, done: str, error: OSError) -> str:
    return f"The {what} {str(path)!r} cannot be {done}: {error.strerror}."
