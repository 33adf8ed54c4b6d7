"""A loaded pipeline as bytes that are quick to read, to be kept under the digest of its file.

The bytes are Python's own `marshal` of nested lists: of what needs no import, the fastest to read. They are
for this version of seatrial and of Python alone, so both stand first, and whoever finds others reads the
file again. `marshal` is not safe against bytes made by an enemy: keep them where only the user can write.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable
from typing import Any

from seatrial import __version__, errors
from seatrial.pipeline import finding, load, pipeline, step

# A NamedTuple is kept as a list: its place in this table, then its fields. A Program cannot be kept.
_VALUES: tuple[type, ...] = (
    load.Loaded,
    errors.Place,
    finding.Finding,
    pipeline.Gate,
    pipeline.Evaluate,
    pipeline.Predict,
    pipeline.Package,
    pipeline.Release,
    pipeline.Approve,
    pipeline.Matrix,
    pipeline.Resources,
    pipeline.Service,
    pipeline.Finally,
    pipeline.Stage,
    pipeline.Environment,
    pipeline.Pipeline,
    step.Shell,
    step.Echo,
    step.Dir,
    step.Fail,
)
_NUMBERS = {value: number for number, value in enumerate(_VALUES)}
_MAKERS: tuple[Callable[[Any], Any], ...] = tuple(value._make for value in _VALUES)  # type: ignore[attr-defined]
_HEADER = [
    "seatrial pipeline",
    __version__,
    sys.implementation.cache_tag,
    *(f"{value.__name__} {' '.join(value._fields)}" for value in _VALUES),  # type: ignore[attr-defined]
]


class _NotKept(Exception):  # noqa: N818 - it never leaves this file
    """A value has no bytes."""


def encode(loaded: load.Loaded) -> bytes | None:
    """The bytes to keep; None where the pipeline holds a program, which can only be read anew."""
    try:
        return marshal.dumps([_HEADER, _lists(loaded)])
    except _NotKept:
        return None


def decode(data: bytes) -> load.Loaded | None:
    """What was encoded; None where the bytes are damaged, or another version's."""
    try:
        header, value = marshal.loads(data)  # noqa: S302 - our own bytes, from our own folder
        loaded = _values(value) if header == _HEADER else None
    except (ValueError, TypeError, EOFError, IndexError):
        return None
    return loaded if isinstance(loaded, load.Loaded) else None


def _lists(value: Any) -> Any:
    number = _NUMBERS.get(type(value))
    if number is not None:
        return [number, *map(_lists, value)]
    if type(value) is tuple:
        return tuple(map(_lists, value))
    if value is None or type(value) in (str, int, float, bool):
        return value
    raise _NotKept


def _values(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        return tuple(map(_values, value)) if value else value
    if kind is list:
        return _MAKERS[value[0]](map(_values, value[1:]))
    return value
