"""How good a run's network is: measured once on MNIST's test digits, by both engines."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitapp.engine.litert import LiteRTEngine
from digitapp.verdict import NO_DIGIT
from train import calibrate, card, data, plots

Outputs = NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """What a network says of labelled digits: `outputs` [N, 11], `labels` [N]."""

    outputs: Outputs
    labels: data.Labels

    @cached_property
    def probabilities(self) -> Outputs:
        """Of the ten digits, given that it is one, [N, 10]."""
        digits = self.outputs[:, :10]
        return np.asarray(digits / digits.sum(axis=1, keepdims=True))

    @property
    def refused(self) -> float:
        """Share of the digits that the program would not take for digits."""
        return float((self.outputs[:, 10] >= NO_DIGIT).mean())

    @property
    def said(self) -> data.Labels:
        """The most probable digits, [N]."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def wrong(self) -> NDArray[np.int64]:
        """Indices of the misread digits."""
        return np.flatnonzero(self.said != self.labels)

    def summary(self) -> dict[str, Any]:
        """Accuracy and its 95 % interval, calibration, and coverage at 0.1 % error."""
        count = len(self.labels)
        low, high = wilson(count - len(self.wrong), count)
        return {
            "digits": count,
            "misread": len(self.wrong),
            "accuracy": 1 - len(self.wrong) / count,
            "accuracy_95": [round(low, 5), round(high, 5)],
            "expected_calibration_error": round(
                calibrate.expected_error(self.probabilities, self.labels), 5
            ),
            "coverage_at_0.1%_error": round(self.coverage(0.001), 4),
            "refused": self.refused,
        }

    def coverage(self, error: float) -> float:
        """Largest share of the digits, the surest first, with at most `error` misread in it."""
        return coverage(self.probabilities.max(axis=1), self.said == self.labels, error)


def evaluate(run: Path, path: Path | None) -> None:
    """Measure the run's network and write its figures, pictures and model card beside it."""
    digits = data.load(path)
    result = Result(by_keras(run, digits.test.images), digits.test.labels)
    facts = result.summary()
    difference = np.abs(result.outputs - by_litert(run, digits.test.images)).max()
    facts["keras_litert_difference"] = float(difference)
    (run / "test.json").write_text(json.dumps(facts, indent=2) + "\n")
    phases = [*run.glob("main/history.csv"), *sorted(run.glob("settle-*/history.csv"))]
    plots.curves(phases, run / "curves.png")
    plots.confusion(result.labels, result.said, run / "confusion.png")
    plots.misread(digits.test.images, result.labels, result.said, result.wrong, run / "misread.png")
    card.write(run)
    print(f"test: {facts['misread']} of {facts['digits']} misread, {facts['accuracy']:.2%} right")


def by_keras(run: Path, images: data.Images) -> Outputs:
    """Outputs [N, 11] by `digits.keras` in the folder `run`."""
    network = keras.saving.load_model(run / "digits.keras", compile=False)
    return np.asarray(network.predict(images, batch_size=500, verbose=0))


def by_litert(run: Path, images: data.Images) -> Outputs:
    """Outputs [N, 11] by `digits.tflite` in the folder `run`."""
    return LiteRTEngine(path=run / "digits.tflite").probabilities(images)


def coverage(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], error: float
) -> float:
    """Largest share of the answers [N], the surest first, with at most `error` wrong in it."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    within = np.flatnonzero(wrong <= error * np.arange(1, len(order) + 1))
    return float(within[-1] + 1) / len(order) if len(within) else 0.0


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """A proportion's 95 % interval (Wilson, 1927)."""
    share = right / count
    middle = share + z * z / (2 * count)
    reach = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    scale = 1 + z * z / count
    return (middle - reach) / scale, (middle + reach) / scale
