"""The disk: what keeps us from writing to it, how much is free, and a reserve for the day when nothing is."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from seatrial.errors import BadInput, Infrastructure, Problem

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DENIED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
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


class Unwritable(BadInput):
    """This user may not write where `place` is."""

    def __init__(self, place: Path) -> None:
        why = "its file system is read-only" if _is_read_only(place) else "this user may not"
        super().__init__(f"{place} cannot be written: {why}", "set SEATRIAL_HOME to a folder that can")


def problem(error: OSError, place: Path) -> Problem | None:
    """What a failed write at a place stands for, where that is the disk, or its owner, and no defect."""
    if error.errno in FULL:
        return FullDisk(place)
    return Unwritable(place) if error.errno in DENIED else None


def problem_within(error: OSError, home: Path) -> Problem | None:
    """The same for an error that nobody expected: most of what is not in the home, we only read."""
    place = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else home
    if error.errno in DENIED and place.is_relative_to(home):
        return Unwritable(place if is_writable(home) else home)
    return FullDisk(place) if error.errno in FULL else None


def is_writable(place: Path) -> bool:
    """Whether this user may write to a file, make one in a folder, or make what is missing."""
    return os.access(_there(place), os.W_OK)


def is_seen_to_be_missing(place: Path) -> bool:
    """Whether there is no such file, and nobody keeps us from seeing that."""
    return not os.path.lexists(place) and os.access(_there(place), os.X_OK)


def _is_read_only(place: Path) -> bool:
    return bool(os.statvfs(_there(place)).f_flag & os.ST_RDONLY)


def _there(place: Path | str) -> Path:
    """The place, or where it is missing the nearest folder above it."""
    at = Path(place).absolute()
    return next(one for one in (at, *at.parents) if os.path.exists(one))  # noqa: PTH110 - one that we may not look into is not there


def free(place: Path | str) -> int:
    """The bytes that we may still write at a place, there or not yet; 0 where no file can be made."""
    found = os.statvfs(_there(place))
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
