"""The models' sources themselves, `*.keras`, run by TensorFlow (extra `keras`)."""

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digitapp.engine import MODELS, NAME, in_place
from digitapp.engine.released import content
from digitapp.errors import Unavailable

if TYPE_CHECKING:
    from digitapp.engine import Floats


class KerasEngine:
    """Runs the networks in `*.keras`; calls wait for one another.

    Raises:
        Unavailable: TensorFlow is missing, or a file of the program is damaged.
    """

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        try:
            import keras
        except ImportError:
            raise Unavailable(
                "The keras engine needs TensorFlow: python -m pip install keras tensorflow."
            ) from None
        from digitapp.engine import doubling  # noqa: F401 (`ink.keras` names its layer)

        names = [name.replace(".tflite", ".keras") for name in MODELS]
        digits, *_ = contents = [content(name) for name in names]
        self.model = f"{NAME} sha256:{hashlib.sha256(digits).hexdigest()}"
        self._lock = threading.Lock()
        with tempfile.TemporaryDirectory() as folder:  # Keras loads files: those that were checked
            files = [Path(folder, name) for name in names]
            for file, found in zip(files, contents, strict=True):
                file.write_bytes(found)
            self._digits, self._strings, self._ink, self._signs = (
                keras.saving.load_model(file, compile=False, safe_mode=True) for file in files
            )

    def probabilities(self, batch: "Floats") -> "Floats":
        """See `Engine.probabilities`."""
        return self._run(self._digits, batch)

    def windows(self, line: "Floats") -> "Floats":
        """See `Engine.windows`."""
        with self._lock:
            outputs = self._strings(line[np.newaxis, ..., np.newaxis], training=False)
        return np.asarray(outputs[0], dtype=np.float32)

    def ink(self, picture: "Floats") -> "Floats":
        """See `Engine.ink`."""
        with self._lock:
            outputs = self._ink(picture[np.newaxis, ..., np.newaxis], training=False)
        return in_place(np.asarray(outputs[0], dtype=np.float32))

    def signs(self, around: "Floats") -> "Floats":
        """See `Engine.signs`."""
        return self._run(self._signs, around)

    def _run(self, network: Any, batch: "Floats") -> "Floats":
        if not len(batch):
            return np.empty((0, network.output_shape[-1]), dtype=np.float32)
        with self._lock:
            return np.array(network(batch, training=False), dtype=np.float32)
