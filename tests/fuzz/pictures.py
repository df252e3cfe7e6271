"""Fuzzing from bytes to answer, by hand:

    python -m pip install atheris
    python -m tests.fuzz.pictures [FOLDER] [libFuzzer's options, as -runs=1000000 -jobs=2]

Coverage-guided (libFuzzer through atheris), from the corpus beside this file; what is found new
goes into FOLDER, which is made. Whatever the bytes are, there is an answer or one of the program's
own errors, within a second and with no array over 512 MiB: anything else ends the run and leaves
the input as a file.
"""

import sys
from pathlib import Path

from tests.fuzz.seeds import CORPUS

# libFuzzer's own bound on memory counts what the fuzzing itself gathers: it is left out, and no
# single array may be so large instead.
LIMITS = ("-timeout=1", "-malloc_limit_mb=512", "-rss_limit_mb=0", "-max_len=65536")


def main(arguments: list[str]) -> None:
    """Fuzz until a fault is found or the options' end is reached."""
    import atheris

    with atheris.instrument_imports(include=["digitapp", "PIL"]):
        from digitapp import engine
        from digitapp.errors import DigitappError
        from digitapp.recognition import pipeline

    model = engine.load("litert")

    def once(data: bytes) -> None:
        try:
            pipeline.recognize(data, model)
        except DigitappError as error:
            assert error.status < 500, error

    folders = [argument for argument in arguments if not argument.startswith("-")]
    for folder in folders:
        Path(folder).mkdir(exist_ok=True)
    atheris.Setup([sys.argv[0], *LIMITS, *arguments, str(CORPUS)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
