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

    from seatrial.evaluation.spelling import Spellings

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


def codes(
    cells: Any,
    known: dict[str, int],
    source: Source,
    spellings: Spellings | None = None,
    *,
    optional: bool = False,
) -> Codes:
    """Each cell's number in `known`, which learns the labels that it does not have yet, as `spellings` learn
    how they are written.

    An empty cell is BadInput, or where cells are `optional` the label MISSING.
    """
    import numpy as np

    names, index = _dictionary(cells, source, spellings)
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


def different(cells: Any, source: Source) -> set[str | None]:
    """The labels among the cells; None for the empty ones."""
    return set(_dictionary(cells, source)[0])


def _dictionary(
    cells: Any, source: Source, spellings: Spellings | None = None
) -> tuple[list[str | None], Any]:
    """The different labels, and for each cell the position of its own.

    A dictionary may name what no cell is (the unused categories of pandas): that is no label of the data.
    """
    import numpy as np
    import pyarrow as arrow

    try:
        is_encoded = arrow.types.is_dictionary(cells.type)
        encoded = cells if is_encoded else cells.dictionary_encode(null_encoding="encode")
        size = len(encoded.dictionary)
        indices = encoded.indices
        if indices.null_count:  # in 8 bits there may be no room for one more
            indices = indices.cast(arrow.int64()).fill_null(size)
        index = np.asarray(indices)
        used = np.bincount(index, minlength=size).nonzero()[0]
        values = _values(encoded.dictionary.take(arrow.array(used[used < size])))
    except (arrow.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise _no_labels(cells, source) from error
    if any(isinstance(value, (dict, list, bytes)) for value in values):
        raise _no_labels(cells, source)
    names = [labels.text(value) for value in values] + [None] * (len(used) - len(values))
    if spellings:
        spellings.learn((source.path, source.column), values, names)
    if not len(used) or used[-1] < len(used):  # all of them
        return names, index
    position = np.zeros(size + 1, np.int64)
    position[used] = np.arange(len(used))
    return names, position[index]


def _values(dictionary: Any) -> list[object]:
    """As Python has them. A float of half the length has fewer digits: its 0.1 is not 0.10000000149011612."""
    import pyarrow as arrow

    if arrow.types.is_float32(dictionary.type) or arrow.types.is_float16(dictionary.type):
        return [float(str(value)) for value in dictionary.to_numpy(zero_copy_only=False)]
    found: list[object] = dictionary.to_pylist()
    return found


def _no_labels(cells: Any, source: Source) -> BadInput:
    return source.error(0, f"{source.column!r} is no column of labels: {cells.type}")


def numbers(cells: Any, source: Source, *, infinite: bool = False, optional: bool = False) -> Floats:
    """The cells as numbers. Text is BadInput; so are infinity and nothing (NaN), unless allowed."""
    import numpy as np
    import pyarrow as arrow
    from pyarrow import compute

    if arrow.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if _is_text(cells):
        cells = compute.utf8_trim_whitespace(cells)
        if optional:
            cells = compute.if_else(compute.equal(cells, ""), None, cells)
    elif not _holds_numbers(cells):
        raise source.error(0, f"{source.column!r} holds {cells.type}, not numbers")
    if cells.null_count and not optional:
        raise source.cell_error(
            int(np.asarray(cells.is_null()).argmax()), f"the {source.column!r} is missing"
        )
    values = _as_floats(cells, source)
    wrong = np.isnan(values) if infinite else ~(np.abs(values) <= GREATEST)
    if wrong.any() and not optional:
        index = int(wrong.argmax())
        raise source.cell_error(
            index, f"the {source.column!r} is {_wrong_number(float(values[index]))}", _FINITE
        )
    return values


def _is_text(cells: Any) -> bool:
    import pyarrow as arrow

    return bool(arrow.types.is_string(cells.type) or arrow.types.is_large_string(cells.type))


def _holds_numbers(cells: Any) -> bool:
    import pyarrow as arrow

    kinds = (arrow.types.is_integer, arrow.types.is_floating, arrow.types.is_decimal, arrow.types.is_null)
    return any(is_kind(cells.type) for is_kind in kinds)


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
        if not _is_text(cells):
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
    """The cells as an arrow array of texts, to be compared across files as labels are."""
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
    return _at_their_shortest(texts)


def _at_their_shortest(texts: Any) -> Any:
    """Ids as `labels.text` writes them. All differ, so arrow does it, and Python what has an exponent."""
    import pyarrow as arrow
    from pyarrow import compute

    if compute.all(compute.ascii_is_decimal(texts)).as_py():
        return texts
    if not compute.any(compute.match_substring_regex(texts, r"^-?[0-9]+[.eE]|^-0$")).as_py():
        return texts
    for zeros in (rf"^({_WHOLE})\.0+$", rf"^({_WHOLE}\.[0-9]*[1-9])0+$"):
        texts = compute.replace_substring_regex(texts, zeros, r"\1")
    others = compute.match_substring_regex(texts, r"^-?[0-9.]+[eE][-+0-9]+$|^-0$")
    if not compute.any(others).as_py():
        return texts
    shortest = [labels.text(one) for one in texts.filter(others).to_pylist()]
    return compute.replace_with_mask(texts, others, arrow.array(shortest, texts.type))


_WHOLE = "-?(?:0|[1-9][0-9]*)"
