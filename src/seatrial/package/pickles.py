"""What a pickle would import and call, found without importing or calling anything.

Loading a pickle runs whatever it names, so the names are held against a list of harmless ones: what is not
on the list is reported. The opcodes are followed on a stack of inert values; joblib's arrays, which stand
between the opcodes as raw bytes, are stepped over, and code behind them is seen as well. A file that cannot
be followed to its end is reported, never called clean.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickletools
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

from seatrial.named_tuple import NamedTuple

SUFFIXES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
HARMLESS = frozenset(
    {
        "__builtin__.frozenset",
        "__builtin__.set",
        "_codecs.encode",
        "builtins.bytearray",
        "builtins.complex",
        "builtins.frozenset",
        "builtins.range",
        "builtins.set",
        "builtins.slice",
        "collections.OrderedDict",
        "collections.defaultdict",
        "copyreg._reconstructor",
        "datetime.date",
        "datetime.datetime",
        "joblib.numpy_pickle.NumpyArrayWrapper",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
        "numpy._core.numeric._frombuffer",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy.core.numeric._frombuffer",
        "numpy.dtype",
        "numpy.ndarray",
        "torch.FloatStorage",
        "torch.LongStorage",
        "torch._utils._rebuild_tensor_v2",
    }
)

_ARRAY = "joblib.numpy_pickle.NumpyArrayWrapper"
_MOST = 16 << 20  # opcodes of one file, which take a minute or two; those of arrays are not among them
_LARGEST = 256 << 20  # what is unpacked and held of one file; arrays are stepped over
_HELD = 1 << 20  # a longer value is stepped over: it names nothing
_EACH = 32  # counted for each read beside its bytes: the value of the shortest opcode takes memory as well
_CHUNK = 1 << 16
_MOST_SIDES = 64  # as many as NumPy takes
_MARK = object()
_UNREADABLE = (
    AttributeError,
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)


class UnreadableError(Exception):
    """The file looks like a pickle, but cannot be followed to its end."""


class _Budget:
    """What may be looked at of one file, of all its streams together."""

    def __init__(self) -> None:
        self.bytes, self.opcodes = _LARGEST, _MOST

    def take_opcode(self) -> None:
        self.opcodes -= 1
        if self.opcodes < 0:
            raise UnreadableError("it has more opcodes than can be looked at")


class _Made(NamedTuple):
    """What a pickle would have made: by which global, from what; `state` collects what is set on it later."""

    name: str
    arguments: object
    state: list[object]


def is_pickle(path: Path, name: str) -> bool:
    """Whether a file of this name, with its content at `path`, has to be taken for a pickle."""
    with path.open("rb") as file:
        start = file.read(2)
    return name.lower().endswith(SUFFIXES) or (
        start[:1] == b"\x80" and start[1:] in (b"\2", b"\3", b"\4", b"\5")
    )


def harmful(path: Path) -> tuple[str, ...]:
    """The globals ("module.name") that a pickle names and that are not on the list, sorted.

    Raises UnreadableError.
    """
    budget = _Budget()
    try:
        found = {name for stream in _streams(path, budget) for name in _to_the_end(stream, budget)}
    except _UNREADABLE as error:
        raise UnreadableError(str(error)) from error
    return tuple(sorted(found - HARMLESS))


def _streams(path: Path, budget: _Budget) -> Iterator[BinaryIO]:
    """The pickles in a file: itself, unpacked where joblib packed it, or the members of a zip (torch)."""
    with path.open("rb") as file:
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"PK"):
            yield from _members(file, budget)
        elif start.startswith(b"\x1f\x8b"):
            yield _limited(gzip.GzipFile(fileobj=file), budget)
        elif start.startswith(b"BZh"):
            yield _limited(bz2.BZ2File(file), budget)
        elif start.startswith((b"\xfd7zXZ", b"\x5d\x00")):
            yield _limited(lzma.LZMAFile(file), budget)  # noqa: SIM115 - the file below is closed
        elif start[:1] == b"\x78":
            yield _limited(io.BufferedReader(_Zlib(file)), budget)
        else:
            yield cast(BinaryIO, _Plain(file, budget, 0))


def _members(file: BinaryIO, budget: _Budget) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".pkl")]
        if not names:
            raise UnreadableError("a zip without a pickle")
        for name in names:
            with archive.open(name) as member:
                yield _limited(cast(io.BufferedIOBase, member), budget)


def _limited(file: io.BufferedIOBase, budget: _Budget) -> BinaryIO:
    return cast(BinaryIO, _Limited(file, budget, _EACH))


class _Passed(bytes):
    """A value that was stepped over: nothing, of the length that it has."""

    def __len__(self) -> int:
        return self.size

    def __new__(cls, size: int) -> _Passed:
        made = super().__new__(cls)
        made.size = size
        return made

    size: int


class _Limited:
    """What of a file the opcodes are read by: a small packed file may unpack to more than any memory."""

    def __init__(self, file: io.BufferedIOBase | BinaryIO, budget: _Budget, each: int) -> None:
        self._file, self._budget, self._each = file, budget, each

    def read(self, size: int) -> bytes:
        if size > _HELD:
            if self.seek(size, io.SEEK_CUR) < size:
                raise UnreadableError("it ends within a value")
            return _Passed(size)
        return self._counted(self._file.read(size))

    def readline(self) -> bytes:
        return self._counted(self._file.readline(self._budget.bytes + 1))

    def _counted(self, content: bytes) -> bytes:
        self._budget.bytes -= len(content) + self._each
        if self._budget.bytes < 0:
            raise UnreadableError("it holds more than can be looked at")
        return content

    def seek(self, offset: int, _whence: int) -> int:
        """Go on from here; returns by how much. What is stepped over is not held and does not count."""
        left = offset
        while left and (content := self._file.read(min(left, _CHUNK))):
            left -= len(content)
        return offset - left


class _Plain(_Limited):
    """A file that nothing has packed: how many values it can have is bounded by its opcodes."""

    def seek(self, offset: int, _whence: int) -> int:
        there = os.fstat(self._file.fileno()).st_size - self._file.tell()
        self._file.seek(min(offset, max(there, 0)), io.SEEK_CUR)
        return min(offset, there)


class _Zlib(io.RawIOBase):
    """A zlib stream, unpacked as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._unpacker = file, zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = b""
        while not content and not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._file.read(_CHUNK)
            content = self._unpacker.decompress(packed, len(buffer))
            if not content and not packed:
                raise EOFError("it ends too early")
        buffer[: len(content)] = content
        return len(content)


def _to_the_end(file: BinaryIO, budget: _Budget) -> set[str]:
    found = _globals(file, budget)
    if file.read(1):
        raise UnreadableError("it goes on after its end")
    return found


def _globals(file: BinaryIO, budget: _Budget) -> set[str]:
    """All globals that the opcodes from here to STOP name."""
    found: set[str] = set()
    stack: list[object] = []
    memo: dict[object, object] = {}
    for opcode, argument, _position in pickletools.genops(file):
        budget.take_opcode()
        name = opcode.name
        if name in ("GLOBAL", "INST"):
            found.add(str(argument).replace(" ", "."))
        if name == "STACK_GLOBAL":
            found.add(_joined(stack[-2], stack[-1]))
        if name.startswith("EXT"):
            raise UnreadableError("it names a global by a number")
        _follow(name, argument, opcode, stack, memo)
        if name == "BUILD" and isinstance(stack[-1], _Made) and stack[-1].name == _ARRAY:
            found |= _step_over(file, dict(_pairs(stack[-1].state)), budget)
    return found


def _joined(module: object, name: object) -> str:
    if not isinstance(module, str) or not isinstance(name, str):
        raise UnreadableError("it computes the name of a global")
    return f"{module}.{name}"


def _follow(  # noqa: C901 - a table of opcodes
    name: str,
    argument: object,
    opcode: pickletools.OpcodeInfo,
    stack: list[object],
    memo: dict[object, object],
) -> None:
    """Do to the stack what an opcode does, with inert values."""
    if name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
        memo[len(memo) if name == "MEMOIZE" else argument] = stack[-1]
    elif name in ("GET", "BINGET", "LONG_BINGET"):
        stack.append(memo[argument])
    elif name == "DUP":
        stack.append(stack[-1])
    elif name == "STACK_GLOBAL":
        stack[-2:] = [_joined(stack[-2], stack[-1])]
    elif name == "GLOBAL":
        stack.append(str(argument).replace(" ", "."))
    elif name in ("REDUCE", "NEWOBJ"):
        called = stack[-2]  # in words only where it is a name: of what is nested, they may be without end
        stack[-2:] = [_Made(called if isinstance(called, str) else "", stack[-1], [])]
    elif name in ("BUILD", "SETITEM", "SETITEMS", "APPEND", "APPENDS"):
        _set(name, stack)
    elif name in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"):
        stack.append(tuple(_popped(stack, None if name == "TUPLE" else int(name[5:]))))
    elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_SET"):
        stack.append(_Made("", (), []))
    elif not opcode.stack_before and len(opcode.stack_after) == 1:
        stack.append(_MARK if name == "MARK" else _constant(name, argument))
    else:
        _generic(opcode, stack)


def _constant(name: str, argument: object) -> object:
    return {"NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}.get(name, argument)


def _set(name: str, stack: list[object]) -> None:
    values = _popped(stack, {"BUILD": 1, "SETITEM": 2, "APPEND": 1}.get(name))
    if isinstance(stack[-1], _Made):
        stack[-1].state.extend(values)


def _popped(stack: list[object], count: int | None) -> list[object]:
    """The last `count` values, or all above the last mark, which goes too."""
    if count is None:
        start = next((at for at in range(len(stack) - 1, -1, -1) if stack[at] is _MARK), None)
        if start is None:
            raise UnreadableError("it asks for a mark that is not there")
        values = stack[start + 1 :]
        del stack[start:]
    else:
        values = stack[-count:]
        del stack[-count:]
    return values


def _generic(opcode: pickletools.OpcodeInfo, stack: list[object]) -> None:
    """What pickletools says of an opcode that needs no values: how much it takes and how much it leaves."""
    before = opcode.stack_before
    if pickletools.markobject in before:
        _popped(stack, None)
        before = before[: before.index(pickletools.markobject)]
    if before:
        _popped(stack, len(before))
    stack.extend(_Made("", (), []) for _ in opcode.stack_after)


def _pairs(values: list[object]) -> Iterator[tuple[object, object]]:
    """The state of an object, which is one dict of alternating keys and values."""
    flat = values[0].state if len(values) == 1 and isinstance(values[0], _Made) else []
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if isinstance(key, str):
            yield key, value


def _step_over(file: BinaryIO, state: dict[object, object], budget: _Budget) -> set[str]:
    """Go behind the bytes of one of joblib's arrays; an array of objects is a pickle of its own."""
    dtype, shape = state["dtype"], state["shape"]
    if not isinstance(dtype, _Made) or not isinstance(dtype.arguments, tuple) or not isinstance(shape, tuple):
        raise UnreadableError("an array without a type")
    said = dtype.arguments[0]
    code = re.fullmatch(r"[<>=|]?([a-zA-Z])(\d{1,9})", said) if isinstance(said, str) else None
    if code is None:
        raise UnreadableError("an array of a type that is not known")
    if code[1] == "O":
        return _globals(file, budget)
    if code[1] not in "biufcSUmM":
        raise UnreadableError(f"an array of the type {code[0]!r}")
    if state.get("numpy_array_alignment_bytes") is not None:
        file.seek(file.read(1)[0], io.SEEK_CUR)
    width = int(code[2]) * (4 if code[1] == "U" else 1)
    sides = [n for n in shape if isinstance(n, int)]
    if len(sides) < len(shape) or min(sides, default=0) < 0:  # it would lead back, round and round
        raise UnreadableError("an array with a negative side")
    if len(sides) > _MOST_SIDES or max(sides, default=0) > sys.maxsize:
        raise UnreadableError("an array that is larger than any memory")
    file.seek(prod(sides) * width, io.SEEK_CUR)
    return set()
