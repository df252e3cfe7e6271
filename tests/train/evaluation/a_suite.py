"""A suite of pictures with its table of truth, and what might have been read in one."""

import csv
from pathlib import Path

from PIL import Image

from tests.drawings import draw, encode, write
from train.evaluation.suites import Reading, Truth

PICTURES: dict[str, tuple[bytes, str]] = {
    "three.png": (encode(draw(3)), "3"),
    "seven.png": (encode(draw(7, ink=255, background=0)), "7"),
    "misnamed.png": (encode(draw(8)), "4"),
    "rows.png": (encode(write("20", "37")), "20|37"),
    "blank.png": (encode(Image.new("L", (80, 80), 255)), ""),
    "no-blank.png": (encode(draw(2)), ""),
    "cut.png": (encode(draw(5))[:200], "5"),
    "no-picture.png": (b"nothing like a picture", ""),
}
"""Each file's bytes and what the table of truth says of it."""


def make(folder: Path) -> Path:
    """Write a suite `mixed` by two hands, its table beside it; one of its pictures is missing."""
    (folder / "mixed").mkdir()
    for name, (content, _) in PICTURES.items():
        (folder / "mixed" / name).write_bytes(content)
    labels = {name: label for name, (_, label) in PICTURES.items()} | {"missing.png": "6"}
    rows = [
        {"file": f"mixed/{name}", "suite": "mixed", "label": label, "source": f"hand {index % 2}"}
        for index, (name, label) in enumerate(labels.items())
    ]
    write_table(
        folder, [*rows, {"file": "other/1.png", "suite": "other", "label": "1", "source": "x"}]
    )
    return folder / "mixed"


def write_table(folder: Path, rows: list[dict[str, str]]) -> None:
    """Write the table of truth."""
    with (folder / "truth.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ("file", "suite", "label", "source"))
        writer.writeheader()
        writer.writerows(rows)


def reading(
    label: str, text: str | None, source: str = "one", confidence: float = 0.9, most: float = 0.1
) -> Reading:
    """A reading that might have been; its text's `?` stand for a best guess of 8."""
    truth = Truth(Path(f"suite/{label}.png"), "suite", label, source)
    best = (text or "").replace("?", "8")
    doubt = "?" in (text or "")
    return Reading(
        truth, text, best=best, confidence=confidence, least=most, most=most, doubt=doubt
    )


SUITE = [
    reading("1", "1", "one", 0.99, 0.01),
    reading("2", "2", "one", 0.98, 0.02),
    reading("3", "5", "one", 0.6, 0.3),
    reading("4", "?", "two", 0.7, 0.8),
    reading("12", "12", "two", 0.9, 0.4),
    reading("6", None, "three", 0.0, 0.0),
    reading("", "", "three", 0.0, 0.0),
    reading("", "?", "three", 0.5, 0.9),
    reading("", "7", "three", 0.5, 0.2),
    reading("", None, "three", 0.0, 0.0),
]
