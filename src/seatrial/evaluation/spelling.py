"""Numbers that a column writes in two ways: versions 1.1 and 1.10 are one label, and a reader must know."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Column = tuple[Path, str]


class Spellings:
    """How each column writes its numbers, learnt a block of different cells at a time."""

    def __init__(self) -> None:
        self._first: dict[Column, dict[str, str]] = {}  # of each number, as a label
        self._found: dict[Column, tuple[str, str]] = {}

    def learn(self, column: Column, cells: Iterable[object], labels: Iterable[str | None]) -> None:
        """Cells and the labels that they are; the first two ways to write one number are enough."""
        if column in self._found:
            return
        first = self._first.setdefault(column, {})
        for cell, label in zip(cells, labels, strict=False):
            if label is None or not isinstance(cell, str) or label in ("true", "false"):
                continue
            before = first.setdefault(label, cell)
            if before != cell:
                self._found[column] = (before, cell)
                return

    def notes(self) -> list[str]:
        return [
            f"{one} and {other}, in the {name!r} of {path.name}, are one number and so one label: "
            f"if they are names, write them with a letter, v{one}"
            for (path, name), (one, other) in self._found.items()
        ]
