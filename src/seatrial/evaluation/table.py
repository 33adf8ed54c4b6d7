"""A file with columns, whatever its format: its columns, and their cells a block of rows at a time.

A format is a module of `tables/` with `columns(path)`, `blocks(path, names)`, `line_of(path, row)` and
`damage(path)`. Whatever a damaged or hostile file makes them raise becomes BadInput here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from seatrial.errors import BadInput, Place
from seatrial.evaluation.nearest import did_you_mean
from seatrial.system import files

FORMATS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def columns(path: Path) -> tuple[str, ...]:
    """The names of the columns, none of them twice."""
    reader = _reader(path)
    with _readable(path, reader):
        names: tuple[str, ...] = reader.columns(path)
    if not names:
        raise BadInput("the file is empty", "it needs columns and rows", Place(str(path)))
    return names


def blocks(path: Path, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The cells of some columns, as arrow arrays, in the order of the rows."""
    reader = _reader(path)
    known = columns(path)
    for name in names:
        if known.count(name) > 1:
            raise BadInput(
                f"the column {name!r} is there {known.count(name)} times", place=Place(str(path), 1)
            )
    with _readable(path, reader):
        yield from reader.blocks(path, names)


def place_of(path: Path, row: int) -> Place:
    """Where row `row` (from 0) stands, as far as the format has lines."""
    try:
        line: int = _reader(path).line_of(path, row)
    except (BadInput, OSError, EOFError, ValueError, zlib.error):
        line = 0
    return Place(str(path), line)


def missing(path: Path, name: str, known: tuple[str, ...], role: str = "") -> BadInput:
    """The error for a column that is not there; `role` is what it is for, if its name may be another one."""
    if len(known) == 1 and (sign := next((sign for sign in ";\t|" if sign in known[0]), "")):
        hint = f"the cells of this file are separated by {sign!r}; write commas"
        return BadInput(f"there is no column {name!r}", hint, Place(str(path), 1))
    hint = did_you_mean(name, known)
    if role:
        says = f"`columns: {{{role}: NAME}}`, or `--column {role}=NAME`, says which it is"
        hint = f"{hint} {says}" if hint.endswith("?") else "; ".join(filter(None, (hint, says)))
    return BadInput(f"there is no column {name!r}", hint, Place(str(path), 0))


def _reader(path: Path) -> Any:
    files.ask_regular(path)
    name = path.name.lower()
    for ending, module in FORMATS.items():
        if name.endswith(ending):
            return import_module(f"seatrial.evaluation.tables.{module}")
    raise BadInput("the format is not known", f"name the file {', '.join(FORMATS)}", Place(str(path)))


@contextmanager
def _readable(path: Path, reader: Any) -> Iterator[None]:
    # The engine's own errors derive from these; a file may also claim sizes that no memory holds.
    try:
        yield
    except BadInput:
        raise
    except FileNotFoundError as error:
        raise BadInput("there is no such file", place=Place(str(path))) from error
    except PermissionError as error:
        raise BadInput("the file may not be read", place=Place(str(path))) from error
    except (
        ValueError,
        OSError,
        EOFError,
        KeyError,
        TypeError,
        MemoryError,
        NotImplementedError,
        OverflowError,
        zlib.error,
    ) as error:
        raise _damaged(path, reader, error) from error


def _damaged(path: Path, reader: Any, error: BaseException) -> BadInput:
    try:
        found: BadInput | None = reader.damage(path)
    except (OSError, EOFError, ValueError, zlib.error):
        found = None
    if found is not None:
        return found
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(error, UnicodeError) or "UTF8" in said or "utf-8" in said:
        return BadInput("the file is not UTF-8 text", "save it as UTF-8", Place(str(path)))
    return BadInput(f"the file cannot be read: {said}", place=Place(str(path)))
