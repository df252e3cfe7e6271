"""digitapp with every reading written down: `python -m tests.desktop.recorded LOG ARGUMENT...`.

The log has a JSON line for each picture that was read, with its bytes' hash and its text.
"""

import hashlib
import json
import sys
from collections.abc import Collection
from pathlib import Path

from digitapp.cli import main
from digitapp.jobs.pool import Processes

_read = Processes.read


def read(processes: Processes, data: bytes, flags: Collection[str]) -> bytes:
    answer = _read(processes, data, flags)
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "text": json.loads(answer)["text"]}
    with Path(sys.argv[1]).open("a") as log:
        log.write(json.dumps(entry) + "\n")
    return answer


if __name__ == "__main__":
    Processes.read = read  # type: ignore[method-assign, assignment]
    raise SystemExit(main.main(sys.argv[2:]))
