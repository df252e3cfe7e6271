"""How good a run's digits' network is: measured on MNIST's test digits, by both engines."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitapp.engine.litert import LiteRTEngine
from digitapp.recognition.classify import REJECT
from digitapp.recognition.symbols import DIGITS, NO_DIGIT
from train.data import mnist
from train.evaluation import metrics, model_card, plots
from train.networks import export

Outputs = NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """What a network says of labelled digits: `outputs` [N, 11], `labels` [N]."""

    outputs: Outputs
    labels: mnist.Labels

    @cached_property
    def probabilities(self) -> Outputs:
        """Of the ten digits, given that it is one, [N, 10]."""
        digits = self.outputs[:, :DIGITS]
        return np.asarray(digits / digits.sum(axis=1, keepdims=True))

    @property
    def refused(self) -> float:
        """Share of the digits that the program would reject."""
        return float((self.outputs[:, NO_DIGIT] >= REJECT).mean())

    @property
    def said(self) -> mnist.Labels:
        """The most probable digits, [N]."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each is read right, [N]."""
        return np.asarray(self.said == self.labels)

    @property
    def wrong(self) -> NDArray[np.int64]:
        """Indices of the misread digits."""
        return np.flatnonzero(~self.right)

    def summary(self) -> dict[str, Any]:
        """Accuracy and its 95 % interval, calibration, and coverage at 0.1 % error."""
        count = len(self.labels)
        low, high = metrics.wilson(count - len(self.wrong), count)
        bins = metrics.reliability(self.probabilities.max(axis=1), self.right)
        return {
            "digits": count,
            "misread": len(self.wrong),
            "accuracy": 1 - len(self.wrong) / count,
            "accuracy_95": [round(low, 5), round(high, 5)],
            "expected_calibration_error": round(metrics.calibration_error(bins), 5),
            "coverage_at_0.1%_error": round(self.coverage(0.001), 4),
            "refused": self.refused,
        }

    def coverage(self, error: float) -> float:
        """Largest share of the digits, the surest first, with at most `error` of them misread."""
        return metrics.coverage(self.probabilities.max(axis=1), self.right, error)


def evaluate(run: Path, data: Path | None) -> None:
    """Measure the run's network and write its figures, charts and model card beside it.

    Args:
        run: the folder of a finished run.
        data: MNIST's file; None: it is fetched.

    Raises:
        TrainError: the run is not finished.
    """
    export.require(run / export.DIGITS)
    test = mnist.load(data).test
    result = Result(by_keras(run, test.images), test.labels)
    facts = result.summary()
    difference = np.abs(result.outputs - by_litert(run, test.images)).max()
    facts["keras_litert_difference"] = float(difference)
    (run / "test.json").write_text(json.dumps(facts, indent=2) + "\n")
    phases = [*run.glob("main/history.csv"), *sorted(run.glob("settle-*/history.csv"))]
    plots.curves(phases, run / "curves.png")
    plots.confusion(result.labels, result.said, run / "confusion.png")
    plots.misread(test.images, result.labels, result.said, result.wrong, run / "misread.png")
    model_card.write(run)
    print(f"test: {facts['misread']} of {facts['digits']} misread, {facts['accuracy']:.2%} right")


def by_keras(run: Path, images: mnist.Images) -> Outputs:
    """Outputs [N, 11] by `digits.keras` in the folder `run`."""
    network = keras.saving.load_model(run / export.DIGITS, compile=False)
    return np.asarray(network.predict(images, batch_size=500, verbose=0))


def by_litert(run: Path, images: mnist.Images) -> Outputs:
    """Outputs [N, 11] by `digits.tflite` in the folder `run`."""
    return LiteRTEngine(path=run / "digits.tflite").probabilities(images)
