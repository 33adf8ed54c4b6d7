"""JSON lines, as is or gzipped: one object a line, UTF-8. Cells become texts as in `labels.text`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput, Place
from seatrial.evaluation.labels import text

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 1 << 23  # bytes of a line: what bounds the memory
_LONGEST_KEY = 60  # characters of one in an error
_ROWS = 1 << 16  # a block


def columns(path: Path) -> tuple[str, ...]:
    """The keys of the first object."""
    for _line, row in _objects(path):
        return tuple(row)
    return ()


def blocks(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The columns of those names as arrays of text, a block of rows at a time; a missing key is null."""
    cells: dict[str, list[str | None]] = {name: [] for name in names}
    rows = 0
    for line, row in _objects(path):
        for name, column in cells.items():
            value = row.get(name)
            column.append(value if isinstance(value, str) else _cell(value, name, path, line))
        rows += 1
        if rows == _ROWS:
            yield _arrays(cells)
            cells, rows = {name: [] for name in names}, 0
    if rows:
        yield _arrays(cells)


def line_of(path: Path, row: int) -> int:
    """The line of row `row` (from 0), counting only lines that are not blank."""
    for at, (line, _row) in enumerate(_objects(path)):
        if at == row:
            return line
    return 0


def damage(_path: Path) -> None:
    """Nothing more is known: every error of a line is raised with its place when the line is read."""


def _cell(value: object, name: str, path: Path, line: int) -> str | None:
    if isinstance(value, (dict, list)):
        raise BadInput(f"{name!r} is not one value", "write a text or a number", Place(str(path), line))
    return text(value)


def _arrays(cells: dict[str, list[str | None]]) -> dict[str, Any]:
    import pyarrow as arrow

    return {name: arrow.array(values, arrow.string()) for name, values in cells.items()}


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST + 1):
            number += 1
            if len(line) > _LONGEST and not line.endswith(b"\n"):
                hint = "one object a line; is this one JSON array, or a file without line breaks?"
                raise BadInput(f"a line is longer than {_LONGEST >> 20} MiB", hint, Place(str(path), number))
            if line := line.strip(b" \t\r\n\xef\xbb\xbf" if number == 1 else None):
                yield number, _object(line, path, number)


def _object(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
        if b"\\ud" in line.lower():  # half of a pair of surrogates is no text
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        place = Place(str(path), number)
        raise BadInput("the line is not UTF-8 text", "save the file as UTF-8", place) from error
    except (ValueError, RecursionError) as error:
        place = Place(str(path), number)
        raise BadInput(f"the line is not JSON: {_shown(error)}", "one object a line", place) from error
    if not isinstance(row, dict):
        hint = 'for example: {"id": 1, "prediction": "positive"}'
        raise BadInput("the line is not a JSON object", hint, Place(str(path), number))
    if line.count(b":") != len(row):  # else no key can be there twice
        _refuse_doubles(line, Place(str(path), number))
    return row


def _refuse_doubles(line: bytes, place: Place) -> None:
    def once(pairs: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            message = f"the key {twice[:_LONGEST_KEY]!r} is there {keys.count(twice)} times"
            raise BadInput(message, "a key stands once in an object", place)

    json.loads(line, object_pairs_hook=once)


def _shown(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
