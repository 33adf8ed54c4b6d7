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
_RESERVE_SIZE = 2 << 20


class FullDisk(Infrastructure):
    """Nothing more can be written where `folder` is."""

    def __init__(self, folder: Path) -> None:
        said = f"no space is left for {folder}: {free(folder):,} bytes are free on its disk"
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
        os.posix_fallocate(descriptor, 0, _RESERVE_SIZE)
    except OSError:
        give_up_reserve(folder)
    finally:
        os.close(descriptor)


def give_up_reserve(folder: Path) -> None:
    """Let the reserve go, so that a database can be opened and changed in what it took."""
    with suppress(OSError):
        (folder / _RESERVE).unlink()
