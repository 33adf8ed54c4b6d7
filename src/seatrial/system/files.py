"""Files: written whole or not at all, copied cheaply, and never outside the folder that was meant."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from itertools import count
from pathlib import Path

from seatrial.errors import BadInput, Place

_serial = count()


def beside(path: Path) -> Path:
    """A fresh name in the folder of `path`, for what is renamed to it when it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.{next(_serial)}.partial")


def write(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = False) -> None:
    """Replace the file `path` by `content` in one instant.

    `durable` survives a power cut; without it, only the death of this process.
    """
    partial = beside(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "wb", closefd=True) as file:  # noqa: PTH123 - from a descriptor
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inside(folder: Path, name: str) -> Path:
    """`folder / name`, for a `name` from outside. Raises BadInput when it would leave the folder."""
    ask_inside(name)
    return folder / name


def ask_inside(name: str) -> None:
    """Raises BadInput for a name from outside that leaves the folder it is meant for, or is that itself."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or all(part in ("", ".") for part in parts):
        raise BadInput(f"the path {name!r} leaves its folder", hint="give a relative path without '..'")


def ask_regular(path: Path) -> None:
    """Raises BadInput for what is there but is no file: a folder, or what may keep a reader waiting for ever
    (a pipe, a device, a socket)."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return  # who opens it says what is wrong
    if stat.S_ISREG(mode):
        return
    names = {stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    kind = names.get(stat.S_IFMT(mode), "device")
    hint = "" if kind == "folder" else "write what it gives to a file, and name that"
    raise BadInput(f"this is a {kind}, not a file", hint, Place(str(path)))


def remove(path: Path) -> None:
    """Remove a file or a folder, however deep, also one that its owner made read-only. Missing is fine."""
    with suppress(OSError, RecursionError):  # nearly always that is all; else the rest is for the long way
        _remove_plainly(os.fspath(path))
        return
    try:
        if path.is_dir() and not path.is_symlink():
            import shutil

            shutil.rmtree(path, onerror=_make_writable_and_retry)
        else:
            path.unlink(missing_ok=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ENAMETOOLONG, errno.EMFILE):
            raise
        _remove_deep(path)


def empty(folder: Path) -> None:
    """Remove all that is in a folder. Raises OSError, or RecursionError, for what only `remove` can."""
    _empty_plainly(os.fspath(folder))


def _remove_plainly(name: str, parent: int | None = None) -> None:
    _empty_plainly(name, parent)
    os.rmdir(name, dir_fd=parent)


def _empty_plainly(name: str, parent: int | None = None) -> None:
    """By descriptors, so that nobody can lead us out of the folder by a link."""
    here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        with os.scandir(here) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for inner, is_folder in found:
            if is_folder:
                _remove_plainly(inner, here)
            else:
                os.unlink(inner, dir_fd=here)
    finally:
        os.close(here)


def _remove_deep(top: Path) -> None:
    """Remove a folder that is deeper than a path can name: what lies in it comes up to its top, by and by."""
    names = count()
    while folders := _folders_in(top):
        for folder in folders:
            for inner in _folders_in(folder):
                while os.path.lexists(aside := top / f".{next(names)}"):
                    continue
                inner.rename(aside)
            remove(folder)
    remove(top)


def _folders_in(folder: Path) -> list[Path]:
    folder.chmod(stat.S_IRWXU)
    with os.scandir(folder) as entries:
        found = [folder / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for one in found:
        one.chmod(stat.S_IRWXU)  # a folder that may not be written cannot be moved either
    return found


def _make_writable_and_retry(_function: object, name: str, _error: object) -> None:
    parent = Path(name).parent
    if not os.path.lexists(name):
        return
    parent.chmod(parent.stat().st_mode | stat.S_IRWXU)
    if not Path(name).is_symlink() and Path(name).is_dir():
        import shutil

        Path(name).chmod(stat.S_IRWXU)
        shutil.rmtree(name, onerror=_make_writable_and_retry)
    else:
        Path(name).unlink()
