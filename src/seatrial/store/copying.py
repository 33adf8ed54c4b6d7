"""Copies of files: cloned where the file system can, else read once and hashed on the way."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from itertools import count
from pathlib import Path

from seatrial.errors import BadInput, Infrastructure, Problem
from seatrial.system import disk

CHUNK = 1 << 20
_SMALL = 1 << 15  # hashlib makes a buffer of eight times that for whatever it reads by itself
_FICLONE = 0x40049409
# What a move into the store may fail with where a copy does not: another file system, or another's file.
NOT_OURS = frozenset({errno.EXDEV, errno.EACCES, errno.EPERM})

_serial = count()
_token = os.urandom(6).hex()
_cannot_clone: set[tuple[int, int]] = set()


def partial_name(root: Path) -> str:
    """A fresh name for what is not whole yet: no process, also of another container, gives it again."""
    return f"{root}/partial/{os.getpid()}.{_token}.{next(_serial)}"


def open_to_read(name: str, *, follow: bool = True) -> int:
    """A descriptor of a file from outside. Raises BadInput where it cannot be read."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        return os.open(name, flags)
    except OSError as error:
        raise BadInput(f"cannot read {name!r}: {error.strerror}") from error


def clone(source: int, target: int) -> bool:
    """Let `target` (an empty file) share the blocks of `source`; False where that cannot be done."""
    pair = (os.fstat(source).st_dev, os.fstat(target).st_dev)
    if pair in _cannot_clone:
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError as error:
        if error.errno in disk.FULL:
            raise
        _cannot_clone.add(pair)
        return False
    return True


def hash_of(source: int) -> str:
    """The digest of an open file, from its start."""
    os.lseek(source, 0, os.SEEK_SET)
    if os.fstat(source).st_size <= _SMALL:
        state = hashlib.sha256()
        while chunk := os.read(source, _SMALL):
            state.update(chunk)
        return "sha256:" + state.hexdigest()
    with open(source, "rb", buffering=0, closefd=False) as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: int, target: int) -> str:
    """Fill the empty file `target` (open to read and write) from `source`; the digest of what it got."""
    if clone(source, target):
        return hash_of(target)
    state = hashlib.sha256()
    os.lseek(source, 0, os.SEEK_SET)
    while chunk := os.read(source, CHUNK):
        state.update(chunk)
        write_all(target, chunk)
    return "sha256:" + state.hexdigest()


def write_all(target: int, content: bytes) -> None:
    written = os.write(target, content)
    while written < len(content):
        written += os.write(target, memoryview(content)[written:])


def write_file(name: str, content: bytes, mode: int) -> None:
    """Write a new file; nothing of it is left when that fails."""
    target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        write_all(target, content)
    except BaseException:
        os.unlink(name)  # noqa: PTH108 - hot
        raise
    finally:
        os.close(target)


def copy_file(source: int, name: str, mode: int) -> str:
    """Copy an open file to a new one and return its digest; nothing of it is left when that fails."""
    target = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        return copy(source, target)
    except BaseException:
        os.unlink(name)  # noqa: PTH108 - hot
        raise
    finally:
        os.close(target)


def cannot_write(error: OSError, place: Path | str) -> Problem:
    """The error for a write that failed."""
    known = disk.problem(error, Path(place))
    return known or Infrastructure(f"cannot write {place}: {error.strerror}", hint="see `seatrial doctor`")
