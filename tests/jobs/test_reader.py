"""The reader in this process."""

import subprocess
import sys

import pytest

from digitapp.engine import Engine
from digitapp.errors import Busy
from digitapp.jobs.reader import Here
from digitapp.recognition import pipeline


def test_it_tells_what_runs(engine: Engine) -> None:
    assert (Here(engine).model, Here(engine).engine) == (engine.model, "litert")
    assert Here(engine, "keras").engine == "keras"


def test_too_little_memory_is_busy(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline, "recognize", fail)
    with pytest.raises(Busy, match="not enough memory"):
        Here(engine).read(b"", ())


def test_warm_loads_what_the_first_picture_needs() -> None:
    """A process that loads it with its first picture answers that one a fifth of a second late."""
    script = (
        "import sys\n"
        "from digitapp.jobs import reader\n"
        "needed = {'numpy', 'PIL', 'cc3d', 'digitapp.recognition.pipeline'}\n"
        "before = needed & set(sys.modules)\n"
        "reader.warm()\n"
        "print(len(before), needed <= set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0 True\n", "")
