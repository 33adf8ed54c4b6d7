"""Caches that a pipeline keeps by keys of its own, from one run of a project to the next.

<home>/caches/<project>/<time>/key, and the files that were kept. A cache never changes: the first of a key
stands. What a pull request keeps has its number in the file `request`, and is for its own runs only: they
find what others have kept, and change nothing of it. A step in a container writes the folders that we copy
from and to, so no link is followed there.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from seatrial.errors import StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.run.action import Context
from seatrial.run.logs import safe_name
from seatrial.run.steps import Room
from seatrial.system import files

_KEY, _WANTED, _REPLACED, _REQUEST = "key", "wanted", "replaced", "request"
_KEPT_SECONDS = 15 * 86400.0
_LONGEST_KEY = 4096
# Commands in a container may run as another user; nobody else of this machine gets into their workspace.
_FOR_US, _FOR_COMMANDS = 0o600, 0o644


class Kept(NamedTuple):
    """A cache; `request` is the pull request whose own it is, "" where it is everybody's."""

    folder: Path
    key: str
    request: str


def take(context: Context, room: Room, folder: str) -> None:
    """Bring the newest cache whose key begins with a wanted one. Raises StageFailed."""
    inside = _inside(room, folder)
    for wanted in _lines(inside / _WANTED):
        for kept in _caches(context):
            if kept.key.startswith(wanted):
                _copy(kept.folder, inside, _FOR_COMMANDS)
                room.log(f"the cache {kept.key} is found\n".encode("utf-8", "surrogateescape"))
                return
        room.log(f"there is no cache {wanted}\n".encode("utf-8", "surrogateescape"))


def keep(context: Context, room: Room, folder: str) -> None:
    """Keep what is in the folder under its key, and let go of what is old. Raises StageFailed."""
    inside = _inside(room, folder)
    keys = _lines(inside / _KEY)
    if not keys:
        return
    if any(kept.key == keys[0] for kept in _caches(context)):
        room.log(f"there is a cache {keys[0]} already\n".encode("utf-8", "surrogateescape"))
        return
    _remove_old(context)
    made = _all(context) / f"{time.time_ns():020}"
    partial = files.beside(made)
    partial.mkdir(parents=True, mode=0o700)
    try:
        _copy(inside, partial, _FOR_US)
        if context.facts.request:
            files.write(partial / _REQUEST, context.facts.request.encode("utf-8", "surrogateescape"))
        partial.rename(made)
    except BaseException:
        files.remove(partial)
        raise
    _remove_replaced(context, made, _lines(inside / _REPLACED))
    room.log(f"kept as the cache {keys[0]}\n".encode("utf-8", "surrogateescape"))


def _all(context: Context) -> Path:
    return context.home / "caches" / safe_name(context.project)


def _caches(context: Context) -> list[Kept]:
    """The caches that the run may find, the newest first."""
    return [kept for kept in _everybodys(context) if kept.request in ("", context.facts.request)]


def _everybodys(context: Context) -> list[Kept]:
    """All caches of the project, the newest first."""
    try:
        names = sorted((one.name for one in _all(context).iterdir() if one.name.isdecimal()), reverse=True)
    except FileNotFoundError:
        return []
    found = (_all(context) / name for name in names)
    read = ((kept, _lines(kept / _KEY), _lines(kept / _REQUEST)) for kept in found)
    return [Kept(kept, keys[0], "".join(request[:1])) for kept, keys, request in read if keys]


def _remove_replaced(context: Context, made: Path, beginnings: list[str]) -> None:
    """A cache may stand in the place of those before it, where they are as much its own."""
    for kept in _caches(context) if beginnings else ():
        is_own = kept.request == context.facts.request
        if is_own and kept.folder.name < made.name and kept.key.startswith(tuple(beginnings)):
            files.remove(kept.folder)


def _remove_old(context: Context) -> None:
    for kept in _everybodys(context):
        if time.time_ns() - int(kept.folder.name) > _KEPT_SECONDS * 1e9:
            files.remove(kept.folder)


def _inside(room: Room, folder: str) -> Path:
    """The folder that the steps know as below their TMPDIR. Raises StageFailed where a link stands for it."""
    wanted = room.temporary / "tmp" / folder
    if os.path.realpath(wanted) != str(Path(os.path.realpath(room.temporary), "tmp", folder)):
        raise StageFailed(f"the folder {folder!r} below TMPDIR is a link")
    return wanted


def _lines(path: Path) -> list[str]:
    try:
        with os.fdopen(_open(path), "rb") as file:
            text = file.read(_LONGEST_KEY).decode("utf-8", "surrogateescape")
    except OSError:
        return []
    return [line for line in text.splitlines() if line]


def _open(path: Path) -> int:
    """A file, and nothing that a link leads to, for reading."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("no file")
    return handle


def _copy(source: Path, target: Path, mode: int) -> None:
    """The files of one folder into another, but those that say what is with them. Raises StageFailed."""
    import shutil

    try:
        for name in sorted(one.name for one in source.iterdir()):
            if name in (_WANTED, _REPLACED, _REQUEST):
                continue
            new = os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            with os.fdopen(_open(source / name), "rb") as old, os.fdopen(new, "wb") as file:
                os.fchmod(new, mode)  # whatever our umask is
                shutil.copyfileobj(old, file, 1 << 20)
    except OSError as error:
        raise StageFailed(f"the cache cannot be copied: {error.strerror or error}") from None
