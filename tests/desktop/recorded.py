"""digitapp with every reading written down: `python -m tests.desktop.recorded LOG ARGUMENT...`.

The log has a JSON line for each picture that the pipeline read, with its bytes' hash and its text.
"""

import hashlib
import json
import sys
from pathlib import Path

from digitapp.cli import main
from digitapp.config import Options
from digitapp.engine import Engine
from digitapp.recognition import pipeline
from digitapp.recognition.answer import Reading

_recognize = pipeline.recognize


def recognize(data: bytes, engine: Engine, options: Options = pipeline.DEFAULT) -> Reading:
    reading = _recognize(data, engine, options)
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "text": reading.answer.text}
    with Path(sys.argv[1]).open("a") as log:
        log.write(json.dumps(entry) + "\n")
    return reading


if __name__ == "__main__":
    pipeline.recognize = recognize
    raise SystemExit(main.main(sys.argv[2:]))
