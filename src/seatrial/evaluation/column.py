"""Columns of a table in the compact form in which they are kept: codes of labels, numbers, ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput
from seatrial.evaluation import labels
from seatrial.evaluation.moments import GREATEST
from seatrial.evaluation.table import place_of
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from numpy import float64, uint16
    from numpy.typing import NDArray

    Codes = NDArray[uint16]
    Floats = NDArray[float64]

MOST_LABELS = 65_535
MISSING = "(missing)"  # the slice of the examples whose cell is empty

_SHOWN = 60  # characters of a hostile cell


class Source(NamedTuple):
    """Where a block of cells comes from, to say so in an error."""

    path: Path
    column: str
    row: int  # of the block's first cell, from 0

    def error(self, index: int, message: str, hint: str = "") -> BadInput:
        return BadInput(message, hint, place_of(self.path, self.row + index))

    def cell_error(self, index: int, message: str, hint: str = "") -> BadInput:
        """The error of one cell, which names its row where the format has no lines."""
        problem = self.error(index, message, hint)
        if problem.place and not problem.place.line:
            problem.message += f" in row {self.row + index + 1:,}, counted from 1"
        return problem


def codes(cells: Any, known: dict[str, int], source: Source, *, optional: bool = False) -> Codes:
    """Each cell's number in `known`, which learns the labels that it does not have yet.

    An empty cell is BadInput, or where cells are `optional` the label MISSING.
    """
    import numpy as np

    unique, index = _dictionary(cells, source)
    names = [labels.text(value) for value in unique]
    if not optional and None in names:
        empty = int((index == names.index(None)).argmax())
        raise source.cell_error(empty, f"the {source.column!r} is missing", "every row needs one")
    numbers = [known.setdefault(MISSING if name is None else name, len(known)) for name in names]
    if len(known) > MOST_LABELS:
        hint = "is this a column of numbers? then say task: regression"
        raise source.error(0, f"{source.column!r} has more than {MOST_LABELS:,} different values", hint)
    lookup: Codes = np.array(numbers, np.uint16)
    found: Codes = lookup[index]
    return found


def _dictionary(cells: Any, source: Source) -> tuple[list[object], Any]:
    """The different values, and for each cell the position of its own."""
    import numpy as np
    import pyarrow as arrow

    try:
        encoded = (
            cells
            if arrow.types.is_dictionary(cells.type)
            else cells.dictionary_encode(null_encoding="encode")
        )
        unique = encoded.dictionary.to_pylist()
        index = encoded.indices.fill_null(len(unique)) if encoded.indices.null_count else encoded.indices
    except (arrow.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise source.error(0, f"{source.column!r} is no column of labels: {cells.type}") from error
    if any(isinstance(value, (dict, list, bytes)) for value in unique):
        raise source.error(0, f"{source.column!r} is no column of labels: {cells.type}")
    if encoded.indices.null_count:
        unique.append(None)
    return unique, np.asarray(index)


def numbers(cells: Any, source: Source, *, infinite: bool = False) -> Floats:
    """The cells as numbers. NaN, nothing and text are BadInput; so is infinity, unless allowed."""
    import numpy as np
    import pyarrow as arrow
    from pyarrow import compute

    text = arrow.types.is_string(cells.type) or arrow.types.is_large_string(cells.type)
    if text:
        cells = compute.utf8_trim_whitespace(cells)
    elif arrow.types.is_boolean(cells.type) or not arrow.types.is_primitive(cells.type):
        raise source.error(0, f"{source.column!r} holds {cells.type}, not numbers")
    if cells.null_count:
        raise source.cell_error(
            int(np.asarray(cells.is_null()).argmax()), f"the {source.column!r} is missing"
        )
    values = _as_floats(cells, source)
    wrong = np.isnan(values) if infinite else ~(np.abs(values) <= GREATEST)
    if wrong.any():
        index = int(wrong.argmax())
        raise source.cell_error(
            index, f"the {source.column!r} is {_wrong_number(float(values[index]))}", _FINITE
        )
    return values


_FINITE = "every row needs a finite number"


def _wrong_number(value: float) -> str:
    if value != value:
        return "not a number (NaN)"
    return f"{value:g}, which is too large to judge"


def _as_floats(cells: Any, source: Source) -> Floats:
    import numpy as np
    import pyarrow as arrow

    try:
        return np.asarray(cells.cast(arrow.float64(), safe=False), dtype=np.float64)
    except (arrow.ArrowException, ValueError, TypeError) as error:
        if not arrow.types.is_string(cells.type) and not arrow.types.is_large_string(cells.type):
            raise source.error(0, f"{source.column!r} holds {cells.type}, not numbers") from error
        index = _first_that_is_no_number(cells)
        cell = cells[index].as_py()
        if not cell:
            raise source.cell_error(index, f"the {source.column!r} is missing", _FINITE) from error
        shown = repr(cell[:_SHOWN]) + ("…" if len(cell) > _SHOWN else "")
        raise source.cell_error(index, f"the {source.column!r} {shown} is not a number", _FINITE) from error


def _first_that_is_no_number(cells: Any) -> int:
    """By halving: whether a beginning of the cells can be read tells where the first bad one is."""
    import pyarrow as arrow

    low, high = 0, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            cells.slice(low, middle - low).cast(arrow.float64())
            low = middle
        except arrow.ArrowException:
            high = middle
    return low


def ids(cells: Any, source: Source) -> Any:
    """The cells as an arrow array of texts, to be compared across files; whole numbers at their shortest."""
    import numpy as np
    import pyarrow as arrow
    from pyarrow import compute

    try:
        if arrow.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if arrow.types.is_floating(cells.type):
            cells = cells.cast(arrow.int64())
        texts = cells.cast(arrow.large_string())
    except (arrow.ArrowException, ValueError, TypeError) as error:
        hint = "an id is a text or a whole number"
        raise source.error(0, f"{source.column!r} is no column of ids: {cells.type}", hint) from error
    empty = np.asarray(compute.fill_null(compute.equal(texts, ""), True))
    if empty.any():
        raise source.cell_error(
            int(empty.argmax()), f"the {source.column!r} is missing", "every row needs one"
        )
    return texts
