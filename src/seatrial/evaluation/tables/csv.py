"""CSV, as is or gzipped: comma separated, with a header, UTF-8. Cells are texts."""

from __future__ import annotations

import csv
import gzip
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# A line, with its quoted line breaks, must fit into a block: what bounds the memory.
BLOCK_BYTES = 1 << 23

TOO_LONG = "straddl"  # what the reader says of a line that is longer than a block


def columns(path: Path) -> tuple[str, ...]:
    """The header. An empty file has none."""
    with _text(path) as file:
        try:
            return tuple(next(csv.reader(islice(_bounded(file), 1000)), ()))
        except csv.Error as error:
            raise ValueError(str(error)) from error


def blocks(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The columns of those names as arrays of text, a block of rows at a time."""
    import pyarrow as arrow
    from pyarrow import csv as reader

    try:
        stream = reader.open_csv(
            str(path),
            read_options=reader.ReadOptions(block_size=BLOCK_BYTES),
            parse_options=reader.ParseOptions(newlines_in_values=True),
            convert_options=reader.ConvertOptions(
                include_columns=list(names),
                column_types=dict.fromkeys(names, arrow.string()),
                strings_can_be_null=False,
            ),
        )
    except arrow.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and nothing else
            return
        raise
    with stream:
        for batch in stream:
            yield {name: batch.column(name) for name in names}


def line_of(path: Path, row: int) -> int:
    """The line on which row `row` (from 0) ends: found by reading again, as only an error needs it."""
    with _text(path) as file:
        reader = csv.reader(_bounded(file))
        try:
            for _ in islice((cells for cells in reader if cells), row + 2):
                pass
        except (csv.Error, ValueError):
            return 0
        return reader.line_num


def line_of_damage(path: Path) -> int:
    """The first line that has not as many cells as the header, or is not UTF-8; 0 = none found."""
    with _text(path, errors="surrogateescape") as file:
        reader = csv.reader(_bounded(file))
        try:
            width = 0
            for cells in reader:
                width = width or len(cells)
                if cells and (len(cells) != width or any(_undecodable(cell) for cell in cells)):
                    return reader.line_num
        except (csv.Error, ValueError):
            return reader.line_num + 1
    return 0


def _undecodable(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell)


def _text(path: Path, errors: str = "strict") -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors=errors, newline="")
    return path.open("r", encoding="utf-8-sig", errors=errors, newline="")


def _bounded(file: Any) -> Iterator[str]:
    """The lines of a file; ValueError for one that is longer than a block."""
    while line := file.readline(BLOCK_BYTES + 1):
        if len(line) > BLOCK_BYTES:
            raise ValueError(TOO_LONG)
        yield line
