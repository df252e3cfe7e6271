"""An evaluation's figures as tables in Markdown, for people and for the model card."""

from collections.abc import Mapping, Sequence
from typing import Any

from train.synthesis import compose

Facts = Mapping[str, Any]

SHARES = (
    *("characters", "silent", "needless", "spaced", "torn"),
    *("refused", "not_read_as_digit", "expected_calibration_error", "coverage_at_0.1%_error"),
)
"""A suite's figures that are shares, in the order of the table's columns.

Silent are pictures that are read wrong without doubt, needless is doubt of what is read right;
spaced are tables whose cells are kept apart, torn are numbers that are read with a space.
"""


def suites(figures: Mapping[str, Facts]) -> str:
    """The suites' figures, a row for each suite."""
    lines = [
        "| suite | pictures | exact (95 %) | sources | mean over sources (95 %) | characters "
        "| silent | needless | spaced | torn | refused | not read | ECE "
        "| answered at 0.1 % error |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, facts in figures.items():
        cells = (
            name,
            f"{facts['pictures']:,}",
            _percent(facts["exact"], facts["exact_95"]),
            facts["sources"],
            _percent(facts["macro"], facts["macro_95"]) if facts["sources"] > 1 else "",
            *(_percent(facts[key]) for key in SHARES),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def rejection(by_suite: Mapping[str, Sequence[Facts]]) -> str:
    """What each threshold rejects, a column for each suite."""
    names = list(by_suite)
    lines = [
        'A candidate is refused if its probability of "no digit" reaches the threshold. A suite '
        "with digits shows what is refused / misread of the rest, one without shows what is not "
        "read as a digit.\n",
        f"| threshold | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for rows in zip(*by_suite.values(), strict=True):
        cells = [_rejected(row) for row in rows]
        lines.append(f"| {rows[0]['threshold']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def corruptions(facts: Facts, rows: Mapping[str, Mapping[str, float]]) -> str:
    """The errors under corruption, a row for each kind."""
    lines = [
        f"Model: `{facts['model']}`\n",
        f"| kind | error of the network alone, {facts['digits']:,} digits "
        f"| error of the program, {facts['sample']:,} digits | of it refused |",
        "|---|---|---|---|",
    ]
    for kind, row in rows.items():
        cells = map(_percent, (row["alone"], row["program"], row["refused"]))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def composed(model: str, rows: Mapping[str, Facts]) -> str:
    """How many composed numbers and pages are read right, a row for each kind."""
    lines = [
        f"Model: `{model}`\n",
        "| kind | gaps in pixels | pictures | all right (95 %) | digits right | right number |",
        "|---|---|---|---|---|---|",
    ]
    for kind, row in rows.items():
        gap = "{} to {}".format(*compose.GAPS.get(kind, compose.PAGE_GAPS))
        shares = (
            _percent(row["exact"], row["exact_95"]),
            *map(_percent, (row["digits"], row["count"])),
        )
        lines.append(f"| {kind} | {gap} | {row['pictures']:,} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def _rejected(row: Facts) -> str:
    if row["refused"] is None:
        return _percent(row["not_read_as_digit"])
    return f"{_percent(row['refused'])} / {_percent(row['misread'])}"


def _percent(part: float | None, interval: tuple[float, float] | None = None) -> str:
    if part is None:
        return ""
    reach = f" ({interval[0]:.2%} to {interval[1]:.2%})" if interval else ""
    return f"{part:.2%}{reach}"
