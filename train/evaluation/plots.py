"""Charts of a run: learning curve, confusions, reliability, rejection. Never committed."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from digitapp.recognition.symbols import DIGITS
from train.data.mnist import Images, Labels
from train.evaluation.metrics import Bin

MOST = 200
"""Digits on a sheet of misread ones."""


def curves(histories: Sequence[Path], target: Path) -> None:
    """Error in training and validation over the epochs, from Keras' logs of the run's phases."""
    texts = [history.read_text().splitlines() for history in histories]
    rows = [row for lines in texts for row in csv.DictReader(lines)]
    epochs = range(1, len(rows) + 1)
    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for column, label in (("accuracy", "training, distorted"), ("val_accuracy", "validation")):
        axes.plot(epochs, [100 * (1 - float(row[column])) for row in rows], label=label)
    axes.set(xlabel="epoch", ylabel="error in %", yscale="log", title="Learning curve")
    axes.legend()
    figure.savefig(target, dpi=120, bbox_inches="tight")


def confusion(labels: Labels, said: Labels, target: Path) -> None:
    """How often each digit was read as which."""
    table = np.zeros((DIGITS, DIGITS), dtype=int)
    np.add.at(table, (labels, said), 1)
    matrix(table, range(DIGITS), range(DIGITS), target)


def matrix(
    table: NDArray[np.int64], rows: Sequence[object], columns: Sequence[object], target: Path
) -> None:
    """How often what a row names was read as what a column names, [rows, columns]."""
    figure = Figure(figsize=(0.6 * len(columns), 0.6 * len(rows)))
    axes = figure.subplots()
    axes.imshow(np.log1p(table), cmap="Blues")
    for row, column in np.argwhere(table):
        colour = "white" if 2 * np.log1p(table[row, column]) > np.log1p(table.max()) else "black"
        count = table[row, column]
        axes.text(column, row, count, ha="center", va="center", color=colour, fontsize=8)
    axes.set(xlabel="read as", ylabel="is", title="Confusions")
    axes.set_xticks(range(len(columns)), map(str, columns))
    axes.set_yticks(range(len(rows)), map(str, rows))
    figure.savefig(target, dpi=120, bbox_inches="tight")


def misread(
    images: Images, labels: Labels, said: Labels, wrong: NDArray[np.int64], target: Path
) -> None:
    """The first MOST misread digits, each with its label and what was read."""
    wrong = wrong[:MOST]
    columns = 10
    rows = max(-(-len(wrong) // columns), 1)
    figure = Figure(figsize=(columns, rows * 1.2))
    axes = figure.subplots(rows, columns, squeeze=False)
    for cell in axes.flat:
        cell.axis("off")
    for cell, index in zip(axes.flat, wrong, strict=False):
        cell.imshow(images[index, :, :, 0], cmap="gray_r")
        cell.set_title(f"{labels[index]} as {said[index]}", fontsize=8)
    figure.savefig(target, dpi=120, bbox_inches="tight")


def reliability(bins: Sequence[Bin], target: Path) -> None:
    """Share right over confidence, and how many answers each bin holds."""
    figure = Figure(figsize=(5, 6))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    confidence = [one.confidence for one in bins]
    upper.plot((0, 1), (0, 1), color="gray", linewidth=1, label="perfect")
    upper.plot(confidence, [one.right for one in bins], "o-", label="measured")
    upper.set(ylabel="share right", title="Reliability", xlim=(0, 1.02), ylim=(0, 1.02))
    upper.legend()
    lower.bar(confidence, [100 * one.share for one in bins], width=1 / 30)
    lower.set(xlabel="confidence", ylabel="% of answers", yscale="log")
    figure.savefig(target, dpi=120, bbox_inches="tight")


def rejection(suites: Mapping[str, Sequence[Mapping[str, Any]]], target: Path) -> None:
    """What each suite's rows give over the threshold of rejection."""
    charts = {
        "refused": "digits refused, %",
        "misread": "misread among those read, %",
        "not_read_as_digit": "others not read as a digit, %",
    }
    figure = Figure(figsize=(13, 4), layout="constrained")
    for axes, (key, label) in zip(figure.subplots(1, 3), charts.items(), strict=True):
        for name, rows in suites.items():
            points = [(row["threshold"], 100 * row[key]) for row in rows if row[key] is not None]
            if points:
                axes.plot(*zip(*points, strict=True), "o-", markersize=3, label=name)
        axes.set(xscale="logit", xlabel='refused from this probability of "no digit" on')
        axes.set(ylabel=label)
        axes.xaxis.set_minor_formatter("")
        if axes.lines:
            axes.legend()
    figure.savefig(target, dpi=120, bbox_inches="tight")
