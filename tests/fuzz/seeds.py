"""The pictures from which fuzzing starts: `python -m tests.fuzz.seeds` writes the corpus anew."""

import re
from collections.abc import Iterator

from digitapp.formats import READ
from tests.broken import SAMPLES, claiming
from tests.drawings import draw, encode, write
from tests.fuzz import CORPUS


def seeds() -> Iterator[tuple[str, bytes]]:
    """Each seed's name and bytes: every format and mode, some broken off, some that lie."""
    for name, data in SAMPLES.items():
        yield re.sub(r"\W+", "-", name).lower(), data
    for kind in READ:
        whole = SAMPLES[kind.name]
        yield f"{kind.name.lower()}-cut", whole[: len(whole) * 2 // 3]
        yield f"{kind.name.lower()}-claims", claiming(kind.decoder, 3000, 40)
    yield "png-wide", claiming("PNG", 1 << 24, 1)
    yield "png-nothing", claiming("PNG", 0, 0)
    yield "mnist", encode(draw(7, 28))
    yield "number", encode(write("207", side=30))
    yield "no-picture", b"7"


def main() -> None:
    """Write the corpus."""
    CORPUS.mkdir(exist_ok=True)
    for name, data in seeds():
        (CORPUS / name).write_bytes(data)


if __name__ == "__main__":
    main()
