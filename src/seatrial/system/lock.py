"""Locks between processes, that the kernel lets go of when their holder dies."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the exclusive lock of the file `path` (made when missing); waits for whoever has it."""
    with _held(path, fcntl.LOCK_EX):
        yield


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold the lock of the file `path` together with others who share it; waits for an exclusive holder."""
    with _held(path, fcntl.LOCK_SH):
        yield


@contextmanager
def _held(path: Path, kind: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def try_hold(path: Path) -> int | None:
    """The descriptor that holds the lock until it is closed (or this process dies); None: another has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_held(path: Path) -> bool:
    """Whether some process has the lock at this moment."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class Many:
    """As many locks as there are digests, in one file: to take one makes no file, and costs a microsecond.

    A process has them, not a descriptor: when it closes the file anywhere, the kernel lets go of all. So a
    process has one of these a file, see `many`, and never closes it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held: set[str] = set()
        self._turn = threading.Lock()

    def try_hold(self, digest: str) -> bool:
        """Whether it is ours from now on; False: another has it, in this process or in another."""
        with self._turn:
            if digest in self._held:
                return False
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(digest))
            except (BlockingIOError, PermissionError):
                return False
            self._held.add(digest)
            return True

    def let_go(self, digest: str) -> None:
        with self._turn:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _place(digest))
            self._held.remove(digest)


_making = threading.Lock()  # a cache alone lets two threads make one each


def many(path: Path) -> Many:
    """The locks of the file `path` (made when missing)."""
    with _making:
        return _many(path)


@cache
def _many(path: Path) -> Many:
    return Many(path)


def _place(digest: str) -> int:
    """A byte of the file that only this digest has; the file itself is empty."""
    return int(digest.rpartition(":")[2][:15], 16)
