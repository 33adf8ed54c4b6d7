"""CSV, as is or gzipped: comma separated, with a header, UTF-8. Cells are texts; blank lines are left out."""

from __future__ import annotations

import csv
import gzip
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput, Place

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from seatrial.evaluation.tables.quotes import Watched

# A line, with its quoted line breaks, must fit into a block: what bounds the memory.
BLOCK_BYTES = 1 << 23
csv.field_size_limit(BLOCK_BYTES)

TOO_LONG = "straddl"  # what the reader says of a line that is longer than a block


def columns(path: Path) -> tuple[str, ...]:
    """The header. An empty file has none."""
    with _text(path) as file:
        try:
            return tuple(next(filter(None, csv.reader(islice(_bounded(file), 1000))), ()))
        except csv.Error as error:
            raise ValueError(str(error)) from error


def blocks(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The columns of those names as arrays of text, a block of rows at a time.

    Raises BadInput for a cell with a line break: no id, label or number has one, so a quote is missing.
    """
    from seatrial.evaluation.tables.quotes import Watched

    file = Watched(_bytes(path), lambda: _look_closely(path))
    with file, closing(_batches(file, names)) as batches:
        rows = 0
        for batch in batches:
            found = {name: batch.column(name) for name in names}
            if file.has_quotes:
                _refuse_line_breaks(path, found, rows)
            yield found
            rows += batch.num_rows


def _batches(file: Watched, names: tuple[str, ...]) -> Generator[Any, None, None]:
    import pyarrow as arrow
    from pyarrow import csv as reader

    try:
        stream = reader.open_csv(
            file,
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
        yield from stream


def _refuse_line_breaks(path: Path, cells: dict[str, Any], first: int) -> None:
    import numpy as np
    from pyarrow import compute

    for name, column in cells.items():
        for sign in "\n\r":
            broken = np.asarray(compute.match_substring(column, sign))
            if broken.any():
                place = Place(str(path), line_of(path, first + int(broken.argmax())))
                raise BadInput(f"the {name!r} has a line break", "is a quote missing?", place)


def line_of(path: Path, row: int) -> int:
    """The line on which row `row` (from 0) begins: found by reading again, as only an error needs it."""
    with _text(path) as file:
        reader = csv.reader(_bounded(file))
        begins, left = 1, row + 1
        try:
            for cells in reader:
                if cells and not left:
                    return begins
                left -= bool(cells)
                begins = reader.line_num + 1
        except (csv.Error, ValueError):
            return 0
    return 0


def damage(path: Path) -> BadInput | None:
    """The first thing that keeps the file from being a table, with its line; None where nothing is found."""
    with _text(path, errors="surrogateescape") as file:
        reader = csv.reader(_without_nul(_bounded(file), path), strict=True)
        begins = 1
        try:
            width = 0
            for cells in reader:
                width = width or len(cells)
                wrong = _wrong_row(cells, width, Place(str(path), begins)) if cells else None
                if wrong:
                    return wrong
                begins = reader.line_num + 1
        except BadInput as problem:
            return problem
        except (csv.Error, ValueError) as error:
            return _wrong_quote(str(error), Place(str(path), begins), reader.line_num)
    return None


def _look_closely(path: Path) -> None:
    found = damage(path)
    if found is not None:
        raise found


def _wrong_row(cells: list[str], width: int, place: Place) -> BadInput | None:
    if any(_undecodable(cell) for cell in cells):
        return BadInput("the file is not UTF-8 text", "save it as UTF-8", place)
    if len(cells) != width:
        many = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        hint = "a comma in a text needs quotes around the text" if len(cells) > width else ""
        return BadInput(f"the row has {many}, but the header has {width}", hint, place)
    return None


def _wrong_quote(said: str, place: Place, line: int) -> BadInput:
    if "unexpected end" in said:
        return BadInput("a quote is never closed", "close it in the row that begins here", place)
    if "expected after" in said and line > place.line:
        text = f"a quote of this row is closed in line {line}, in the middle of a cell"
        return BadInput(text, "is a quote missing?", place)
    if "expected after" in said:
        return BadInput("a cell goes on after its closing quote", 'write a quote inside a cell as ""', place)
    hint = "a quote that is never closed, or not a table with one row a line?"
    return BadInput(f"a line is longer than {BLOCK_BYTES >> 20} MiB", hint, place)


def _undecodable(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell)


def _bytes(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


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


def _without_nul(lines: Iterator[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            text = "the file is not UTF-8 text" if _undecodable(line) else "the line has a NUL byte"
            raise BadInput(text, "save it as UTF-8", Place(str(path), number))
        yield line
