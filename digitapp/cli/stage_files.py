"""A folder of pictures that show how other pictures were read."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digitapp.errors import Unavailable
from digitapp.recognition import visualize
from digitapp.recognition.answer import Reading

LONGEST = 50
"""Characters of a name that are kept: with four bytes each they fit into any file system."""


class StageFiles:
    """Writes each reading's stages as PNG files, NAME-1-grey.png to NAME-4-input.png.

    Raises:
        Unavailable: the folder can't be made, or a picture can't be written.
    """

    def __init__(self, folder: Path) -> None:
        with _told(f"The folder {str(folder)!r} cannot be made"):
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._seen: Counter[str] = Counter()

    def add(self, name: str, reading: Reading) -> None:
        """Write the pictures of the file called `name`, a path; an earlier run's are replaced."""
        stem = safe(name)
        key = stem.casefold()  # some systems take a and A for the same name
        self._seen[key] += 1
        if self._seen[key] > 1:
            stem = f"{stem} ({self._seen[key]})"
        for stage, image in visualize.pictures(reading):
            path = self._folder / f"{stem}-{stage}.png"
            with _told(f"The picture {str(path)!r} cannot be written"):
                path.write_bytes(visualize.png(image))


def safe(name: str) -> str:
    """A path's last part without its ending; all but letters, digits, blanks and - become _."""
    stem = unicodedata.normalize("NFC", Path(name).stem)
    kept = "".join(char if char.isalnum() or char in " -_" else "_" for char in stem)
    return kept[:LONGEST].strip(" -_") or "picture"


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Raise Unavailable with a sentence in place of an OSError."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{what}: {error.strerror}.") from None
