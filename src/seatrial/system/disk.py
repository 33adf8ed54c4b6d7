"""The disk: how much of it is free, the error when there is nothing left, and a reserve for that day."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from seatrial.errors import Infrastructure

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
LEAST = 1 << 20  # bytes: with less than this, a database cannot be counted on to open
_RESERVE = "reserve"
_RESERVE_SIZES = (2 << 20, 1 << 20, 512 << 10, 256 << 10)  # the largest that is to be had


class FullDisk(Infrastructure):
    """Nothing more can be written where `folder` is."""

    SAID = "no space is left for "

    def __init__(self, folder: Path) -> None:
        said = f"{self.SAID}{folder}: {free(folder):,} bytes are free on its disk"
        hint = "`seatrial cache collect` removes what nothing uses, with `--older-than 7` old results too"
        super().__init__(said, hint)


def free(place: Path | str) -> int:
    """The bytes that we may still write at a place, there or not yet; 0 where no file can be made."""
    at = Path(place).absolute()
    there = next(one for one in (at, *at.parents) if one.exists())
    found = os.statvfs(there)
    if found.f_files and not found.f_favail:
        return 0
    return found.f_bavail * found.f_frsize


def is_full(place: Path | str) -> bool:
    return free(place) < LEAST


def keep_reserve(folder: Path) -> None:
    """Take some space for the day when there is none, where it is to be had."""
    path = folder / _RESERVE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return
    try:
        if not any(_take(descriptor, size) for size in _RESERVE_SIZES):
            give_up_reserve(folder)
    finally:
        os.close(descriptor)


def _take(descriptor: int, size: int) -> bool:
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
        return False
    return True


def reserve(folder: Path) -> int:
    """The bytes that are kept."""
    try:
        return (folder / _RESERVE).stat().st_size
    except OSError:
        return 0


def give_up_reserve(folder: Path) -> None:
    """Let the reserve go, so that a database can be opened and changed in what it took."""
    with suppress(OSError):
        (folder / _RESERVE).unlink()
