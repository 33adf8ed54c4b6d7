"""A loaded pipeline as bytes that are quick to read, to be kept under the digest of its file.

The bytes are Python's own `marshal` of nested lists: of what needs no import, the fastest to read. They are
for this version of seatrial and of Python alone, so both stand first, and whoever finds others reads the
file again. A checksum stands before all, since damage inside a text would go unseen. `marshal` is not safe
against bytes made by an enemy: keep them where only the user can write.
"""

from __future__ import annotations

import marshal
import sys
from binascii import crc32
from collections.abc import Callable
from typing import Any

from seatrial import __version__, errors
from seatrial.pipeline import container, finding, parameter, pipeline, step
from seatrial.pipeline.loaded import Loaded

# A NamedTuple is kept as a list: its place in this table, then its fields. A Program cannot be kept.
_VALUES: tuple[type, ...] = (
    Loaded,
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
    pipeline.Again,
    pipeline.Shared,
    pipeline.Stage,
    pipeline.Predictions,
    pipeline.Metric,
    pipeline.Environment,
    parameter.Parameter,
    pipeline.Trigger,
    pipeline.Pipeline,
    container.Registry,
    container.Build,
    container.Container,
    step.Shell,
    step.Echo,
    step.Dir,
    step.Retry,
    step.WithEnv,
    step.Credential,
    step.WithCredentials,
    step.Inside,
    step.WithRegistry,
    step.Limit,
    step.Catch,
    step.Mark,
    step.SetVariable,
    step.Write,
    step.Clear,
    step.Zip,
    step.Unzip,
    step.Checkout,
    step.Tests,
    step.Archive,
    step.Stash,
    step.Unstash,
    step.TakeCache,
    step.KeepCache,
    step.LeaveOut,
    step.Fail,
)
_NUMBERS = {value: number for number, value in enumerate(_VALUES)}
_MAKERS: tuple[Callable[[Any], Any], ...] = tuple(value._make for value in _VALUES)  # type: ignore[attr-defined]
_PLAIN = frozenset((str, int, float, bool, type(None)))
_NESTED = frozenset((list, tuple))
_HEADER = [
    "seatrial pipeline",
    __version__,
    sys.implementation.cache_tag,
    *(f"{value.__name__} {' '.join(value._fields)}" for value in _VALUES),  # type: ignore[attr-defined]
]


class _NotKept(Exception):  # noqa: N818 - it never leaves this file
    """A value has no bytes."""


def encode(loaded: Loaded) -> bytes | None:
    """The bytes to keep; None where the pipeline holds a program, which can only be read anew."""
    try:
        data = marshal.dumps([_HEADER, _lists(loaded)])
    except _NotKept:
        return None
    return _checksum(data) + data


def decode(data: bytes) -> Loaded | None:
    """What was encoded; None where the bytes are damaged, or another version's."""
    if data[:4] != _checksum(data[4:]):
        return None
    try:
        header, value = marshal.loads(data[4:])  # noqa: S302 - our own bytes, from our own folder
        loaded = _values(value) if header == _HEADER else None
    except (ValueError, TypeError, EOFError, IndexError):
        return None
    return loaded if isinstance(loaded, Loaded) else None


def _checksum(data: bytes) -> bytes:
    return crc32(data).to_bytes(4, "big")


def _lists(value: Any) -> Any:
    number = _NUMBERS.get(type(value))
    if number is None and type(value) is not tuple:
        raise _NotKept
    parts = [item if type(item) in _PLAIN else _lists(item) for item in value]
    return tuple(parts) if number is None else [number, *parts]


def _values(value: Any) -> Any:
    """The value of a list or a tuple; all else is passed by, since most of a pipeline is text."""
    built = [_values(item) if type(item) in _NESTED and item else item for item in value]
    return tuple(built) if type(value) is tuple else _MAKERS[built[0]](built[1:])
