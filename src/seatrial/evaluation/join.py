"""Joining rows of two files by id: every example once, none too many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import BadInput, Place
from seatrial.named_tuple import NamedTuple

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

_SHOWN = 5


class Ids(NamedTuple):
    path: Path
    values: Any  # an arrow array of texts; None where the file has no ids
    rows: int


def match(truth: Ids, given: Ids, notes: list[str]) -> NDArray[int64] | None:
    """For each row of `truth` the row of `given` with its id; None where they are in the same order."""
    if given.path == truth.path:
        _refuse_doubles(truth)
        return None
    if truth.values is None and given.values is None:
        _by_order(truth, given, notes)
        return None
    for one, other in ((truth, given), (given, truth)):
        if one.values is None:
            hint = f"{other.path} has ids, so this file needs them too"
            raise BadInput("the column of ids is missing", hint, Place(str(one.path)))
    if truth.values.equals(given.values):
        _refuse_doubles(truth)
        return None
    return _by_id(truth, given)


def _by_order(truth: Ids, given: Ids, notes: list[str]) -> None:
    if truth.rows != given.rows:
        hint = "add a column 'id' to both, or predict every example once"
        message = f"{given.rows:,} rows, but {truth.path} has {truth.rows:,}"
        raise BadInput(message, hint, Place(str(given.path)))
    notes.append("the files have no ids, so their rows are taken to be in the same order")


def _by_id(truth: Ids, given: Ids) -> NDArray[int64]:
    """Looked up once: as many rows, each found elsewhere, leave no id double, missing or extra."""
    import numpy as np
    from pyarrow import compute

    found = compute.index_in(truth.values, value_set=given.values)
    if found.null_count or given.rows != truth.rows:
        _refuse_mismatch(truth, given, found)
    rows = np.asarray(found, dtype=np.int64)
    if np.bincount(rows).max() > 1:
        _refuse_doubles(truth)
    return rows


def _refuse_mismatch(truth: Ids, given: Ids, found: Any) -> None:
    from pyarrow import compute

    _refuse_doubles(truth)
    _refuse_doubles(given)
    if found.null_count:
        shown = _first(truth.values.filter(found.is_null()))
        missing = f"{found.null_count:,} of the {truth.rows:,} ids of {truth.path}"
        message = f"{missing} {'is' if found.null_count == 1 else 'are'} missing: {shown}"
        raise BadInput(message, "predict every example of the data once", Place(str(given.path)))
    known = compute.is_in(given.values, value_set=truth.values)
    shown = _first(given.values.filter(compute.invert(known)))
    count = given.rows - truth.rows
    message = f"{count:,} {'id is' if count == 1 else 'ids are'} not in {truth.path}: {shown}"
    raise BadInput(message, "predict the examples of the data and no others", Place(str(given.path)))


def _refuse_doubles(given: Ids) -> None:
    from pyarrow import compute

    if given.values is None or compute.count_distinct(given.values).as_py() == given.rows:
        return
    counts = compute.value_counts(given.values)
    double = counts.field(0).filter(compute.greater(counts.field(1), 1))
    what = "1 id occurs" if len(double) == 1 else f"{len(double):,} ids occur"
    message = f"{what} more than once: {_first(double)}"
    is_number = compute.any(compute.match_substring_regex(double, r"^-?[0-9]+\.[0-9]+$")).as_py()
    hint = "an id names one example" + ("; as numbers 1.1 and 1.10 are the same" if is_number else "")
    raise BadInput(message, hint, Place(str(given.path)))


def _first(ids: Any) -> str:
    shown = ", ".join(repr(value) for value in ids.slice(0, _SHOWN).to_pylist())
    return f"{shown}, …" if len(ids) > _SHOWN else shown
