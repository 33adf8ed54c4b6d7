"""What a folder holds, seen without reading a content; what no tree can keep is refused here."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seatrial import patterns
from seatrial.errors import BadInput, some
from seatrial.named_tuple import NamedTuple

FILE = "file"
EXECUTABLE = "executable"
LINK = "link"
SPECIAL = "special"  # a pipe, a socket or a device: it has no content, so no tree can keep it
_LONGEST = 200  # of a path in a message


class Found(NamedTuple):
    """`path` is relative to the folder, with "/"; `target` is that of a link, else ""."""

    path: str
    kind: str
    size: int
    target: str = ""


def scan(folder: Path, wanted: Sequence[str] | None = None, *, may_leave: bool = False) -> list[Found]:
    """All files and links of a folder, or those that the patterns name, sorted by path.

    Raises BadInput for a pattern that names nothing, for special files, and unless they may for links that
    leave the folder. An absolute link into the folder is taken as the relative one.
    """
    if wanted is None:
        found = {one.path: _kept(one) for one in _walk(str(folder), "")}
    else:
        found = {one.path: _kept(one) for pattern in wanted for one in _wanted(folder, pattern)}
    links = [one.path for one in found.values() if one.kind == LINK]
    if links and not may_leave:
        refuse_leaving(folder, links)
    return sorted(found.values())


def named(folder: Path, pattern: str) -> list[Found]:
    """All that one pattern names, perhaps nothing, also what no tree can keep: a name first, then a glob."""
    root, plain = str(folder), patterns.normal(pattern)
    if plain and not os.path.lexists(f"{root}/{plain}"):
        if not patterns.is_glob(plain):
            return []
        matches = patterns.compiled(plain).match
        return [one for one in _walk(root, "") if matches(one.path)]
    refuse_through_link(root, pattern)
    info = os.lstat(f"{root}/{plain}")
    return list(_walk(root, plain)) if stat.S_ISDIR(info.st_mode) else [_seen(root, plain, info)]


def _wanted(folder: Path, pattern: str) -> list[Found]:
    found, plain = named(folder, pattern), patterns.normal(pattern)
    if not found and not os.path.lexists(f"{folder}/{plain}"):
        names = nearest(plain, (one.path for one in _walk(str(folder), "")))
        hint = (
            f"did you mean {names}?" if names else "paths are relative to the folder that a stage starts in"
        )
        raise BadInput(f"there is no {plain!r}", hint=hint)
    return found


def _walk(root: str, start: str) -> Iterator[Found]:
    folders = [start]
    while folders:
        at = folders.pop()
        prefix = f"{at}/" if at else ""
        with _listing(root, at) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(prefix + entry.name)
                else:
                    yield _seen(root, prefix + entry.name, entry.stat(follow_symlinks=False))


def empty_folders(folder: Path, wanted: Iterable[str]) -> list[str]:
    """Those of the named folders, and of all in them, that hold nothing, so that no tree keeps them.

    What cannot be looked into is not among them: `scan` says what is wrong with it.
    """
    found, waiting = [], [patterns.normal(path) for path in wanted]
    while waiting:
        at = waiting.pop()
        try:
            with os.scandir(f"{folder}/{at}") as entries:
                inner = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            continue
        waiting += [f"{at}/{name}" if at else name for name, is_folder in inner if is_folder]
        found += [] if inner else [at]
    return sorted(set(found))


def _listing(root: str, at: str) -> "os._ScandirIterator[str]":
    try:
        return os.scandir(f"{root}/{at}")
    except OSError as error:
        name = at or root
        shown = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
        is_deep = error.errno == errno.ENAMETOOLONG
        hint = "no path may have more than 4,095 bytes" if is_deep else "may it be read by who runs this?"
        raise BadInput(f"cannot read the folder {shown!r}: {error.strerror}", hint) from error


def look(root: str, path: str) -> Found | None:
    """What one path of a folder is; None for a folder, and for what is not there."""
    try:
        info = os.lstat(f"{root}/{path}")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if stat.S_ISDIR(info.st_mode) else _kept(_seen(root, path, info))


def _kept(one: Found) -> Found:
    if one.kind == SPECIAL:
        hint = "remove it, or put it into another folder: a pipe, a socket or a device has no content"
        raise BadInput(f"{one.path!r} is neither a file, a folder nor a link, and cannot be kept", hint)
    return one


def _seen(root: str, path: str, info: os.stat_result) -> Found:
    if stat.S_ISREG(info.st_mode):
        return Found(path, EXECUTABLE if info.st_mode & 0o100 else FILE, info.st_size)
    if stat.S_ISLNK(info.st_mode):
        return Found(path, LINK, 0, _relative(root, path, os.readlink(f"{root}/{path}")))  # noqa: PTH115 - hot
    return Found(path, SPECIAL, 0)


def _relative(root: str, path: str, target: str) -> str:
    """The target, relative where it is an absolute one into the folder."""
    for top in {os.path.abspath(root), os.path.realpath(root)}:  # noqa: PTH100 - hot
        if target.startswith(top + "/"):
            return os.path.relpath(target, os.path.dirname(f"{top}/{path}"))  # noqa: PTH120 - hot
    return target


def refuse_through_link(root: str, path: str) -> None:
    """Raise BadInput where the folder that a path of `root` lies in is outside, by a link."""
    parent = os.path.dirname(patterns.normal(path))  # noqa: PTH120 - hot
    if parent and not _is_inside(os.path.realpath(root), os.path.realpath(f"{root}/{parent}")):
        hint = "make a folder in the link's place"
        raise BadInput(f"the path {path!r} leaves its folder by a link", hint, about=path)


def refuse_leaving(folder: Path, links: Iterable[str]) -> None:
    """Raise BadInput naming the links of a folder that lead out of it."""
    top = os.path.realpath(folder)
    leaving = [path for path in links if not _is_inside(top, os.path.realpath(f"{top}/{path}"))]
    if leaving:
        hint = "put a file in the link's place, or declare its target as an input by its absolute path"
        raise leads_out(leaving, hint)


def leads_out(links: Sequence[str], hint: str, about: str = "") -> BadInput:
    """The error for links that lead out of their folder."""
    return BadInput(f"a link leads out of its folder: {some(links)}", hint=hint, about=about)


def _is_inside(top: str, path: str) -> bool:
    return path == top or path.startswith(top + "/")


def nearest(name: str, names: Iterable[str]) -> str:
    """Up to three names like `name`, for "did you mean", or "": first those of that name elsewhere."""
    from difflib import get_close_matches

    plain = name.rstrip("/")
    every = sorted({part for one in names for part in (one, one.rpartition("/")[0]) if part})
    elsewhere = [one for one in every if one.endswith(f"/{plain}")]
    return ", ".join(repr(one) for one in (elsewhere or get_close_matches(plain, every[:2000], 3))[:3])
