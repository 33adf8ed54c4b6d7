"""What a table of labelled examples says of itself: its task, which column has the labels, what are slices.

Its first rows are looked at; what cannot be told is left out.
"""

from __future__ import annotations

import csv
from pathlib import Path

from seatrial.named_tuple import NamedTuple

ENDINGS = (".csv", ".parquet", ".jsonl")
_ROWS = 500
_LABELS = ("label", "labels", "target", "class", "category", "y", "truth", "outcome", "sentiment", "answer")
_NEVER_SLICES = frozenset({"id", "prediction", "score"})


class Examples(NamedTuple):
    """`label` is the column of the labels, "" where no name says."""

    task: str = "classification"
    label: str = ""
    slices: tuple[str, ...] = ()


def look(path: Path) -> Examples:
    """Look at a table; of what is no csv file only the usual can be said."""
    if path.suffix != ".csv":
        return Examples()
    columns = _columns(path)
    label = next((name for wanted in _LABELS for name in columns if name.casefold() == wanted), "")
    slices = [
        name
        for name, values in columns.items()
        if name != label and name.casefold() not in _NEVER_SLICES and _is_slice(values)
    ]
    if not label and slices and slices[-1] == [*columns][-1]:
        label = slices.pop()  # the last of a table is what the others tell, if it is anything of the kind
    return Examples(_task(columns.get(label, ())), label, tuple(slices[:2]))


def _columns(path: Path) -> dict[str, tuple[str, ...]]:
    """The cells of the first rows, by column."""
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            rows = [row for _, row in zip(range(_ROWS), reader, strict=False) if len(row) == len(header)]
    except (OSError, csv.Error):
        return {}
    return dict(zip(header, zip(*rows, strict=True), strict=False)) if rows else {}


def _task(labels: tuple[str, ...]) -> str:
    distinct = set(labels)
    many = len(distinct) > max(20, len(labels) // 10)
    return "regression" if many and all(map(_is_number, distinct)) else "classification"


def _is_slice(values: tuple[str, ...]) -> bool:
    distinct = set(values)
    short = all(0 < len(value) <= 40 for value in distinct)
    return (
        short
        and 2 <= len(distinct) <= 12
        and len(values) >= 4 * len(distinct)
        and not all(map(_is_number, distinct))
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
