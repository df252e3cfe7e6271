"""Pictures of a run: its learning curve, its confusions, what it misread. Never committed."""

import csv
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from train.data import Images, Labels

MOST = 200
"""Digits on a sheet of misread ones."""


def curves(history: Path, target: Path) -> None:
    """Error in training and validation over the epochs, from Keras' log `history`."""
    with history.open(newline="") as file:
        rows = list(csv.DictReader(file))
    epochs = [int(row["epoch"]) + 1 for row in rows]
    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for column, label in (("accuracy", "training, distorted"), ("val_accuracy", "validation")):
        axes.plot(epochs, [100 * (1 - float(row[column])) for row in rows], label=label)
    axes.set(xlabel="epoch", ylabel="error in %", yscale="log", title="Learning curve")
    axes.legend()
    figure.savefig(target, dpi=120, bbox_inches="tight")


def confusion(labels: Labels, said: Labels, target: Path) -> None:
    """How often each digit was read as which."""
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (labels, said), 1)
    figure = Figure(figsize=(6, 6))
    axes = figure.subplots()
    axes.imshow(np.log1p(table), cmap="Blues")
    for row, column in np.argwhere(table):
        colour = "white" if row == column else "black"
        axes.text(column, row, table[row, column], ha="center", va="center", color=colour)
    axes.set(xlabel="read as", ylabel="is", xticks=range(10), yticks=range(10), title="Confusions")
    figure.savefig(target, dpi=120, bbox_inches="tight")


def misread(
    images: Images, labels: Labels, said: Labels, wrong: NDArray[np.int64], target: Path
) -> None:
    """The first MOST misread digits with what each is and what was read."""
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
